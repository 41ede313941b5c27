/** debug_trace*: the steps, states and counts that Anvil 1.7.1 (with --steps-tracing) reports of the same transactions. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bytes, contracts, deploying, word } from '../node/harness.ts'
import { rpcOf, startTestNode, type TestNode } from './support.ts'

interface Step {
  pc: number
  op: string
  gas: number
  gasCost: number
  depth: number
  error?: string
  stack?: string[]
  memory?: string[]
  storage?: Record<string, string>
  returnData?: string
  refund: number
}
interface StructTrace {
  gas: number
  failed: boolean
  returnValue: string
  structLogs: Step[]
}

/** Copies words 1 and 2 of its calldata, calls the address in word 0 with them, and returns what that returned. */
const RELAY = '60406020600037 60006000604060006000 6000355af1 3d600060003e 3d6000f3'.replaceAll(' ', '')
const hexWord = (value: bigint) => `0x${word(value)}`

let node: TestNode
let rpc: ReturnType<typeof rpcOf>
let from: `0x${string}`
let store: string
let relay: string
let hash: string

before(async () => {
  node = await startTestNode()
  rpc = rpcOf(node.url)
  from = node.chain.accounts[0]!
  const deploy = async (code: string) => {
    await node.chain.submitAs({ from, data: deploying(code) })
    return node.chain.head().receipts[0]!.contractAddress!
  }
  store = await deploy(contracts.store)
  relay = await deploy(RELAY)
  const data = bytes(store.slice(2).padStart(64, '0') + word(7n) + word(9n))
  hash = await node.chain.submitAs({ from, to: relay as `0x${string}`, data, gas: 0x100000n })
})
after(() => node.close())

test('without a tracer every step comes with its gas, cost, depth and stack', async () => {
  const { gas, failed, returnValue, structLogs } = await rpc<StructTrace>('debug_traceTransaction', hash)
  assert.deepEqual([gas, failed, returnValue, structLogs.length], [47456, false, '0x', 35])
  assert.deepEqual(structLogs[3], {
    pc: 6,
    op: 'CALLDATACOPY',
    gas: 1026919,
    gasCost: 15,
    depth: 1,
    stack: ['0x40', '0x20', '0x0'],
    refund: 0,
  })
  const call = structLogs[12]!
  assert.deepEqual([call.op, call.gas, call.gasCost], ['CALL', 1026881, 1010877], 'the gas passed on is part of the cost')
  const write = structLogs[17]!
  assert.deepEqual([write.op, write.depth, write.gasCost, write.storage], ['SSTORE', 2, 22100, { [hexWord(7n)]: hexWord(9n) }])
  assert.deepEqual([structLogs[27]!.op, structLogs[28]!.gas], ['STOP', 1001136])
})

test('memory and return data are shown when asked for, stack and storage hidden', async () => {
  const options = { enableMemory: true, enableReturnData: true, disableStack: true, disableStorage: true }
  const { structLogs } = await rpc<StructTrace>('debug_traceTransaction', hash, options)
  assert.deepEqual(structLogs[3]!.memory, [])
  assert.deepEqual(structLogs[4]!.memory, [hexWord(7n), hexWord(9n)])
  assert.equal(structLogs[0]!.returnData, '0x')
  assert.ok(structLogs.every(({ stack, storage }) => stack === undefined && storage === undefined))
  const limited = await rpc<StructTrace>('debug_traceTransaction', hash, { limit: 3 })
  assert.deepEqual([limited.structLogs.length, limited.gas], [3, 47456])
})

test('the step that fails carries the reason', async () => {
  const call = { from, to: store, data: hexWord(1n) + word(2n), gas: '0x7000' }
  const { failed, gas, structLogs } = await rpc<StructTrace>('debug_traceCall', call, 'latest', {})
  assert.deepEqual([failed, gas, structLogs.length], [true, 28672, 5])
  const { op, gasCost, error } = structLogs.at(-1)!
  assert.deepEqual([op, gasCost, error], ['SSTORE', 7380, 'out of gas'])
})

test('prestateTracer gives what the transaction touches as it was before', async () => {
  const state = await rpc<Record<string, object>>('debug_traceTransaction', hash, { tracer: 'prestateTracer' })
  assert.deepEqual(state, {
    [from]: { balance: '0x21e19e0c9bab2400000', nonce: 2 },
    [relay]: { balance: '0x0', nonce: 1, code: `0x${RELAY}` },
    [store]: { balance: '0x0', nonce: 1, code: `0x${contracts.store}`, storage: { [hexWord(7n)]: hexWord(0n) } },
  })
  const lean = await rpc<Record<string, object>>('debug_traceTransaction', hash, {
    tracer: 'prestateTracer',
    tracerConfig: { disableCode: true, disableStorage: true },
  })
  assert.deepEqual(lean[store], { balance: '0x0', nonce: 1 })
})

