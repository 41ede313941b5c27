/** A model whose bytes are in IPFS, on the node that makes the blocks: asked for, fetched, activated, and kept whatever happens. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeFunctionData, type Hex, hexToBytes, toHex } from 'viem'
import { createChainCommon } from '../../node/chain/common.ts'
import { systemTransaction } from '../../node/chain/transactions.ts'
import { registryAbi } from '../../node/client/abi.ts'
import { loadConfig } from '../../node/config.ts'
import { addresses, inferenceAbi, systemAddress } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { parseCid } from '../../runtime/store/index.ts'
import { denseArtifact, randomBytes } from '../precompiles/models.ts'
import { rpcOf } from '../rpc/support.ts'
import { deployOffChain, headOf, openNode, type TestNode, temporaryDirectory, until } from './support.ts'

const artifact = denseArtifact(64, 10)
const id = modelId(artifact)
const input = randomBytes(64, 3)

/** Of no block that anybody has. */
const unknownCid = toHex(parseCid('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy').bytes)

const run = async ({ node }: TestNode, model: Hex = id) => {
  const data = hexToBytes(encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [model, toHex(input)] }))
  return node.chain.call({ to: addresses.inference, data }, 'latest')
}
const send = ({ node: { chain } }: TestNode, functionName: 'request' | 'withdraw' | 'activateRequested', args: readonly unknown[]) =>
  chain.submitAs({
    from: chain.accounts[0]!,
    to: addresses.modelRegistry,
    data: hexToBytes(encodeFunctionData({ abi: registryAbi, functionName, args } as never)),
    gas: 30_000_000n,
  })
const verifyAll = async (at: TestNode) => {
  for (let number = 1n; number <= headOf(at); number++) await at.node.chain.verify(number)
}
const requestsOf = async ({ url }: TestNode) => (await rpcOf(url)('infer_requests')) as { model: Hex; state: string; problem?: string }[]

test('a block begins with the activation, and its receipt and logs say so', async (t) => {
  const at = await openNode(t, { ipfs: true })
  const { activatedAt } = await deployOffChain(at, artifact)
  const { block, receipts, senders } = (await at.node.chain.block(activatedAt!))!
  assert.deepEqual(senders, [systemAddress])
  assert.deepEqual([receipts[0]!.from, receipts[0]!.to, receipts[0]!.status], [systemAddress, addresses.modelRegistry, 1])
  assert.deepEqual(
    receipts[0]!.logs.map(({ topics }) => topics.includes(id)),
    [true, true],
  )
  assert.equal(block.header.gasUsed, receipts[0]!.gasUsed)
  assert.ok(receipts[0]!.gasUsed > 176_800n, 'the work counts towards the block')
  assert.equal((await run(at)).error, undefined)
  await verifyAll(at)
  assert.deepEqual(at.faults, [])
})

test('it runs as one on chain does: the same bytes, the same gas', async (t) => {
  const [off, on] = [await openNode(t, { ipfs: true }), await openNode(t)]
  await deployOffChain(off, artifact)
  const { deployModel } = await import('../../node/client/actions/deploy-model.ts')
  const { connect } = await import('../../node/cli/clients.ts')
  await deployModel((await connect(on.url)).writer, { artifact })
  const [far, near] = [await run(off), await run(on)]
  assert.equal(near.error, undefined)
  assert.deepEqual(far, near)
})

test('deploying again sends nothing, and one that was cut off goes on with its request', async (t) => {
  const at = await openNode(t, { ipfs: true, noMining: true })
  const { chain } = at.node
  const cut = deployOffChain(at, artifact, { wait: false })
  await until('the request is sent', () => chain.pending().pending.length === 1)
  await chain.mine()
  assert.equal((await cut).request, 0)
  await until('the bytes are here', async () => (await requestsOf(at))[0]?.state === 'ready')
  let isWaiting = false
  const onFetch = () => {
    isWaiting = true
  }
  const again = deployOffChain(at, artifact, { onFetch })
  await until('the other deployment waits', () => isWaiting)
  await chain.mine()
  const { wasRequested, activatedAt, gasUsed } = await again
  assert.deepEqual([wasRequested, activatedAt, gasUsed], [true, 2n, 0n])
  assert.deepEqual(await deployOffChain(at, artifact).then(({ wasPublished }) => wasPublished), true)
  assert.equal(headOf(at), 2n)
})

test('with blocks at intervals the activation comes before the users’ transactions', async (t) => {
  const at = await openNode(t, { ipfs: true, noMining: true })
  const { chain } = at.node
  const deploying = deployOffChain(at, artifact)
  await until('the request is sent', () => chain.pending().pending.length === 1)
  await chain.mine()
  await until('the bytes are here', async () => (await requestsOf(at))[0]?.state === 'ready')
  for (const from of chain.accounts.slice(1, 4)) await chain.submitAs({ from, to: chain.accounts[0]!, value: 1n })
  await chain.mine()
  await deploying
  const { senders } = chain.head()
  assert.deepEqual([senders.length, senders[0]], [4, systemAddress])
  await verifyAll(at)
})

test('the bytes are in the database with the block: another start needs neither blocks nor peers', async (t) => {
  const dataDir = join(temporaryDirectory(t), 'chain')
  const first = await openNode(t, { ipfs: true, dataDir })
  const big = denseArtifact(1536, 1536)
  await deployOffChain(first, big)
  await first.node.close()
  const second = await openNode(t, { dataDir })
  assert.ok(Buffer.from(big).equals(second.node.chain.artifacts.get(modelId(big))!))
  await verifyAll(second)
  assert.equal(second.node.gateway, undefined)
})

