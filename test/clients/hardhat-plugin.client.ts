/** The package's Hardhat plugin: it starts chains for connections, brings models, and its own contract calls them. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import hardhatViem from '@nomicfoundation/hardhat-viem'
import type { HardhatUserConfig } from 'hardhat/config'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import { encodeFunctionData } from 'viem'
import { infernode } from '../../node/client/hardhat/index.ts'
import { loadContract } from '../../node/contracts.ts'
import { addresses, tensorAbi } from '../../precompiles/index.ts'
import { spawnNode } from './spawn.ts'

const projectRoot = fileURLToPath(new URL('.', import.meta.url))
const digits = '../../examples/digits'
const read = (name: string) => readFileSync(new URL(`${digits}/${name}`, import.meta.url))
const picture = new Uint8Array(read('expected/in0.bin').subarray(0, 784))
const scores = new Uint8Array(read('expected/out0.xnnpack.bin').subarray(0, 10))
/** The compiler of the main package: nothing is downloaded. */
const solcPath = createRequire(import.meta.url).resolve('solc/soljson.js')

const environment = (config: Omit<HardhatUserConfig, 'plugins'> = {}) =>
  createHardhatRuntimeEnvironment(
    { plugins: [hardhatViem, infernode], solidity: { version: '0.8.37', path: solcPath }, ...config },
    {},
    projectRoot,
  )

test('hardhat plugin: a contract calls a model on a chain that the connection started', async () => {
  const hre = await environment()
  const connection = await hre.network.create('infernode')
  const { viem, infernode: models } = connection
  const { id, transactions } = await models.deployModel(`${digits}/digits.tflite`)
  assert.ok(transactions >= 2)
  assert.deepEqual(await models.runModel({ id, input: picture }), scores)
  assert.deepEqual(
    (await models.listModels()).map(({ metadata }) => metadata),
    ['digits.tflite'],
  )
  const { abi, bytecode } = loadContract('ImageClassifier')
  const [wallet] = await viem.getWalletClients()
  const client = await viem.getPublicClient()
  const { contractAddress: address } = await client.waitForTransactionReceipt({
    hash: await wallet!.deployContract({ abi, bytecode, args: [id] }),
  })
  const [digit] = (await client.readContract({
    address: address!,
    abi,
    functionName: 'classify',
    args: [`0x${Buffer.from(picture).toString('hex')}`],
  })) as [bigint]
  assert.equal(digit, 0n)
  assert.equal((await models.deployModel(`${digits}/digits.tflite`)).wasPublished, true)
  await connection.close()
})

test('hardhat plugin: each connection has a chain of its own, and its URL serves other tools until it is closed', async () => {
  const hre = await environment()
  const [one, other] = [await hre.network.create('infernode'), await hre.network.create('infernode')]
  await one.infernode.deployModel(`${digits}/digits.tflite`, { metadata: 'one' })
  assert.deepEqual([(await one.infernode.listModels()).length, (await other.infernode.listModels()).length], [1, 0])
  const ask = (url: string) =>
    fetch(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'infer_models', params: [] }) })
  const answer = (await (await ask(one.infernode.url!)).json()) as { result: unknown[] }
  assert.equal(answer.result.length, 1)
  const { url } = one.infernode
  await Promise.all([one.close(), other.close()])
  await assert.rejects(ask(url!))
})

test('hardhat plugin: artifacts of either rounding mode, and errors that name what is wrong', async () => {
  const hre = await environment()
  const { infernode: models } = await hre.network.create('infernode')
  const { id } = await models.deployModel(`${digits}/digits.tflite`, { rounding: 'double' })
  assert.equal((await models.describeModel({ id })).rounding, 'double')
  assert.equal((await hre.infernode.importModel(`${digits}/digits.tflite`, { rounding: 'double' })).id, id)
  await assert.rejects(models.deployModel(`${digits}/train.py`), /files of type \.py cannot be imported; wanted \.tflite or \.onnx/)
  await assert.rejects(models.deployModel(`${digits}/digits.tflite`, { allowInexact: true }), /is for \.onnx files/)
  await assert.rejects(models.deployModel('any.infer', { rounding: 'double' }), /the option rounding is for trained models/)
  await assert.rejects(models.deployModel('nowhere.tflite'), { code: 'ENOENT' })
  await assert.rejects(models.runModel({ id, input: '0x00' }), { code: 'INPUT_LENGTH' })
})

