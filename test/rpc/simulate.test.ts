/** eth_simulateV1 (execution-apis): blocks of calls on top of a block, that nobody else sees. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contracts, deploying, word } from '../node/harness.ts'
import { rpcOf, startTestNode, type TestNode } from './support.ts'

interface Call {
  returnData: string
  logs: { address: string; topics: string[]; data: string; logIndex: string; blockHash: string; blockTimestamp: string }[]
  gasUsed: string
  maxUsedGas: string
  status: string
  error?: { code: number; message: string; data?: string }
}
interface Block {
  number: string
  timestamp: string
  hash: string
  parentHash: string
  baseFeePerGas: string
  gasUsed: string
  gasLimit: string
  miner: string
  mixHash: string
  stateRoot: string
  transactions: (string | { hash: string; from: string; gas: string; gasPrice: string; type: string; blockTimestamp: string })[]
  calls: Call[]
}

const A = `0x${'c0'.padEnd(40, '0')}`
const B = `0x${'c1'.padEnd(40, '0')}`
const C = `0x${'c2'.padEnd(40, '0')}`
const RICH = { [A]: { balance: '0xde0b6b3a7640000' } }
/** Forwards its value to the address in calldata; reverts when that fails. */
const FORWARD = '60006000600060003460003561fffff115601657005b60006000fd'
const ETHER = `0x${'ee'.repeat(20)}`
const hexWord = (value: bigint) => `0x${word(value)}`

let node: TestNode
let rpc: ReturnType<typeof rpcOf>
before(async () => {
  node = await startTestNode()
  rpc = rpcOf(node.url)
  await node.chain.mine(3)
})
after(async () => {
  await node.close()
  assert.deepEqual(node.faults, [])
})

const simulate = (blockStateCalls: object[], options: object = {}, block = 'latest') =>
  rpc<Block[]>('eth_simulateV1', { blockStateCalls, ...options }, block)

test('calls run in order in blocks that follow one another, and nothing of it stays', async () => {
  const head = node.chain.head()
  const [first, second] = await simulate([
    { stateOverrides: RICH, calls: [{ from: A, to: B, value: '0x3e8' }] },
    { calls: [{ from: B, to: C, value: '0x3e8' }, { to: C }] },
  ])
  assert.equal(first!.parentHash, head.hash)
  assert.equal(second!.parentHash, first!.hash)
  assert.deepEqual([BigInt(first!.number), BigInt(second!.number)], [4n, 5n])
  assert.equal(BigInt(second!.timestamp) - BigInt(first!.timestamp), 12n)
  assert.deepEqual(
    [...first!.calls, ...second!.calls].map(({ status, gasUsed, returnData, logs }) => [status, gasUsed, returnData, logs]),
    Array(3).fill(['0x1', '0x5208', '0x', []]),
  )
  assert.equal(second!.gasUsed, '0xa410')
  assert.notEqual(first!.stateRoot, second!.stateRoot)
  assert.equal((await node.chain.account(B as `0x${string}`, 'latest')).balance, 0n)
  assert.equal(node.chain.head(), head)
})

test('transactions are shown as hashes, or whole with the gas that was left for them', async () => {
  const calls = [
    { from: A, to: B, gas: '0x10000' },
    { from: A, to: B },
  ]
  const [hashes] = await simulate([{ calls }])
  const [full] = await simulate([{ calls }], { returnFullTransactions: true })
  assert.deepEqual(
    full!.transactions.map((transaction) => (transaction as { hash: string }).hash),
    hashes!.transactions,
  )
  const [one, two] = full!.transactions as Exclude<Block['transactions'][number], string>[]
  assert.deepEqual([one!.from, one!.gas, one!.type, one!.blockTimestamp], [A, '0x10000', '0x2', full!.timestamp])
  assert.equal(BigInt(two!.gas), BigInt(full!.gasLimit) - 21000n)
})

test('gaps between given numbers become empty blocks, whose hashes the calls can read', async () => {
  // BLOCKHASH(NUMBER - 1) and BLOCKHASH(NUMBER - 3)
  const code = '0x60014303406000526003430340602052 60406000f3'.replaceAll(' ', '')
  const blocks = await simulate([{ stateOverrides: { [C]: { code } } }, { blockOverrides: { number: '0x8' }, calls: [{ to: C }] }])
  assert.deepEqual(
    blocks.map(({ number }) => Number(number)),
    [4, 5, 6, 7, 8],
  )
  assert.equal(blocks[4]!.calls[0]!.returnData, blocks[3]!.hash + blocks[1]!.hash.slice(2))
})

