/** What Anvil and Hardhat offer besides: mining settings, senders without keys, going back, and states in a file. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { contracts, deploying, word } from '../node/harness.ts'
import { rpcOf, startTestNode, type TestNode } from './support.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'
const hexWord = (value: bigint) => `0x${word(value)}`
interface Block {
  number: string
  timestamp: string
  miner: string
  mixHash: string
  gasLimit: string
}

let node: TestNode
let rpc: ReturnType<typeof rpcOf>
let from: `0x${string}`
before(async () => {
  node = await startTestNode()
  rpc = rpcOf(node.url)
  from = node.chain.accounts[0]!
})
beforeEach(() => node.chain.reset())
after(() => node.close())

const latest = () => rpc<Block>('eth_getBlockByNumber', 'latest', false)

test('methods without a result answer null as anvil_* and true as hardhat_*', async () => {
  for (const [prefix, done] of [
    ['anvil', null],
    ['hardhat', true],
  ] as const) {
    assert.equal(await rpc(`${prefix}_setCoinbase`, NOBODY), done)
    assert.equal(await rpc(`${prefix}_setNextBlockBaseFeePerGas`, '0x0'), done)
    assert.equal(await rpc(`${prefix}_autoImpersonateAccount`, false), done)
    assert.equal(await rpc(`${prefix}_setLoggingEnabled`, false), done)
    assert.equal(await rpc(`${prefix}_reset`), done)
  }
  await assert.rejects(rpc('hardhat_setNextBlockBaseFeePerGas', '0x1'), /base fee of this chain is 0/)
  await assert.rejects(rpc('hardhat_reset', { forking: { jsonRpcUrl: 'http://x' } }), /--fork-url/)
})

test('fee recipient, randomness and gas limit of the next blocks can be set, and the blocks hold when they are run again', async () => {
  await rpc('anvil_setCoinbase', NOBODY)
  await rpc('anvil_setPrevRandao', '0x7')
  await rpc('evm_setBlockGasLimit', '0x1000000')
  await rpc('evm_mine')
  const { miner, mixHash, gasLimit } = await latest()
  assert.deepEqual([miner, mixHash, gasLimit], [NOBODY, hexWord(7n), '0x1000000'])
  await node.chain.verify('latest')
  await rpc('evm_mine')
  assert.notEqual((await latest()).mixHash, hexWord(7n), 'the randomness is of one block')
  await assert.rejects(rpc('eth_sendTransaction', { from, to: NOBODY, gas: '0x1000001' }), /exceeds block gas limit/)
})

test('blocks can be so many seconds apart', async () => {
  await rpc('anvil_setBlockTimestampInterval', 100)
  await rpc('anvil_mine', 1)
  const first = BigInt((await latest()).timestamp)
  await rpc('anvil_mine', 2)
  assert.equal(BigInt((await latest()).timestamp), first + 200n)
  assert.equal(await rpc('anvil_removeBlockTimestampInterval'), true)
  await rpc('hardhat_mine', '0x3', '0x3c')
  const last = await latest()
  const before = await rpc<Block>('eth_getBlockByNumber', `0x${(BigInt(last.number) - 1n).toString(16)}`, false)
  assert.equal(BigInt(last.timestamp) - BigInt(before.timestamp), 60n)
  const [mined] = await rpc<Block[]>('evm_mine_detailed')
  assert.equal(BigInt(mined!.number), BigInt(last.number) + 1n)
})

test('any sender can be impersonated at once', async () => {
  await rpc('anvil_setBalance', NOBODY, '0x64')
  await assert.rejects(rpc('eth_sendTransaction', { from: NOBODY, to: from, value: '0x1' }), /unknown account/)
  await rpc('anvil_autoImpersonateAccount', true)
  await rpc('eth_sendTransaction', { from: NOBODY, to: from, value: '0x1' })
  await rpc('anvil_addBalance', NOBODY, '0x1')
  assert.equal(await rpc('eth_getBalance', NOBODY), '0x64')
  await rpc('anvil_autoImpersonateAccount', false)
  await assert.rejects(rpc('eth_sendTransaction', { from: NOBODY, to: from }), /unknown account/)
})

test('waiting transactions can be dropped, all or a sender’s, and cheap ones kept out', async () => {
  const [, second] = node.chain.accounts
  await rpc('evm_setAutomine', false)
  const send = (sender: string) => rpc('eth_sendTransaction', { from: sender, to: NOBODY, gas: '0x5208' })
  await send(from)
  await send(second!)
  await rpc('anvil_removePoolTransactions', second)
  assert.deepEqual(await rpc('txpool_status'), { pending: '0x1', queued: '0x0' })
  const { pending } = await rpc<{ pending: object }>('txpool_content')
  assert.deepEqual(Object.keys(pending), ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'], 'senders have their checksum')
  await rpc('hardhat_dropAllTransactions')
  assert.deepEqual(await rpc('txpool_status'), { pending: '0x0', queued: '0x0' })
  await rpc('evm_setAutomine', true)
  await rpc('anvil_setMinGasPrice', 5)
  await assert.rejects(rpc('eth_sendTransaction', { from, to: NOBODY, gasPrice: '0x4' }), /underpriced/)
  await rpc('eth_sendTransaction', { from, to: NOBODY, gasPrice: '0x5' })
})

test('blocks can be taken away, one by one or all', async () => {
  const hash = await rpc<string>('eth_sendTransaction', { from, to: NOBODY, value: '0x7' })
  await rpc('anvil_mine', 2)
  await rpc('anvil_rollback')
  assert.equal(await rpc('eth_blockNumber'), '0x2')
  assert.equal(await rpc('eth_getBalance', NOBODY), '0x7')
  await rpc('anvil_rollback', 2)
  assert.equal(await rpc('eth_getBalance', NOBODY), '0x0')
  assert.equal(await rpc('eth_getTransactionByHash', hash), null)
  await assert.rejects(rpc('anvil_rollback', 1), /cannot take 1 blocks away/)

  await rpc('anvil_setBalance', NOBODY, '0x9')
  await rpc('anvil_mine', 3)
  await rpc('evm_increaseTime', 5000)
  await rpc('hardhat_reset')
  assert.deepEqual([await rpc('eth_blockNumber'), await rpc('eth_getBalance', NOBODY)], ['0x0', '0x0'])
})

test('a state goes to another node with its blocks, receipts, old states and accounts', async () => {
  const deployment = await rpc<string>('eth_sendTransaction', {
    from,
    data: `0x${Buffer.from(deploying(contracts.store)).toString('hex')}`,
  })
  const { contractAddress } = await rpc<{ contractAddress: string }>('eth_getTransactionReceipt', deployment)
  const write = (slot: bigint, value: bigint) =>
    rpc('eth_sendTransaction', { from, to: contractAddress, data: hexWord(slot) + word(value) })
  await write(1n, 2n)
  await write(3n, 4n)
  await rpc('anvil_setBalance', NOBODY, '0x9')
  const state = await rpc<string>('anvil_dumpState')
  const head = await latest()

  const other = await startTestNode()
  const there = rpcOf(other.url)
  try {
    await there('anvil_mine', 5)
    assert.equal(await there('anvil_loadState', state), true)
    assert.deepEqual(await there('eth_getBlockByNumber', 'latest', false), head)
    assert.equal(await there('eth_getStorageAt', contractAddress, '0x3'), hexWord(4n))
    assert.equal(await there('eth_getStorageAt', contractAddress, '0x3', '0x2'), hexWord(0n))
    assert.equal(await there('eth_getBalance', NOBODY), '0x9')
    assert.deepEqual(await there('eth_getTransactionReceipt', deployment), await rpc('eth_getTransactionReceipt', deployment))
    await there('eth_sendTransaction', { from, to: contractAddress, data: hexWord(5n) + word(6n) })
    assert.equal(await there('eth_blockNumber'), '0x4')
  } finally {
    await other.close()
  }
})

test('the accounts of a state of another chain are taken over', async () => {
  const account = { nonce: 3, balance: '0x5', code: `0x${contracts.answer}`, storage: { [hexWord(1n)]: hexWord(2n) } }
  const file = JSON.stringify({ block: null, accounts: { [NOBODY]: account }, best_block_number: 77, blocks: [], transactions: [] })
  assert.equal(await rpc('anvil_loadState', `0x${Buffer.from(file).toString('hex')}`), true)
  assert.equal(await rpc('eth_call', { to: NOBODY }), hexWord(42n))
  assert.equal(await rpc('eth_getStorageAt', NOBODY, '0x1'), hexWord(2n))
  assert.deepEqual(await rpc('eth_getAccountInfo', NOBODY), { balance: '0x5', nonce: '0x3', code: `0x${contracts.answer}` })
  assert.equal(await rpc('eth_blockNumber'), '0x0')
  for (const text of ['{', '{"accounts":{"0x1":{}}}'])
    await assert.rejects(rpc('anvil_loadState', `0x${Buffer.from(text).toString('hex')}`), { data: { code: 'STATE_FILE_INVALID' } })
})