test('hardhat plugin: deploys an ONNX model and an artifact', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-plugin-'))
  try {
    const [convolution] = JSON.parse(
      gunzipSync(readFileSync(new URL('../import/onnx-vectors/cases.json.gz', import.meta.url))).toString(),
    ).cases
    writeFileSync(join(folder, 'convolution.onnx'), Buffer.from(convolution.model, 'base64'))
    const hre = await environment()
    const { id, bytes } = await hre.infernode.importModel(join(folder, 'convolution.onnx'))
    const { infernode: models } = await hre.network.create('infernode')
    assert.equal((await models.deployModel(join(folder, 'convolution.onnx'))).id, id)
    writeFileSync(join(folder, 'convolution.infer'), bytes)
    assert.equal((await models.deployModel(join(folder, 'convolution.infer'))).wasPublished, true)
    assert.equal((await models.describeModel({ id })).modelBytes, bytes.length)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('hardhat plugin: the node takes a configuration, and Hardhat’s own networks stay as they are', async () => {
  const hre = await environment({ infernode: { network: 'app', node: { chainId: 4242, accountCount: 2 } } })
  const { viem } = await hre.network.create('app')
  assert.equal(await (await viem.getPublicClient()).getChainId(), 4242)
  assert.equal((await viem.getWalletClients()).length, 2)
  const simulated = await hre.network.create()
  assert.equal(simulated.infernode.url, undefined)
  await assert.rejects(simulated.infernode.listModels(), { code: 'NOT_INFERNODE' })
})

test('hardhat plugin: connects to a node that runs already, with accounts of the configuration', async () => {
  const node = await spawnNode()
  try {
    const hre = await environment({ infernode: { url: node.url } })
    const { infernode: models } = await hre.network.create('infernode')
    assert.equal(models.url, node.url)
    const { id } = await models.deployModel(`${digits}/digits.tflite`)
    // A key without funds: Hardhat signs for it.
    const accounts = [`0x${'42'.repeat(32)}`]
    const other = await environment({ networks: { infernode: { type: 'http', url: node.url, accounts } } })
    const { infernode: same } = await other.network.create('infernode')
    assert.equal((await same.deployModel(`${digits}/digits.tflite`)).wasPublished, true)
    await same.deployModel(`${digits}/digits.tflite`, { rounding: 'single' })
    const [first, second] = await models.listModels()
    assert.equal(first!.id, id)
    assert.notEqual(first!.owner, second!.owner)
  } finally {
    await node.stop()
  }
})

test('hardhat plugin: refuses a configuration that it does not understand, by name', async () => {
  await assert.rejects(environment({ infernode: { url: 'nowhere' } }), /infernode\.url: wanted the URL of a node/)
  await assert.rejects(environment({ infernode: { port: 1 } as object }), /infernode\.port: unknown key/)
  const hre = await environment({ infernode: { node: { chainId: -1 } } })
  await assert.rejects(hre.network.create('infernode'), /chainId/)
})

test('hardhat plugin: contracts run on Hardhat’s own network with plain Solidity for ITensor and a recording for IInference', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-recording-'))
  const recording = join(folder, 'digits.recording.json')
  try {
    const hre = await environment()
    const chain = await hre.network.create('infernode')
    const { id } = await chain.infernode.deployModel(`${digits}/digits.tflite`)
    await chain.infernode.record(recording, { id, inputs: [picture] })
    const { viem, infernode: simulated } = await hre.network.create()
    await simulated.install(recording)
    assert.deepEqual(await simulated.runModel({ id, input: picture }), scores)
    assert.equal((await simulated.describeModel({ id })).inputBytes, 784)
    await assert.rejects(simulated.runModel({ id, input: new Uint8Array(784) }), /NotRecorded|0x[0-9a-f]{8}/)
    const relu = encodeFunctionData({
      abi: tensorAbi,
      functionName: 'relu',
      args: [{ data: '0x01ff7f80', chunks: [], offset: 0n, length: 0n }, 0],
    })
    const [onChain, simulatedResult] = await Promise.all(
      [await chain.viem.getPublicClient(), await viem.getPublicClient()].map((client) => client.call({ to: addresses.tensor, data: relu })),
    )
    assert.equal(simulatedResult!.data, onChain!.data)
    await assert.rejects(chain.infernode.install(recording), { code: 'IS_INFERNODE' })
    writeFileSync(recording, '{}')
    await assert.rejects(simulated.install(recording), { code: 'RECORDING_INVALID' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
