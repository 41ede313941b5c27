/** Governance from the vote to what it has changed, by the commands of `infernode govern`, on a chain of its own. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pc from 'picocolors'
import { encodeFunctionData } from 'viem'
import { createWallet } from '../../node/chain/wallet.ts'
import { connect } from '../../node/cli/clients.ts'
import type { Io } from '../../node/cli/io.ts'
import { runCli } from '../../node/cli/main.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { loadConfig } from '../../node/config.ts'
import { loadContract } from '../../node/contracts.ts'
import { governanceAccounts } from '../../node/governance.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { addresses, genesisPrices, inferenceAbi, priceNames } from '../../precompiles/index.ts'
import { denseArtifact } from '../precompiles/models.ts'

type Hex = `0x${string}`

const governance = { votingDelay: 10, votingPeriod: 1000, timelockDelay: 500, quorumPercent: 40 }
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
const zero: Hex = `0x${'00'.repeat(20)}`
const input: Hex = `0x${'01'.repeat(64)}`

let node: RunningNode
let url: string
let clients: Awaited<ReturnType<typeof connect>>
let models: Hex[]

async function infernode(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' }
  const io: Io = {
    out: (line) => {
      text.out += `${line}\n`
    },
    err: (line) => {
      text.err += `${line}\n`
    },
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: false,
    colors: pc.createColors(false),
    stopSignal: () => new AbortController().signal,
  }
  return { code: await runCli(args, io), ...text }
}

/** Runs `infernode govern … --json`; what it printed. */
async function govern(command: string, ...args: string[]) {
  const ended = await infernode('govern', command, ...args, '--rpc-url', url, '--json')
  assert.equal(ended.code, 0, ended.err)
  return JSON.parse(ended.out)
}
async function refused(message: RegExp, command: string, ...args: string[]) {
  const ended = await infernode('govern', command, ...args, '--rpc-url', url)
  assert.equal(ended.code, 1)
  assert.match(ended.err, message)
}

async function rpc<Result = Hex>(method: string, ...params: unknown[]): Promise<Result> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = (await response.json()) as { result: Result; error?: { message: string } }
  assert.equal(error, undefined, error?.message)
  return result
}
async function wait(seconds: number) {
  await rpc('evm_increaseTime', seconds)
  await rpc('evm_mine')
}
async function send(contract: string, address: Hex, functionName: string, args: readonly unknown[]) {
  const { abi } = loadContract(contract)
  const hash = await clients.writer.writeContract({ address, abi, functionName, args: [...args], chain: clients.writer.chain ?? null })
  assert.equal((await clients.reader.waitForTransactionReceipt({ hash })).status, 'success')
}
const read = (contract: string, address: Hex, functionName: string, args: readonly unknown[] = [], blockNumber?: bigint) =>
  clients.reader.readContract({
    address,
    abi: loadContract(contract).abi,
    functionName,
    args: [...args],
    ...(blockNumber === undefined ? {} : { blockNumber }),
  })
const runData = (model: Hex) => encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [model, input] })
const gasOf = (model: Hex, blockNumber?: bigint) =>
  read('IInference', addresses.inference, 'gasOf', [model, true], blockNumber) as Promise<bigint>
const resolve = (blockNumber?: bigint) => read('ModelNames', addresses.modelNames, 'resolve', ['digits'], blockNumber)
const stateOf = async (id: string) => (await govern('status', id))[0].state

/** Four of ten equal accounts vote for it, which is the quorum: two by the command, two by themselves. */
async function voteThrough(id: string) {
  await wait(governance.votingDelay + 1)
  const wallet = createWallet(node.chain.config.mnemonic, 4)
  for (const account of wallet.addresses.slice(0, 2))
    assert.equal((await govern('vote', id, 'for', '--private-key', hex(wallet.privateKey(account)!))).weight, `${10n ** 24n}`)
  for (const from of wallet.addresses.slice(2)) {
    const data = encodeFunctionData({ abi: loadContract('ModelGovernor').abi, functionName: 'castVote', args: [BigInt(id), 1] })
    await rpc('eth_sendTransaction', { from, to: addresses.modelGovernor, data })
  }
  await wait(governance.votingPeriod + 1)
}