test('block overrides are seen by the code', async () => {
  // NUMBER, TIMESTAMP, GASLIMIT, COINBASE, PREVRANDAO, BASEFEE, BLOBBASEFEE
  const code = `0x${['43', '42', '45', '41', '44', '48', '4a'].map((op, i) => `${op}60${(32 * i).toString(16).padStart(2, '0')}52`).join('')}60e06000f3`
  const blockOverrides = {
    number: '0x10',
    time: '0xffffffffff',
    gasLimit: '0x2fefd8',
    feeRecipient: B,
    prevRandao: hexWord(77n),
    baseFeePerGas: '0x7',
    blobBaseFee: '0x9',
  }
  const blocks = await simulate([{ blockOverrides, stateOverrides: { [C]: { code } }, calls: [{ to: C }] }])
  const block = blocks.at(-1)!
  const words = block.calls[0]!.returnData.slice(2)
    .match(/.{64}/g)!
    .map((text) => BigInt(`0x${text}`))
  assert.deepEqual(words, [16n, 0xffffffffffn, 0x2fefd8n, BigInt(B), 77n, 7n, 9n])
  assert.deepEqual([block.miner, block.mixHash, block.baseFeePerGas], [B, hexWord(77n), '0x7'])
  assert.equal(blocks[0]!.baseFeePerGas, '0x0')
})

test('a call that fails says why and leaves the others alone', async () => {
  const code = `0x${contracts.refuse}`
  const stateOverrides = { [B]: { code }, [C]: { code: '0xfe' } }
  const [block] = await simulate([{ stateOverrides, calls: [{ to: B }, { to: C, gas: '0x10000' }, { to: A }] }])
  const [reverted, invalid, fine] = block!.calls
  assert.equal(reverted!.status, '0x0')
  assert.deepEqual([reverted!.error!.code, reverted!.error!.message], [3, 'execution reverted: no'])
  assert.match(reverted!.error!.data!, /^0x08c379a0/)
  assert.deepEqual([invalid!.status, invalid!.error!.code, invalid!.gasUsed], ['0x0', -32015, '0x10000'])
  assert.equal(fine!.status, '0x1')
})

test('ether transfers are shown as logs when asked for, in order with the others, and not where they are undone', async () => {
  const stateOverrides = { ...RICH, [B]: { code: `0x${FORWARD}` }, [C]: { code: `0x${contracts.store}` } }
  const calls = [
    { from: A, to: B, value: '0x3e8', input: hexWord(256n) },
    { from: A, to: C, input: hexWord(5n) + word(6n) },
    { from: A, value: '0x1', input: `0x${Buffer.from(deploying(contracts.answer)).toString('hex')}` },
    // Back to a contract that takes no value in calldata-less calls of its own: reverts.
    { from: A, to: B, value: '0x3e8', input: hexWord(BigInt(C)), gas: '0x8000' },
  ]
  const [block] = await simulate([{ stateOverrides, calls }], { traceTransfers: true })
  const [forwarded, logged, created, undone] = block!.calls
  assert.deepEqual(
    forwarded!.logs.map(({ address, topics, data, logIndex }) => [address, topics[1], topics[2], BigInt(data), logIndex]),
    [
      [ETHER, hexWord(BigInt(A)), hexWord(BigInt(B)), 1000n, '0x0'],
      [ETHER, hexWord(BigInt(B)), hexWord(256n), 1000n, '0x1'],
    ],
  )
  assert.deepEqual(
    logged!.logs.map(({ address, topics, data, logIndex }) => [address, topics, data, logIndex]),
    [[C, [hexWord(5n)], hexWord(6n), '0x2']],
  )
  assert.equal(created!.logs.length, 1)
  assert.equal(created!.logs[0]!.blockHash, block!.hash)
  assert.equal(created!.logs[0]!.blockTimestamp, block!.timestamp)
  assert.deepEqual([undone!.status, undone!.logs], ['0x0', []])
  const [silent] = await simulate([{ stateOverrides, calls: calls.slice(0, 1) }])
  assert.deepEqual(silent!.calls[0]!.logs, [])
})

test('refunds lower the gas used, not the most that was used', async () => {
  const stateOverrides = { [C]: { code: '0x60006000556001600155', state: { [hexWord(0n)]: hexWord(1n) } } }
  const [block] = await simulate([{ stateOverrides, calls: [{ to: C }] }])
  const { gasUsed, maxUsedGas } = block!.calls[0]!
  assert.equal(BigInt(maxUsedGas) - BigInt(gasUsed), 4800n)
})

