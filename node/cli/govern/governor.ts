/** The governor of a chain, as the commands of `infernode govern` talk to it. */
import type { Abi, Hex } from 'viem'
import { parseAbi } from 'viem'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferErrors } from '../../client/errors.ts'
import { loadContract } from '../../contracts.ts'
import type { ChainClients } from '../clients.ts'
import { UsageError } from '../errors.ts'
import type { ProposedCall } from './proposal.ts'

/** In the order of IGovernor.ProposalState. */
const states = ['pending', 'active', 'canceled', 'defeated', 'succeeded', 'queued', 'expired', 'executed'] as const
/** In the order of GovernorCountingSimple.VoteType. */
export const ballots = ['against', 'for', 'abstain'] as const
export type Ballot = (typeof ballots)[number]

/** The contracts whose errors a proposal can end with. */
const governed = ['ModelGovernor', 'GovernanceTimelock', 'GasSchedule', 'ModelNames', 'ModelAccess', 'ModelRegistry']

const governorFunctions = parseAbi([
  'function propose(address[] targets, uint256[] values, bytes[] calldatas, string description) returns (uint256 proposalId)',
  'function castVoteWithReason(uint256 proposalId, uint8 support, string reason) returns (uint256 weight)',
  'function queue(uint256 proposalId)',
  'function execute(uint256 proposalId) payable',
  'function state(uint256 proposalId) view returns (uint8)',
  'function proposalVotes(uint256 proposalId) view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes)',
  'function proposalEta(uint256 proposalId) view returns (uint256)',
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
])

export interface ProposalStatus {
  id: bigint
  description: string
  proposer: Hex
  state: (typeof states)[number]
  /** Of the token's smallest unit. */
  votes: Record<Ballot, bigint>
  /** In seconds since 1970. */
  voteStart: bigint
  voteEnd: bigint
  /** When it may be executed; 0n until it is queued. */
  executableAt: bigint
}

export interface Governor {
  /** Reverts with what the call would revert with if the timelock made it now. */
  check(call: ProposedCall): Promise<void>
  propose(calls: readonly ProposedCall[], description: string): Promise<bigint>
  /** Answers with the votes that it weighs. */
  vote(id: bigint, ballot: Ballot, reason: string): Promise<bigint>
  queue(id: bigint): Promise<void>
  execute(id: bigint): Promise<void>
  /** All proposals, in order. */
  proposals(): Promise<ProposalStatus[]>
}

/** @throws UsageError where the chain has no governor */
export async function openGovernor({ reader, writer }: ChainClients): Promise<Governor> {
  const address = addresses.modelGovernor
  if ((await reader.getCode({ address })) === undefined)
    throw new UsageError('the chain has no governance: start it with one in its configuration (docs/governance.md)')
  const errors = governed.flatMap((name) => loadContract(name).abi.filter(({ type }) => type === 'error'))
  const abi: Abi = [...governorFunctions, ...errors]
  const { account } = writer

  /** What the function answers, once its transaction is mined. The next block's time decides, so that is where it is tried first. */
  const send = async (what: string, functionName: string, args: readonly unknown[]): Promise<unknown> => {
    const call = { address, abi, functionName, args: [...args], account }
    const { result } = await inferErrors(what, reader.simulateContract({ ...call, blockTag: 'pending' }))
    const hash = await inferErrors(what, writer.writeContract({ ...call, chain: writer.chain ?? null }))
    const { status } = await reader.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${what} reverted in transaction ${hash}`)
    return result
  }
  const governor = { address, abi: governorFunctions, blockTag: 'pending' } as const

  return {
    async check({ target, says, contract, functionName, args }) {
      const account = addresses.governanceTimelock
      const call = { address: target, abi: loadContract(contract).abi, functionName, args: [...args], account }
      await inferErrors(says, reader.simulateContract({ ...call, blockTag: 'pending' }))
    },
    propose: (calls, description) => {
      const args = [calls.map(({ target }) => target), calls.map(() => 0n), calls.map(({ data }) => data), description]
      return send('the proposal', 'propose', args) as Promise<bigint>
    },
    vote: (id, ballot, reason) => send('the vote', 'castVoteWithReason', [id, ballots.indexOf(ballot), reason]) as Promise<bigint>,
    async queue(id) {
      await send('queuing', 'queue', [id])
    },
    async execute(id) {
      await send('the execution', 'execute', [id])
    },
    async proposals() {
      const created = await reader.getContractEvents({
        address,
        abi: governorFunctions,
        eventName: 'ProposalCreated',
        fromBlock: 0n,
        strict: true,
      })
      return Promise.all(
        created.map(async ({ args: { proposalId: id, proposer, description, voteStart, voteEnd } }) => {
          const [state, [against, infavour, abstain], executableAt] = await Promise.all([
            reader.readContract({ ...governor, functionName: 'state', args: [id] }),
            reader.readContract({ ...governor, functionName: 'proposalVotes', args: [id] }),
            reader.readContract({ ...governor, functionName: 'proposalEta', args: [id] }),
          ])
          const votes = { against, for: infavour, abstain }
          return { id, description, proposer, state: states[state] ?? 'pending', votes, voteStart, voteEnd, executableAt }
        }),
      )
    },
  }
}
