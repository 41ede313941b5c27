/** A real peer of IPFS, helia, under the suite of all stores, and between two nodes. Its packages are this folder's: `npm run test:ipfs`. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { loadConfig } from '../../node/config.ts'
import { startNode } from '../../node/node.ts'
import { startPeer } from '../../node/offchain/helia.ts'
import { createBlockStore, createExchangeSource, openMemoryBlocks } from '../../runtime/store/index.ts'
import { deployOffChain, headOf, stateRoots, until } from '../offchain/support.ts'
import { denseArtifact } from '../precompiles/models.ts'
import { sourceSuite } from '../suites/store.ts'

const listen = ['/ip4/127.0.0.1/tcp/0']
const importPackage = (name: string) => import(name)
/** Of a block that nobody has. */
const patienceMs = 1500

async function openPeer(t: TestContext, dial: readonly string[]) {
  const blocks = openMemoryBlocks()
  const peer = await startPeer({ blocks, listen, dial, importPackage })
  t.after(() => peer.close())
  return { blocks, peer }
}

sourceSuite('bitswap', async (t) => {
  const giver = await openPeer(t, [])
  const taker = await openPeer(t, giver.peer.addresses)
  const store = createBlockStore('giver', giver.blocks)
  return { source: createExchangeSource('bitswap', taker.peer, patienceMs), seed: (artifact) => store.put(artifact) }
})

async function openNode(t: TestContext, flags: Record<string, unknown>) {
  const notes: string[] = []
  const faults: unknown[] = []
  const config = loadConfig({ env: {}, flags: { port: 0, ipfs: true, ipfsPort: 0, ipfsListen: listen, ipfsStallMs: 5000, ...flags } })
  const hooks = {
    onFault: (_: string, error: unknown) => void faults.push(error),
    onRequest: () => {},
    onNote: (note: string) => void notes.push(note),
  }
  const node = await startNode(config, hooks, importPackage)
  t.after(() => node.close())
  return { node, url: `http://127.0.0.1:${node.server.port}`, notes, faults }
}

test('a follower gets a model of 5 MB over bitswap alone, and every state root', async (t) => {
  const producer = await openNode(t, {})
  await deployOffChain(producer, denseArtifact(2048, 2500))
  const start = performance.now()
  const follower = await openNode(t, { follow: producer.url, ipfsDial: producer.node.peerAddresses })
  await until('it has caught up', () => headOf(follower) === headOf(producer), 60_000)
  t.diagnostic(`5 MB over bitswap, start of the node included: ${Math.round(performance.now() - start)} ms`)
  assert.deepEqual(await stateRoots(follower), await stateRoots(producer))
  assert.deepEqual(follower.faults, [])
})

test('without the packages a peer says what to install', () =>
  assert.rejects(startPeer({ blocks: openMemoryBlocks(), listen, dial: [], importPackage: () => Promise.reject(new Error('not here')) }), {
    code: 'peerMissing',
    message: /helia.*npm install/,
  }))