test('prestateTracer with diffMode gives what changed, before and after', async () => {
  const diff = await rpc('debug_traceTransaction', hash, { tracer: 'prestateTracer', tracerConfig: { diffMode: true } })
  assert.deepEqual(diff, {
    pre: {
      [from]: { balance: '0x21e19e0c9bab2400000', nonce: 2 },
      [store]: { balance: '0x0', nonce: 1, code: `0x${contracts.store}` },
    },
    post: { [from]: { nonce: 3 }, [store]: { storage: { [hexWord(7n)]: hexWord(9n) } } },
  })
  const creation = await rpc<{ pre: object; post: Record<string, object> }>(
    'debug_traceCall',
    { from, data: `0x${Buffer.from(deploying(contracts.answer)).toString('hex')}` },
    'latest',
    { tracer: 'prestateTracer', tracerConfig: { diffMode: true } },
  )
  assert.deepEqual(Object.keys(creation.pre), [from], 'what is created was not there before')
  const created = Object.keys(creation.post).find((address) => address !== from)!
  assert.deepEqual(creation.post[created], { nonce: 1, code: `0x${contracts.answer}` })
})

test('4byteTracer counts selectors with the length of their calldata', async () => {
  const counts = await rpc('debug_traceTransaction', hash, { tracer: '4byteTracer' })
  assert.deepEqual(counts, { '0x00000000-92': 1, '0x00000000-60': 1 })
})

test('muxTracer runs several, noopTracer none', async () => {
  const tracerConfig = { '4byteTracer': {}, noopTracer: {}, callTracer: { onlyTopCall: true } }
  const traces = await rpc<Record<string, { gasUsed?: string }>>('debug_traceTransaction', hash, { tracer: 'muxTracer', tracerConfig })
  assert.deepEqual(traces['4byteTracer'], { '0x00000000-92': 1, '0x00000000-60': 1 })
  assert.equal(traces.callTracer!.gasUsed, '0xb960')
  assert.deepEqual(traces.noopTracer, {})
})

test('a block is traced by number, hash and RLP, each transaction on the state that it met', async () => {
  const { chain } = node
  chain.setAutomine(false)
  const slots = [1n, 2n, 3n]
  for (const slot of slots) {
    await chain.submitAs({ from, to: store as `0x${string}`, data: bytes(word(slot) + word(slot)), gas: 100_000n })
  }
  await chain.mine()
  chain.setAutomine(true)
  const { block, hash: blockHash, receipts } = chain.head()
  const number = `0x${block.header.number.toString(16)}`
  const options = { tracer: 'callTracer' }
  const traces = await rpc<{ txHash: string; result: { gasUsed: string } }[]>('debug_traceBlockByNumber', number, options)
  assert.deepEqual(
    traces.map(({ txHash, result }) => [txHash, BigInt(result.gasUsed)]),
    receipts.map(({ transactionHash, gasUsed }) => [transactionHash, gasUsed]),
  )
  assert.deepEqual(await rpc('debug_traceBlockByHash', blockHash, options), traces)
  assert.deepEqual(await rpc('debug_traceBlock', await rpc('debug_getRawBlock', number), options), traces)
  const prestates = await rpc<{ result: Record<string, { nonce: number }> }[]>('debug_traceBlockByNumber', number, {
    tracer: 'prestateTracer',
  })
  assert.deepEqual(
    prestates.map(({ result }) => result[from]!.nonce),
    [3, 4, 5],
  )
})

test('debug_storageRangeAt pages through the slots that a transaction finds', async () => {
  const { hash: blockHash } = node.chain.head()
  interface Range {
    storage: Record<string, { key: string | null; value: string }>
    nextKey: string | null
  }
  const before = await rpc<Range>('debug_storageRangeAt', blockHash, 0, store, '0x', 10)
  assert.deepEqual(valuesOf(before), [9n])
  const within = await rpc<Range>('debug_storageRangeAt', blockHash, 2, store, '0x', 10)
  assert.deepEqual(valuesOf(within), [1n, 2n, 9n])
  assert.equal(within.nextKey, null)
  const first = await rpc<Range>('debug_storageRangeAt', blockHash, 3, store, '0x0', 3)
  const rest = await rpc<Range>('debug_storageRangeAt', blockHash, 3, store, first.nextKey, 3)
  assert.deepEqual([...valuesOf(first), ...valuesOf(rest)].sort(), [1n, 2n, 3n, 9n])
  assert.equal(rest.nextKey, null)

  function valuesOf({ storage }: Range) {
    return Object.values(storage)
      .map(({ value }) => BigInt(value))
      .sort()
  }
})

test('an unknown tracer is refused with the names of those there are', async () => {
  const message = /"tracing.tracer": wanted one of callTracer, prestateTracer, 4byteTracer, noopTracer, muxTracer, .* got "fooTracer"/
  await assert.rejects(rpc('debug_traceTransaction', hash, { tracer: 'fooTracer' }), message)
  await assert.rejects(
    rpc('debug_traceCall', { to: store }, 'latest', { tracer: 'callTracer', tracerConfig: { withLog: 1 } }),
    /callTracer: withLog/,
  )
  await assert.rejects(rpc('debug_traceTransaction', hexWord(1n)), { message: /not found/ })
})