test('precompiles can be moved and replaced', async () => {
  const identity = '0x0000000000000000000000000000000000000004'
  const stateOverrides = { [identity]: { movePrecompileToAddress: C, code: `0x${contracts.answer}` } }
  const [block] = await simulate([
    {
      stateOverrides,
      calls: [
        { to: C, input: '0x1234' },
        { to: identity, input: '0x1234' },
      ],
    },
  ])
  assert.deepEqual(
    block!.calls.map(({ returnData }) => returnData),
    ['0x1234', hexWord(42n)],
  )
  await assert.rejects(simulate([{ stateOverrides: { [A]: { movePrecompileToAddress: C } } }]), { message: /is not a precompile/ })
  await assert.rejects(simulate([{ stateOverrides: { [identity]: { movePrecompileToAddress: identity } } }]), { code: -38022 })
  assert.equal(await rpc('eth_call', { to: identity, input: '0x1234' }), '0x1234')
})

test('delegations and versioned hashes of blobs reach the code', async () => {
  const [sender] = node.chain.accounts
  const { privateKeyToAccount } = await import('viem/accounts')
  const authority = privateKeyToAccount(hexWord(99n) as `0x${string}`)
  const signed = await authority.signAuthorization({ chainId: 31337, contractAddress: C as `0x${string}`, nonce: 0 })
  const authorization = {
    chainId: '0x7a69',
    address: C,
    nonce: '0x0',
    yParity: `0x${signed.yParity}`,
    r: signed.r,
    s: signed.s,
  }
  const hash = `0x01${'ab'.repeat(31)}`
  const stateOverrides = { [C]: { code: `0x${contracts.answer}` }, [B]: { code: '0x6000496000526020 6000f3'.replaceAll(' ', '') } }
  const [block] = await simulate(
    [
      {
        stateOverrides,
        calls: [
          { from: sender, to: A, authorizationList: [authorization] },
          { to: authority.address },
          { from: sender, to: B, blobVersionedHashes: [hash], maxFeePerBlobGas: '0x1' },
        ],
      },
    ],
    { returnFullTransactions: true },
  )
  assert.deepEqual(
    block!.calls.map(({ returnData }) => returnData),
    ['0x', hexWord(42n), hash],
  )
  assert.deepEqual(
    block!.transactions.map((transaction) => (transaction as { type: string }).type),
    ['0x4', '0x2', '0x3'],
  )
})

test('with validation nonces and base fees must be right; without it they need not', async () => {
  const validation = true
  const call = { from: A, to: B }
  await assert.rejects(simulate([{ calls: [{ ...call, nonce: '0x5' }] }], { validation }), { code: -38011 })
  await assert.rejects(simulate([{ stateOverrides: { [A]: { nonce: '0x7' } }, calls: [{ ...call, nonce: '0x5' }] }], { validation }), {
    code: -38010,
  })
  await assert.rejects(simulate([{ blockOverrides: { baseFeePerGas: '0xa' }, calls: [call] }], { validation }), { code: -38012 })
  const loose = await simulate([{ blockOverrides: { baseFeePerGas: '0xa' }, calls: [{ ...call, nonce: '0x64' }] }])
  assert.equal(loose[0]!.calls[0]!.status, '0x1')
  const paid = { ...call, maxFeePerGas: '0x10', maxPriorityFeePerGas: '0x2' }
  const [first, second] = await simulate(
    [{ blockOverrides: { baseFeePerGas: '0xf' }, stateOverrides: RICH, calls: [paid] }, { calls: [paid] }],
    {
      validation,
      returnFullTransactions: true,
    },
  )
  assert.equal((first!.transactions[0] as { gasPrice: string }).gasPrice, '0x10')
  assert.equal(second!.baseFeePerGas, '0xe')
})

test('what no block could hold is refused with its number', async () => {
  const refused = (blocks: object[], code: number) => assert.rejects(simulate(blocks), { code })
  await refused([{ calls: [{ from: A, to: B, value: '0x1' }] }], -38014)
  await refused([{ calls: [{ to: B, gas: '0x5207' }] }], -38013)
  await refused(
    [
      {
        blockOverrides: { gasLimit: '0x7530' },
        calls: [
          { to: B, gas: '0x5208' },
          { to: B, gas: '0x5208' },
        ],
      },
    ],
    -38015,
  )
  await refused([{ blockOverrides: { number: '0x2' } }], -38020)
  await refused([{ blockOverrides: { time: '0x1' } }], -38021)
  await refused([{ calls: [{ input: `0x${'00'.repeat(49153)}` }] }], -38025)
  await refused([{ blockOverrides: { number: '0x200' } }], -38026)
  await assert.rejects(rpc('eth_simulateV1', { blockStateCalls: [] }, 'latest'), { code: -32602 })
})

test('eth_call sees an overridden base fee and is not charged it', async () => {
  const call = { to: C, from: A }
  const state = { [C]: { code: '0x4860005260206000f3' } }
  assert.equal(await rpc('eth_call', call, 'latest', state, { baseFeePerGas: '0x7' }), hexWord(7n))
})