test('a snapshot taken back takes the activation with it, and what comes then is activated anew', async (t) => {
  const at = await openNode(t, { ipfs: true })
  const { chain } = at.node
  const beforeRequest = await chain.snapshot()
  await deployOffChain(at, artifact)
  const ran = await run(at)
  assert.equal(await chain.revertTo(beforeRequest), true)
  assert.equal((await run(at)).error, 'revert')
  assert.deepEqual(await requestsOf(at), [])
  await deployOffChain(at, artifact)
  assert.deepEqual(await run(at), ran)
  await chain.rollback(1)
  // The request is there again, and open.
  await until('it is activated again', async () => (await run(at)).error === undefined)
  await verifyAll(at)
  assert.deepEqual(at.faults, [])
})

test('a state in a file brings the bytes along', async (t) => {
  const [first, second] = [await openNode(t, { ipfs: true }), await openNode(t)]
  await deployOffChain(first, artifact)
  await second.node.chain.loadState(await first.node.chain.dumpState())
  assert.equal(second.node.chain.head().hash, first.node.chain.head().hash)
  assert.deepEqual(await run(second), await run(first))
  await verifyAll(second)
})

test('an old block is read under its own state: before the activation nothing runs', async (t) => {
  const at = await openNode(t, { ipfs: true })
  const { activatedAt } = await deployOffChain(at, artifact)
  const data = hexToBytes(encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, toHex(input)] }))
  assert.equal((await at.node.chain.call({ to: addresses.inference, data }, activatedAt! - 1n)).error, 'revert')
  assert.equal((await at.node.chain.call({ to: addresses.inference, data }, activatedAt!)).error, undefined)
})

test('a request that cannot be met is told why, and holds nobody up', async (t) => {
  const at = await openNode(t, { ipfs: true })
  // Its bytes are with the node from now on.
  const cid = toHex(parseCid((await deployOffChain(at, artifact)).cid).bytes)
  const wanted = modelId(denseArtifact(64, 10, 2))
  const cases: [cid: Hex, size: number, state: string, problem: RegExp][] = [
    ['0x0102', artifact.length, 'refused', /no CID/],
    [cid, 2 ** 31, 'refused', /the chain takes 67108864/],
    [cid, artifact.length, 'fetching', new RegExp(`gave the bytes of ${id}, wanted the model ${wanted}`)],
    [cid, artifact.length + 1, 'fetching', /has 858 bytes of content, wanted 859/],
    [unknownCid, 1000, 'fetching', /this node: the block .* is not here/],
  ]
  for (const [cid, size] of cases) await send(at, 'request', [wanted, cid, size, 5_000_000n, ''])
  await deployOffChain(at, denseArtifact(64, 10, 4))
  await until('all have been looked at', async () => (await requestsOf(at)).every(({ problem }) => problem !== undefined))
  for (const [index, { state, problem }] of (await requestsOf(at)).entries()) {
    assert.equal(state, cases[index]![2])
    assert.match(problem!, cases[index]![3])
  }
  assert.equal((await requestsOf(at)).length, cases.length)
})

test('a request that pays too little is refused, and a better one is met', async (t) => {
  const at = await openNode(t, { ipfs: true })
  // Under another request the bytes have come, and the model was never activated.
  const snapshot = await at.node.chain.snapshot()
  const cid = toHex(parseCid((await deployOffChain(at, artifact)).cid).bytes)
  await at.node.chain.revertTo(snapshot)
  await send(at, 'request', [id, cid, artifact.length, 100_000n, ''])
  await until('it is refused', async () => (await requestsOf(at))[0]?.state === 'refused')
  assert.match((await requestsOf(at))[0]!.problem!, /More gas may have to be paid/)
  await send(at, 'request', [id, cid, artifact.length, 5_000_000n, ''])
  await until('it is active', async () => (await run(at)).error === undefined)
  await until('the first is moot', async () => (await requestsOf(at)).length === 0)
})

test('a request that is withdrawn is fetched no more', async (t) => {
  const at = await openNode(t, { ipfs: true })
  await send(at, 'request', [id, unknownCid, 1000, 5_000_000n, ''])
  await until('it is looked for', async () => (await requestsOf(at)).length === 1)
  await send(at, 'withdraw', [0n])
  await until('it is forgotten', async () => (await requestsOf(at)).length === 0)
})

test('nobody speaks for the system: not by a raw transaction, not by an impersonated one', async (t) => {
  const at = await openNode(t, { ipfs: true })
  const { chain } = at.node
  const call = { to: addresses.modelRegistry, data: new Uint8Array(36), gas: 1_000_000n }
  const forged = systemTransaction(call, 0n, createChainCommon(loadConfig({ env: {}, flags: {} })))
  await assert.rejects(chain.submit(forged.serialize()), { code: 'TRANSACTION_MALFORMED' })
  chain.impersonate(systemAddress)
  await assert.rejects(chain.submitAs({ from: systemAddress, ...call }), { code: 'UNKNOWN_ACCOUNT' })
  await send(at, 'activateRequested', [0n])
  assert.equal(chain.head().receipts[0]!.status, 0)
})

test('a node without blocks of its own says so', async (t) => {
  const at = await openNode(t)
  await assert.rejects(deployOffChain(at, artifact), { code: 'STORAGE_OFF' })
  assert.equal(headOf(at), 0n)
})
