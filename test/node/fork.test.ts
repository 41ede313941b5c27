/** A chain that goes on from a block of another node, which runs in a process of its own: the thread that asks it stands still meanwhile. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNode } from '../../node/node.ts'
import { spawnNode } from '../clients/spawn.ts'
import { config, contracts, deploying } from './harness.ts'

type Rpc = (method: string, ...params: unknown[]) => Promise<unknown>

const ACCOUNTS = ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'] as const
const STRANGER = `0x${'5a'.repeat(20)}` as const
const word = (value: bigint | number) => value.toString(16).padStart(64, '0')
/** Destroys itself for the caller when it gets calldata, else returns slot 0. */
const PERISHABLE = '36600f5760005460005260206000f35b33ff'

let remote: Awaited<ReturnType<typeof spawnNode>>
let ask: Rpc
let store: string
let forkNumber: number
before(async () => {
  remote = await spawnNode()
  ask = rpcOf(remote.url)
  const deploy = async (code: Uint8Array) => {
    const hash = await ask('eth_sendTransaction', { from: ACCOUNTS[0], data: `0x${Buffer.from(code).toString('hex')}` })
    return ((await ask('eth_getTransactionReceipt', hash)) as { contractAddress: string }).contractAddress
  }
  store = await deploy(deploying(contracts.store))
  await ask('eth_sendTransaction', { from: ACCOUNTS[0], to: store, data: `0x${word(1)}${word(42)}` })
  await ask('anvil_setBalance', STRANGER, '0x64')
  await ask('anvil_mine', '0x3')
  forkNumber = Number(await ask('eth_blockNumber'))
  // What comes later is not of the fork.
  await ask('eth_sendTransaction', { from: ACCOUNTS[0], to: store, data: `0x${word(1)}${word(43)}` })
})
after(() => remote?.stop())

function rpcOf(url: string): Rpc {
  return async (method, ...params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
    if (error !== undefined) throw new Error(error.message)
    return result
  }
}

async function openForked(t: { after(run: () => unknown): void }, flags: Record<string, unknown> = {}): Promise<Rpc> {
  const node = await startNode(config({ port: 0, forkUrl: remote.url, forkBlockNumber: forkNumber, ...flags }))
  t.after(() => node.close())
  return rpcOf(`http://127.0.0.1:${node.server.port}`)
}

test('state, blocks and receipts from before the fork are the other node’s', async (t) => {
  const forked = await openForked(t)
  assert.equal(await forked('eth_blockNumber'), `0x${forkNumber.toString(16)}`)
  assert.equal(await forked('eth_getStorageAt', store, '0x1', 'latest'), `0x${word(42)}`)
  assert.equal(await forked('eth_getCode', store, 'latest'), `0x${contracts.store}`)
  assert.equal(await forked('eth_getBalance', STRANGER, 'latest'), '0x64')
  assert.equal(await forked('eth_getBalance', `0x${'77'.repeat(20)}`, 'latest'), '0x0')
  const early = await ask('eth_getBlockByNumber', '0x1', true)
  assert.deepEqual(await forked('eth_getBlockByNumber', '0x1', true), early)
  const [{ hash }] = (early as { transactions: { hash: string }[] }).transactions as [{ hash: string }]
  assert.deepEqual(await forked('eth_getTransactionReceipt', hash), await ask('eth_getTransactionReceipt', hash))
  assert.equal(await forked('eth_getStorageAt', store, '0x1', '0x1'), `0x${word(0)}`)
  // BLOCKHASH of a block before the fork.
  const own = ((await ask('eth_getBlockByNumber', '0x1', false)) as { hash: string }).hash
  assert.equal(await forked('eth_call', { data: '0x60014060005260206000f3' }, 'latest'), own)
})

test('what the other chain has made since is not there', async (t) => {
  const forked = await openForked(t)
  const later = (await ask('eth_getBlockByNumber', 'latest', false)) as { hash: string; number: string; transactions: string[] }
  assert.ok(Number(later.number) > forkNumber)
  assert.equal(await forked('eth_getBlockByHash', later.hash, false), null)
  assert.equal(await forked('eth_getBlockByNumber', later.number, false), null)
  assert.equal(await forked('eth_getTransactionReceipt', later.transactions[0]), null)
})

