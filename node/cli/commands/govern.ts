/** `infernode govern`: proposals, votes and what becomes of them. */
import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import type { ProposalOptions } from '../govern/proposal.ts'
import type { Io } from '../io.ts'

interface ChainOptions {
  rpcUrl: string
  privateKey?: string
  json?: boolean
}

interface ProposeOptions extends ChainOptions, ProposalOptions {
  description: string
  check: boolean
}

export function addGovernCommand(program: Command, io: Io): void {
  const govern = program.command('govern').description('propose changes of models, access and prices, vote on them and carry them out')
  const command = (name: string, description: string) =>
    govern
      .command(name)
      .description(description)
      .option('-r, --rpc-url <url>', 'JSON-RPC of the chain', 'http://127.0.0.1:8545')
      .option('-k, --private-key <hex>', "key of the sender (default: the node's first account signs)")
      .option('--json', 'print JSON')

  command('propose', 'propose one or several changes, to be carried out together')
    .requiredOption('-d, --description <text>', 'what it is for; two proposals of the same changes differ by it')
    .option('--upgrade <name=model...>', 'make a model the newest version of a name')
    .option('--price <name=milligas...>', 'change prices, within their bounds')
    .option('--access <model=rule...>', 'open, allowlist, roles:AUTHORITY:ROLE or policy:AUTHORITY')
    .option('--allow <model=accounts...>', 'put accounts, with commas between them, on an allowlist')
    .option('--disallow <model=accounts...>', 'take accounts off an allowlist')
    .option('--retire <model...>', 'retire models')
    .option('--no-check', 'propose even what would fail if it were carried out now')
    .action(async (options: ProposeOptions) => {
      const [{ proposedCalls }, { governor, reader }] = await Promise.all([import('../govern/proposal.ts'), open(options)])
      const calls = await proposedCalls(options, reader)
      if (options.check) for (const call of calls) await governor.check(call)
      const id = await governor.propose(calls, options.description)
      if (options.json)
        return io.out(
          JSON.stringify({ id: id.toString(), calls: calls.map(({ says, target, data }) => ({ says, target, data })) }, undefined, 2),
        )
      io.out(`${io.colors.bold('proposal')}  ${id}`)
      for (const { says } of calls) io.out(`  ${says}`)
    })

  command('vote', 'vote on a proposal')
    .argument('<id>', 'number of the proposal')
    .argument('<ballot>', 'for, against or abstain')
    .option('--reason <text>', 'to be recorded with the vote', '')
    .action(async (id: string, ballot: string, options: ChainOptions & { reason: string }) => {
      const [{ ballots }, { governor }] = await Promise.all([import('../govern/governor.ts'), open(options)])
      const known = ballots.find((candidate) => candidate === ballot)
      if (known === undefined) throw new UsageError(`got ${ballot}, wanted ${ballots.join(', ')}`)
      const weight = await governor.vote(idOf(id), known, options.reason)
      const { formatEther } = await import('viem')
      if (options.json) return io.out(JSON.stringify({ id, ballot, weight: weight.toString() }, undefined, 2))
      io.out(`voted ${ballot} with ${formatEther(weight)} votes`)
    })

  command('queue', 'hand a proposal that has succeeded to the timelock')
    .argument('<id>', 'number of the proposal')
    .action(async (id: string, options: ChainOptions) => {
      const { governor } = await open(options)
      await governor.queue(idOf(id))
      const proposal = (await governor.proposals()).find((candidate) => candidate.id === idOf(id))
      if (options.json) return io.out(JSON.stringify({ id, executableAt: proposal?.executableAt.toString() }, undefined, 2))
      io.out(`queued; to be executed from ${timeText(proposal?.executableAt ?? 0n)} on`)
    })

  command('execute', 'carry out a proposal whose time in the timelock is over')
    .argument('<id>', 'number of the proposal')
    .action(async (id: string, options: ChainOptions) => {
      const { governor } = await open(options)
      await governor.execute(idOf(id))
      io.out(options.json ? JSON.stringify({ id, state: 'executed' }, undefined, 2) : 'executed')
    })

  command('status', 'show all proposals, or one')
    .argument('[id]', 'number of the proposal')
    .action(async (id: string | undefined, options: ChainOptions) => {
      const { governor } = await open(options)
      const proposals = (await governor.proposals()).filter((proposal) => id === undefined || proposal.id === idOf(id))
      if (id !== undefined && proposals.length === 0) throw new UsageError(`there is no proposal ${id}`)
      if (options.json) return io.out(JSON.stringify(proposals, (_key, value) => (typeof value === 'bigint' ? value.toString() : value), 2))
      if (proposals.length === 0) return io.out('no proposals')
      const { formatEther } = await import('viem')
      for (const { id, description, state, votes, voteStart, voteEnd, executableAt } of proposals) {
        io.out(`${io.colors.bold('proposal')}  ${id}\n  ${description}`)
        io.out(`  ${state} · for ${formatEther(votes.for)} · against ${formatEther(votes.against)} · abstain ${formatEther(votes.abstain)}`)
        io.out(
          `  vote from ${timeText(voteStart)} to ${timeText(voteEnd)}${executableAt === 0n ? '' : `, execution from ${timeText(executableAt)} on`}`,
        )
      }
    })
}

async function open({ rpcUrl, privateKey }: ChainOptions) {
  const [{ connect }, { openGovernor }] = await Promise.all([import('../clients.ts'), import('../govern/governor.ts')])
  const clients = await connect(rpcUrl, privateKey)
  return { governor: await openGovernor(clients), reader: clients.reader }
}

function idOf(text: string): bigint {
  if (!/^(\d+|0x[0-9a-fA-F]+)$/.test(text)) throw new UsageError(`got ${text}, wanted the number of a proposal`)
  return BigInt(text)
}

function timeText(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString()
}
