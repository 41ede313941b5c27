/** Two nodes, each a process: the second starts with nothing, gets a model of 5 MB from the first, and executes everything again. Then kill -9, of either. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../node/cli/clients.ts'
import { deployToIpfs } from '../../node/cli/deploy-ipfs.ts'
import { loadConfig } from '../../node/config.ts'
import { createInferenceChain } from '../../node/node.ts'
import { systemAddress } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { testHost } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'
import { rpcOf } from '../rpc/support.ts'
import { type NodeProcess, spawnNode, startNodeProcess } from './processes.ts'
import { temporaryDirectory, until } from './support.ts'

/** 5,120,218 bytes. */
const artifact = denseArtifact(2048, 2500)
const id = modelId(artifact)
const host = testHost()

async function deploy({ url }: NodeProcess, wait = true) {
  return deployToIpfs(await connect(url), { artifact, host, metadata: '', wait, onUpload: () => {}, onFetch: () => {} })
}

const headOf = async ({ url }: NodeProcess) => BigInt(await rpcOf(url)<string>('eth_blockNumber'))

/** Of all blocks. */
async function stateRoots(node: NodeProcess): Promise<string[]> {
  const roots: string[] = []
  for (let number = 0n; number <= (await headOf(node)); number++) {
    const { stateRoot } = await rpcOf(node.url)<{ stateRoot: string }>('eth_getBlockByNumber', `0x${number.toString(16)}`, false)
    roots.push(stateRoot)
  }
  return roots
}

async function transfer({ url }: NodeProcess): Promise<void> {
  const [from] = await rpcOf(url)<string[]>('eth_accounts')
  await rpcOf(url)('eth_sendTransaction', { from, to: `0x${'cd'.repeat(20)}`, value: '0x1' })
}

/** Opens the chain of a process that is no more, executes every block again, and looks for the bytes. */
async function checkDirectory(dataDir: string): Promise<void> {
  const { chain } = await createInferenceChain(loadConfig({ env: {}, flags: { dataDir, noMining: true } }))
  try {
    const head = chain.head().block.header.number
    for (let number = 1n; number <= head; number++) {
      await chain.verify(number)
      const { senders } = (await chain.block(number))!
      // Not by deepEqual, which would write millions of differences down.
      if (senders.includes(systemAddress)) assert.ok(Buffer.from(artifact).equals(chain.artifacts.get(id) ?? new Uint8Array()))
    }
  } finally {
    await chain.close()
  }
}

const directoryOf = (t: TestContext, name: string) => join(temporaryDirectory(t), name)

test('a second node that starts with nothing has the model, and every state root', async (t) => {
  const producer = await spawnNode(t)
  await transfer(producer)
  await deploy(producer)
  await transfer(producer)
  const start = performance.now()
  const dataDir = directoryOf(t, 'second')
  const second = await spawnNode(t, '--follow', producer.url, '--ipfs-peer', producer.gateway, '--data-dir', dataDir)
  const listens = performance.now()
  await until('it has caught up', async () => (await headOf(second)) === (await headOf(producer)), 60_000)
  t.diagnostic(
    `start ${Math.round(listens - start)} ms, 5 MB and ${await headOf(second)} blocks ${Math.round(performance.now() - listens)} ms more`,
  )
  assert.deepEqual(await stateRoots(second), await stateRoots(producer))
  const input = `0x${'01'.repeat(2048)}`
  const [far, near] = await Promise.all([second, producer].map(({ url }) => rpcOf(url)<{ output: string }>('infer_run', id, input)))
  assert.equal(far!.output, near!.output)
  // It gives to others what it has fetched.
  const third = await spawnNode(t, '--follow', producer.url, '--ipfs-peer', second.gateway)
  await until('the third has caught up', async () => (await headOf(third)) === (await headOf(producer)), 60_000)
  await second.kill()
  await checkDirectory(dataDir)
})

test('kill -9 of the follower at any time: it goes on, and nothing is half there', async (t) => {
  const producer = await spawnNode(t)
  await deploy(producer)
  const dataDir = directoryOf(t, 'follower')
  const args = ['--follow', producer.url, '--ipfs-peer', producer.gateway, '--data-dir', dataDir]
  // It listens after some 600 ms on an idle machine, and is done after some 1500.
  for (const ms of [300, 800, 1200, 1600]) {
    const follower = startNodeProcess(t, ...args)
    await sleep(ms)
    await transfer(producer)
    await follower.kill()
    await checkDirectory(dataDir)
  }
  const follower = await spawnNode(t, ...args)
  await until('it has caught up', async () => (await headOf(follower)) === (await headOf(producer)), 60_000)
  assert.deepEqual(await stateRoots(follower), await stateRoots(producer))
})

test('kill -9 of the producer between request and activation: it activates after its next start', async (t) => {
  const dataDir = directoryOf(t, 'producer')
  // Mines only when asked: the activation waits.
  const first = await spawnNode(t, '--data-dir', dataDir, '--no-mining')
  const sent = deploy(first, false)
  await until('the request waits', async () => (await rpcOf(first.url)<{ pending: string }>('txpool_status')).pending === '0x1')
  await rpcOf(first.url)('evm_mine')
  await sent
  await first.kill()
  await checkDirectory(dataDir)
  const second = await spawnNode(t, '--data-dir', dataDir)
  await until('the model is active', async () =>
    (await rpcOf(second.url)<{ id: string }[]>('infer_models')).some((model) => model.id === id),
  )
  await second.kill()
  await checkDirectory(dataDir)
})
