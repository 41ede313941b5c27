/** A node that takes over the blocks of another: executes each again, brings what they activate, and believes nobody. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RLP } from '@ethereumjs/rlp'
import { modelId } from '../../runtime/index.ts'
import { denseArtifact } from '../precompiles/models.ts'
import { deployOffChain, headOf, openNode, stateRoots, type TestNode, temporaryDirectory, until } from './support.ts'

const artifact = denseArtifact(64, 10)
const to = `0x${'cd'.repeat(20)}` as const
const transfer = ({ node: { chain } }: TestNode) => chain.submitAs({ from: chain.accounts[0]!, to, value: 1n })
const hasCaughtUp = (follower: TestNode, producer: TestNode) => () => follower.node.chain.head().hash === producer.node.chain.head().hash

/** A follower whose only source of bytes is this URL. */
const follow = (t: TestContext, producer: TestNode, flags: Record<string, unknown> = {}) =>
  openNode(t, { follow: producer.url, ipfsPeers: producer.node.gateway === undefined ? [] : [producer.node.gateway], ...flags })

test('every block comes over and gives the same state root, with transactions, impersonations and models', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  const { chain } = producer.node
  await transfer(producer)
  await deployOffChain(producer, artifact)
  chain.impersonate(to)
  await chain.submitAs({ from: to, to: chain.accounts[0]!, value: 1n, gas: 21_000n })
  const follower = await follow(t, producer)
  await until('the follower has all', hasCaughtUp(follower, producer))
  await transfer(producer)
  await deployOffChain(producer, denseArtifact(64, 10, 2))
  await until('and what came later', hasCaughtUp(follower, producer))
  assert.deepEqual(await stateRoots(follower), await stateRoots(producer))
  for (let number = 1n; number <= headOf(follower); number++) await follower.node.chain.verify(number)
  assert.deepEqual(follower.node.chain.artifacts.get(modelId(artifact)), artifact)
  assert.deepEqual([...producer.faults, ...follower.faults], [])
})

test('without the bytes it waits at the block before, and goes on when somebody has them', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  const { activatedAt } = await deployOffChain(producer, artifact)
  await transfer(producer)
  // A door in front of the gateway that is shut at first.
  let isOpen = false
  const door = createServer(async ({ url, method = 'GET' }, response) => {
    if (!isOpen) return void response.writeHead(404).end()
    const answer = await fetch(producer.node.gateway + url!, { method })
    response.writeHead(answer.status).end(new Uint8Array(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  t.after(() => door.close())
  const follower = await follow(t, producer, { ipfsPeers: [`http://127.0.0.1:${(door.address() as AddressInfo).port}`] })
  await until('it is at the block before', () => headOf(follower) === activatedAt! - 1n)
  await until('it says what it lacks', () =>
    follower.notes.some((note) => note.includes(modelId(artifact)) && note.includes('could not be fetched')),
  )
  assert.equal(headOf(follower), activatedAt! - 1n)
  isOpen = true
  await until('it goes on', hasCaughtUp(follower, producer))
  assert.deepEqual(await stateRoots(follower), await stateRoots(producer))
})

test('a peer that lies is named, and the next one asked', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  await deployOffChain(producer, artifact)
  const liar = createServer((_, response) => response.end('these are not the bytes'))
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve))
  t.after(() => liar.close())
  const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
  const follower = await follow(t, producer, { ipfsPeers: [url, producer.node.gateway] })
  await until('it has all', hasCaughtUp(follower, producer))
  assert.ok(
    follower.notes.some((note) => note.includes(`gateway ${url}: `)),
    follower.notes.join('\n'),
  )
})

test('blocks that the producer takes back are taken back', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  await transfer(producer)
  const follower = await follow(t, producer)
  await until('it has the first block', hasCaughtUp(follower, producer))
  const snapshot = await producer.node.chain.snapshot()
  await transfer(producer)
  await deployOffChain(producer, artifact)
  await until('it has the others', hasCaughtUp(follower, producer))
  await producer.node.chain.revertTo(snapshot)
  await until('it went back', hasCaughtUp(follower, producer))
  await deployOffChain(producer, denseArtifact(64, 10, 2))
  await until('and on', hasCaughtUp(follower, producer))
  assert.deepEqual(await stateRoots(follower), await stateRoots(producer))
})