before(async () => {
  node = await startNode(loadConfig({ env: {}, flags: { port: 0, logLevel: 'silent', governance } }))
  url = `http://127.0.0.1:${node.server.port}`
  clients = await connect(url)
  models = []
  for (const seed of [1, 2])
    models.push((await deployModel(clients.writer, { artifact: denseArtifact(64, 10, seed), metadata: `${seed}` })).id)
  await send('ModelNames', addresses.modelNames, 'register', ['digits', models[0]])
  await send('ModelNames', addresses.modelNames, 'transferOwnership', ['digits', addresses.governanceTimelock])
  for (const model of models)
    await send('ModelRegistry', addresses.modelRegistry, 'transferOwnership', [model, addresses.governanceTimelock])
})
after(() => node.close())

describe('the accounts of a governance', () => {
  const config = (flags: Record<string, unknown>) => loadConfig({ env: {}, flags })

  test('follow from the configuration alone, whatever the order of its keys', async () => {
    const [a, b] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`]
    const first = await governanceAccounts(config({ governance: { ...governance, votes: { [a]: '5', [b]: '7' } } }))
    const second = await governanceAccounts(config({ governance: { votes: { [b]: '7', [a]: '5' }, ...governance } }))
    assert.deepEqual(first, second)
    const other = await governanceAccounts(config({ governance, chainId: 5 }))
    assert.notDeepEqual(other[addresses.modelGovernor]?.code, first[addresses.modelGovernor]?.code, 'the chain id is in the code')
    assert.deepEqual(await governanceAccounts(config({})), {})
  })

  test('are what their constructors say', async () => {
    assert.equal(await read('ModelGovernor', addresses.modelGovernor, 'votingPeriod'), 1000n)
    assert.equal(await read('GovernanceTimelock', addresses.governanceTimelock, 'getMinDelay'), 500n)
    assert.equal(await read('GovernanceToken', addresses.governanceToken, 'totalSupply'), 10n ** 25n)
    assert.equal(await read('GovernanceToken', addresses.governanceToken, 'getVotes', [node.chain.accounts[0]]), 10n ** 24n)
    assert.equal(String(await read('GasSchedule', addresses.gasSchedule, 'owner')).toLowerCase(), addresses.governanceTimelock)
  })

  test('leave no room for another owner of the prices', async () => {
    await assert.rejects(
      startNode(loadConfig({ env: {}, flags: { port: 0, governance, gasScheduleOwner: `0x${'aa'.repeat(20)}` } })),
      /gasScheduleOwner: got an address, wanted none beside a governance/,
    )
    await assert.rejects(governanceAccounts(config({ governance: { ...governance, votes: { [zero]: '5' } } })), /GovernanceToken/)
  })
})

test('a vote upgrades a name, changes access and prices; old blocks keep what they had', async () => {
  const [old, next] = models as [Hex, Hex]
  const gasBefore = await gasOf(next)
  const firstRun = await rpc('eth_sendTransaction', {
    from: node.chain.accounts[0],
    to: addresses.inference,
    data: runData(next),
    gas: '0x989680',
  })
  const changes = ['--upgrade', `digits=${next}`, '--price', `base=${genesisPrices.base * 2n}`, `gemvMacs=${genesisPrices.gemvMacs * 2n}`]
  const rule = ['--access', `${next}=allowlist`, '--allow', `${next}=${node.chain.accounts[0]}`]
  const { id, calls } = await govern('propose', '-d', 'Upgrade digits', ...changes, ...rule)
  assert.equal(calls.length, 4)
  assert.equal(await stateOf(id), 'pending')
  await refused(/GovernorUnexpectedProposalState/, 'vote', id, 'for')
  await voteThrough(id)
  assert.equal(await stateOf(id), 'succeeded')
  await refused(/TimelockUnexpectedOperationState|GovernorUnexpectedProposalState/, 'execute', id)
  await govern('queue', id)
  assert.equal(await stateOf(id), 'queued')
  await refused(/TimelockUnexpectedOperationState/, 'execute', id)
  await wait(governance.timelockDelay)
  const { number: beforeBlock } = await clients.reader.getBlock()
  assert.equal(await resolve(), old)
  await govern('execute', id)
  assert.equal(await stateOf(id), 'executed')

  assert.equal(await resolve(), next)
  assert.equal(await read('ModelNames', addresses.modelNames, 'versionOf', ['digits', 1n]), old)
  const prices = (await read('GasSchedule', addresses.gasSchedule, 'prices')) as number[]
  assert.equal(prices[priceNames.indexOf('base')], Number(genesisPrices.base * 2n))
  assert.equal(prices[priceNames.indexOf('gemmMacs')], Number(genesisPrices.gemmMacs))
  assert.ok((await gasOf(next)) > gasBefore)

  // The former version can be called still; the new one by those on its list.
  await rpc('eth_call', { to: addresses.inference, data: runData(old) }, 'latest')
  await rpc('eth_call', { from: node.chain.accounts[0], to: addresses.inference, data: runData(next) }, 'latest')
  const stranger = { from: node.chain.accounts[1], to: addresses.inference, data: runData(next) }
  await assert.rejects(rpc('eth_call', stranger, 'latest'), /AccessDenied|reverted/)

  // Old blocks have the old name, access and prices, and run again as they ran.
  const block = `0x${beforeBlock.toString(16)}`
  assert.equal(await resolve(beforeBlock), old)
  assert.equal(await gasOf(next, beforeBlock), gasBefore)
  await rpc('eth_call', stranger, block)
  const receipt = await rpc<{ gasUsed: Hex }>('eth_getTransactionReceipt', firstRun)
  const traced = await rpc<{ gasUsed: Hex; error?: string }>('debug_traceTransaction', firstRun, { tracer: 'callTracer' })
  assert.equal(traced.error, undefined)
  assert.equal(traced.gasUsed, receipt.gasUsed)
})

test('a price out of bounds is refused when it is proposed, and if it is voted all the same nothing of the proposal happens', async () => {
  const [old] = models as [Hex]
  const before = await resolve()
  const { base } = genesisPrices
  const price = ['--price', `base=${base * 17n}`]
  await wait(86_400)
  const bounds = `PriceOutOfBounds\\(0, ${base * 17n}, ${base / 4n}, ${base * 16n}\\)`
  await refused(new RegExp(`set prices: base=\\d+ was refused: ${bounds}`), 'propose', '-d', 'Too much', ...price)
  const { id } = await govern('propose', '-d', 'Too much', '--no-check', '--upgrade', `digits=${old}`, ...price)
  await voteThrough(id)
  await govern('queue', id)
  await wait(governance.timelockDelay)
  await refused(/PriceOutOfBounds/, 'execute', id)
  assert.equal(await resolve(), before)
  assert.equal(await stateOf(id), 'queued')
})

test('a vote without quorum, or against, is lost', async () => {
  const { id } = await govern('propose', '-d', 'Few take part', '--upgrade', `digits=${models[0]}`)
  await wait(governance.votingDelay + 1)
  await govern('vote', id, 'for')
  await refused(/GovernorAlreadyCastVote/, 'vote', id, 'for')
  await wait(governance.votingPeriod + 1)
  assert.equal(await stateOf(id), 'defeated')
  await refused(/GovernorUnexpectedProposalState/, 'queue', id)
})

test('what is not understood is told before anything is sent', async () => {
  const model = models[0]
  await refused(/does nothing/, 'propose', '-d', 'x')
  await refused(/wanted one of base, operators/, 'propose', '-d', 'x', '--price', 'gas=1')
  await refused(/wanted milli-gas/, 'propose', '-d', 'x', '--price', 'base=-1')
  await refused(/wanted a model's id/, 'propose', '-d', 'x', '--upgrade', 'digits=0x12')
  await refused(/wanted two parts/, 'propose', '-d', 'x', '--upgrade', 'digits')
  await refused(/wanted open, allowlist/, 'propose', '-d', 'x', '--access', `${model}=roles:${zero}`)
  await refused(/wanted an address/, 'propose', '-d', 'x', '--allow', `${model}=0x12`)
  await refused(/wanted against, for, abstain/, 'vote', '1', 'yes')
  await refused(/wanted the number/, 'queue', 'first')
  await refused(/no proposal 12/, 'status', '12')
  await refused(/GovernorNonexistentProposal/, 'vote', '12', 'for')
})

test('every block runs again as it ran, under the prices, names and rules that it had', async () => {
  const head = node.chain.head().block.header.number
  for (let number = 1n; number <= head; number++) await node.chain.verify(number)
})

test('a chain without a governance says so', async () => {
  const plain = await startNode(loadConfig({ env: {}, flags: { port: 0, logLevel: 'silent' } }))
  try {
    const ended = await infernode('govern', 'status', '--rpc-url', `http://127.0.0.1:${plain.server.port}`)
    assert.match(ended.err, /^error\[USAGE\]: the chain has no governance/)
  } finally {
    await plain.close()
  }
})
