/** Hardhat 3 with its viem plugin: compiles contracts/Notes.sol itself and deploys it to the node as an external network. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import hardhatViem from '@nomicfoundation/hardhat-viem'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import { type SpawnedNode, spawnNode } from './spawn.ts'

const projectRoot = fileURLToPath(new URL('.', import.meta.url))
/** The compiler of the main package: nothing is downloaded. */
const solcPath = createRequire(import.meta.url).resolve('solc/soljson.js')

let node: SpawnedNode
let hre: Awaited<ReturnType<typeof createHardhatRuntimeEnvironment>>
before(async () => {
  node = await spawnNode()
  hre = await createHardhatRuntimeEnvironment(
    {
      plugins: [hardhatViem],
      solidity: { version: '0.8.37', path: solcPath },
      networks: { app: { type: 'http', chainType: 'l1', url: node.url } },
    },
    {},
    projectRoot,
  )
  await hre.tasks.getTask('build').run({ quiet: true })
})
after(() => node?.stop())

test('hardhat: compiles, deploys, calls, sends and reads logs', async () => {
  const { viem } = await hre.network.create('app')
  const client = await viem.getPublicClient()
  const [wallet] = await viem.getWalletClients()
  assert.ok(wallet)
  const { address, abi } = await viem.deployContract('Notes' as string, ['first'])
  assert.equal(await client.readContract({ address, abi, functionName: 'read', args: [0n] }), 'first')
  const hash = await wallet.writeContract({ address, abi, functionName: 'write', args: ['second'] })
  const receipt = await client.waitForTransactionReceipt({ hash })
  assert.equal(receipt.status, 'success')
  assert.equal(await client.readContract({ address, abi, functionName: 'count' }), 2n)
  const events = await client.getContractEvents({ address, abi, eventName: 'Written', fromBlock: 0n })
  assert.deepEqual(
    events.map(({ args }) => (args as { text?: string }).text),
    ['first', 'second'],
  )
  assert.ok((await client.estimateContractGas({ address, abi, functionName: 'write', args: ['x'], account: wallet.account })) > 21_000n)
  await assert.rejects(client.readContract({ address, abi, functionName: 'fail' }), /as it was asked to/)
})

test('hardhat: its test client drives the clock and snapshots', async () => {
  const { viem } = await hre.network.create('app')
  const client = await viem.getPublicClient()
  const testClient = await viem.getTestClient()
  const id = await testClient.snapshot()
  const head = await client.getBlockNumber()
  await testClient.mine({ blocks: 2 })
  assert.equal(await client.getBlockNumber({ cacheTime: 0 }), head + 2n)
  await testClient.revert({ id })
  assert.equal(await client.getBlockNumber({ cacheTime: 0 }), head)
})