test('it takes no transactions, makes no blocks and changes nothing', async (t) => {
  const producer = await openNode(t)
  const { chain } = (await follow(t, producer)).node
  const refuses = (call: Promise<unknown>) => assert.rejects(call, { code: 'FOLLOWING', message: new RegExp(producer.url) })
  await refuses(chain.submitAs({ from: chain.accounts[0]!, to, value: 1n }))
  await refuses(chain.mine())
  await refuses(chain.setBalance(to, 1n))
  assert.equal(chain.automine(), false)
})

test('it does not start on another chain, nor where nobody answers', async (t) => {
  const producer = await openNode(t, { chainId: 99 })
  await assert.rejects(follow(t, producer), { code: 'GENESIS_MISMATCH', message: new RegExp(producer.url) })
  await assert.rejects(openNode(t, { follow: 'http://127.0.0.1:1' }), { code: 'FOLLOW_FAILED' })
})

/** Places in a header of beneficiary, gas limit, time, randomness and beacon root. */
const producersChoice = new Set([2, 9, 11, 13, 19])

test('a block that is changed anywhere is refused, and the head stays', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  await transfer(producer)
  await deployOffChain(producer, artifact)
  const raws = await Promise.all([1n, 2n, 3n].map(async (number) => (await producer.node.chain.block(number))!.block.serialize()))
  const other = await openNode(t, { ipfs: true })
  const { chain } = other.node
  await assert.rejects(chain.append(chain.decodeBlock(raws[1]!)), { code: 'BLOCK_INVALID', message: /does not follow/ })
  assert.throws(() => chain.decodeBlock(raws[0]!.subarray(5)), { code: 'BLOCK_INVALID' })
  const [header, ...body] = RLP.decode(raws[0]!) as unknown as [Uint8Array[], Uint8Array[], ...unknown[]]
  let refused = 0
  for (const [field, bytes] of header.entries()) {
    if (bytes.length === 0 || producersChoice.has(field)) continue
    const changed = header.with(field, bytes.with(-1, bytes.at(-1)! ^ 1))
    const raw = RLP.encode([changed, ...body] as never)
    await assert.rejects(async () => chain.append(chain.decodeBlock(raw)), { code: 'BLOCK_INVALID' }, `field ${field}`)
    refused++
  }
  assert.ok(refused >= 10)
  assert.equal(headOf(other), 0n)
  await chain.append(chain.decodeBlock(raws[0]!))
  await chain.append(chain.decodeBlock(raws[1]!))
  // The activation, without its bytes: the node's own trouble, not the block's.
  await assert.rejects(chain.append(chain.decodeBlock(raws[2]!)), { code: 'NODE_FAULT', message: /does not hold the bytes/ })
  chain.artifacts.stage(modelId(artifact), artifact)
  await chain.append(chain.decodeBlock(raws[2]!))
  assert.equal(chain.head().hash, producer.node.chain.head().hash)
})

test('cut off and started again it goes on where it was', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  const dataDir = join(temporaryDirectory(t), 'chain')
  await deployOffChain(producer, artifact)
  const first = await follow(t, producer, { dataDir })
  await until('it has all', hasCaughtUp(first, producer))
  await first.node.close()
  await transfer(producer)
  const second = await follow(t, producer, { dataDir, ipfsPeers: [] })
  await until('it has the rest', hasCaughtUp(second, producer))
  await sleep(50)
  assert.deepEqual(second.faults, [])
})

test('a chain in a file is taken over with the models of its blocks, whose bytes come from a peer', async (t) => {
  const producer = await openNode(t, { ipfs: true })
  await deployOffChain(producer, artifact)
  await transfer(producer)
  const file = join(temporaryDirectory(t), 'chain.rlp')
  writeFileSync(file, Buffer.concat([...producer.node.chain.exportBlocks()]))
  const other = await openNode(t, { importChain: file, ipfsPeers: [producer.node.gateway] })
  assert.deepEqual(await stateRoots(other), await stateRoots(producer))
  assert.deepEqual(other.node.chain.artifacts.get(modelId(artifact)), artifact)
})