test('the fork goes on by itself: nonces, changed and zeroed slots, destroyed contracts', async (t) => {
  const forked = await openForked(t)
  const send = async (request: object) => {
    const hash = await forked('eth_sendTransaction', { from: ACCOUNTS[0], ...request })
    return (await forked('eth_getTransactionReceipt', hash)) as { status: string; blockNumber: string; contractAddress: string }
  }
  const nonce = Number(await forked('eth_getTransactionCount', ACCOUNTS[0], 'latest'))
  assert.ok(nonce >= 2, 'nonces go on from those of the other chain')
  const first = await send({ to: store, data: `0x${word(1)}${word(0)}` })
  assert.deepEqual([first.status, Number(first.blockNumber)], ['0x1', forkNumber + 1])
  assert.equal(await forked('eth_getStorageAt', store, '0x1', 'latest'), `0x${word(0)}`, 'a slot set to 0 stays 0')
  await send({ to: store, data: `0x${word(2)}${word(9)}` })
  assert.equal(await forked('eth_getStorageAt', store, '0x2', 'latest'), `0x${word(9)}`)
  assert.equal(
    await forked('eth_getStorageAt', store, '0x1', `0x${forkNumber.toString(16)}`),
    `0x${word(42)}`,
    'the fork’s block is as it was',
  )
  await forked('anvil_setBalance', STRANGER, '0x0')
  assert.equal(await forked('eth_getBalance', STRANGER, 'latest'), '0x0', 'an account that is emptied stays empty')
  assert.equal(await ask('eth_getBalance', STRANGER, 'latest'), '0x64', 'the other node knows nothing of it')
})

test('a contract of the other chain that destroys itself is gone, with its storage', async (t) => {
  const hash = await ask('eth_sendTransaction', { from: ACCOUNTS[0], data: `0x${Buffer.from(deploying(PERISHABLE)).toString('hex')}` })
  const { contractAddress, blockNumber } = (await ask('eth_getTransactionReceipt', hash)) as {
    contractAddress: string
    blockNumber: string
  }
  await ask('anvil_setStorageAt', contractAddress, '0x0', `0x${word(5)}`)
  await ask('anvil_mine', '0x1')
  const at = Number(blockNumber) + 1
  // Before Cancun a contract may destroy itself at any time (EIP-6780).
  const forked = await openForked(t, { forkBlockNumber: at, rules: 'ethereum', hardfork: 'shanghai' })
  assert.equal(await forked('eth_call', { to: contractAddress }, 'latest'), `0x${word(5)}`)
  await forked('eth_sendTransaction', { from: ACCOUNTS[0], to: contractAddress, data: '0x01', gas: '0x186a0' })
  assert.equal(await forked('eth_getCode', contractAddress, 'latest'), '0x')
  assert.equal(await forked('eth_getStorageAt', contractAddress, '0x0', 'latest'), `0x${word(0)}`)
  await forked('anvil_setCode', contractAddress, `0x${PERISHABLE}`)
  assert.equal(await forked('eth_call', { to: contractAddress }, 'latest'), `0x${word(0)}`, 'its old storage does not come back')
})

test('anvil_reset takes a fork to another block', async (t) => {
  const forked = await openForked(t)
  await forked('anvil_mine', '0x2')
  await forked('anvil_reset', { forking: { blockNumber: 1 } })
  assert.equal(await forked('eth_blockNumber'), '0x1')
  assert.equal(await forked('eth_getStorageAt', store, '0x1', 'latest'), `0x${word(0)}`)
  await forked('anvil_reset', { forking: { jsonRpcUrl: remote.url, blockNumber: forkNumber } })
  assert.equal(await forked('eth_getStorageAt', store, '0x1', 'latest'), `0x${word(42)}`)
  assert.deepEqual(((await forked('anvil_nodeInfo')) as { forkConfig: object }).forkConfig, {
    forkUrl: remote.url,
    forkBlockNumber: forkNumber,
    forkRetryBackoff: null,
  })
  await forked('anvil_mine', '0x1')
  await forked('anvil_reset')
  assert.equal(await forked('eth_blockNumber'), `0x${forkNumber.toString(16)}`)
})

test('a node that is not there, or lacks the block, is told; a chain of its own forks nothing later', async (t) => {
  await assert.rejects(startNode(config({ port: 0, forkUrl: 'http://127.0.0.1:1' })), {
    code: 'FORK_UNREACHABLE',
    message: /127\.0\.0\.1:1/,
  })
  await assert.rejects(startNode(config({ port: 0, forkUrl: remote.url, forkBlockNumber: 10_000n })), {
    code: 'FORK_UNREACHABLE',
    message: /has no block 10000/,
  })
  assert.throws(() => config({ forkUrl: remote.url, dataDir: 'x' }), { code: 'CONFIG_INVALID', message: /a fork is kept in memory/ })
  const own = await startNode(config({ port: 0 }))
  t.after(() => own.close())
  await assert.rejects(rpcOf(`http://127.0.0.1:${own.server.port}`)('anvil_reset', { forking: { blockNumber: 1 } }), /--fork-url/)
})
