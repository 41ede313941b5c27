import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compileNotes } from './notes.ts'
import { type SpawnedNode, spawnNode } from './spawn.ts'

const castPath = fileURLToPath(new URL('./node_modules/.bin/cast', import.meta.url))
const run = promisify(execFile)
/** The first account of the development mnemonic. */
const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const sender = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

let node: SpawnedNode
before(async () => {
  node = await spawnNode()
})
after(() => node?.stop())

async function cast(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(castPath, args, { env: { ...process.env, ETH_RPC_URL: node.url, NO_COLOR: '1' } })
  // Its npm package ends with 0 whatever the program itself says.
  if (stderr.includes('Error:')) throw new Error(stderr)
  return stdout.trim()
}

async function deploy(): Promise<string> {
  const encoded = await cast('abi-encode', 'constructor(string)', 'first')
  const code = compileNotes().bytecode + encoded.slice(2)
  const receipt = JSON.parse(await cast('send', '--json', '--private-key', key, '--create', code))
  assert.equal(receipt.status, '0x1')
  return receipt.contractAddress
}

test('cast: deploys, calls, sends, reads logs', async () => {
  const notes = await deploy()
  assert.equal(await cast('call', notes, 'read(uint256)(string)', '0'), '"first"')
  const receipt = JSON.parse(await cast('send', '--json', '--private-key', key, notes, 'write(string)', 'second'))
  assert.equal(receipt.status, '0x1')
  assert.equal(await cast('call', notes, 'count()(uint256)'), '2')
  const logs = JSON.parse(
    await cast('logs', '--json', '--from-block', '0', '--address', notes, 'Written(address indexed,uint256 indexed,string)'),
  )
  assert.deepEqual(
    logs.map((log: { topics: string[] }) => BigInt(log.topics[2]!)),
    [0n, 1n],
  )
  assert.equal(JSON.parse(await cast('receipt', '--json', receipt.transactionHash)).transactionHash, receipt.transactionHash)
  assert.equal(JSON.parse(await cast('tx', '--json', receipt.transactionHash)).from.toLowerCase(), sender.toLowerCase())
})

test('cast: an account without funds sends', async () => {
  const [wallet] = JSON.parse(await cast('wallet', 'new', '--json'))
  const receipt = JSON.parse(await cast('send', '--json', '--private-key', wallet.private_key, wallet.address))
  assert.equal(receipt.status, '0x1')
  assert.equal(await cast('balance', wallet.address), '0')
})

test('cast: sends from an account of the node', async () => {
  const receipt = JSON.parse(await cast('send', '--json', '--unlocked', '--from', sender, sender, '--value', '1'))
  assert.equal(receipt.status, '0x1')
})

test('cast: estimates, reads blocks, storage, proofs and gas price', async () => {
  const notes = await deploy()
  assert.ok(Number(await cast('estimate', '--from', sender, notes, 'write(string)', 'x')) > 21_000)
  assert.equal(await cast('chain-id'), '31337')
  assert.equal(await cast('gas-price'), '0')
  assert.equal(BigInt(await cast('storage', notes, '0')), 1n)
  assert.match(await cast('block', 'latest'), /baseFeePerGas/)
  assert.equal(JSON.parse(await cast('proof', notes, '0')).storageProof[0].value, '0x1')
  assert.match(await cast('client'), /^Infernode\//)
  assert.match(await cast('access-list', notes, 'count()'), /gas used/)
})

test('cast: shows the reason of a revert', async () => {
  const notes = await deploy()
  await assert.rejects(cast('call', notes, 'fail()'), /as it was asked to/)
  await assert.rejects(cast('estimate', notes, 'fail()'), /as it was asked to/)
})

test('cast: traces a transaction by the node’s callTracer', async () => {
  const notes = await deploy()
  const { transactionHash } = JSON.parse(await cast('send', '--json', '--private-key', key, notes, 'write(string)', 'traced'))
  const trace = JSON.parse(await cast('rpc', 'debug_traceTransaction', transactionHash, '{"tracer":"callTracer"}'))
  assert.equal(trace.to, notes.toLowerCase())
})
