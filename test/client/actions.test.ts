/** The actions of a viem client on a node: every one, with what it answers and how it fails. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient, createPublicClient, createWalletClient, custom, type Hex, http, zeroAddress } from 'viem'
import { deployContract, getBlockNumber, waitForTransactionReceipt, writeContract } from 'viem/actions'
import { InferError, type InferErrorCode, type Inference, inferActions, type ModelEvent } from '../../node/client/viem.ts'
import { loadContract } from '../../node/contracts.ts'
import { addresses } from '../../precompiles/addresses.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { onnxModels } from '../import/onnx-vectors/models.ts'
import { account, type ClientNode, hex, imported, sample, startClientNode, tflite } from './support.ts'

const { id } = imported
const unknown: Hex = `0x${'11'.repeat(32)}`
let started: ClientNode
let client: ClientNode['client']
before(async () => {
  started = await startClientNode()
  client = started.client
})
after(() => started.node.close())

const fails = (call: Promise<unknown>, code: InferErrorCode, message: RegExp) =>
  assert.rejects(call, (error) => {
    assert.ok(error instanceof InferError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  })

/** Waits until there are as many as that. */
async function atLeast<T>(count: number, list: T[]): Promise<T[]> {
  for (let look = 0; list.length < count && look < 1000; look++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.ok(list.length >= count, `${list.length} came, wanted ${count}`)
  return list
}

async function deployClassifier(): Promise<Hex> {
  const { abi, bytecode } = loadContract('ImageClassifier')
  const hash = await deployContract(client, { abi, bytecode, args: [id], chain: null })
  return (await waitForTransactionReceipt(client, { hash })).contractAddress!
}

async function classifyAndStore(address: Hex, input: Uint8Array): Promise<Hex> {
  const { abi } = loadContract('ImageClassifier')
  const hash = await writeContract(client, { address, abi, functionName: 'classifyAndStore', args: [hex(input)], chain: null })
  await waitForTransactionReceipt(client, { hash })
  return hash
}

test('before anything is deployed there are no models, and none can be used', async () => {
  assert.deepEqual(await client.listModels(), [])
  await fails(client.runModel({ id, input: '0x' }), 'UNKNOWN_MODEL', new RegExp(id))
  await fails(client.describeModel({ id }), 'UNKNOWN_MODEL', /no active model/)
  await fails(client.estimateInferenceGas({ id }), 'UNKNOWN_MODEL', /no active model/)
})

test('deployModel imports a .tflite file, tells of each chunk, and sends nothing the second time', async () => {
  const seen: number[] = []
  const deployment = await client.deployModel({ model: tflite, metadata: 'digits', onProgress: ({ done }) => seen.push(done) })
  assert.equal(deployment.id, id)
  assert.deepEqual(seen, [...deployment.chunks.keys(), deployment.chunks.length])
  assert.deepEqual([deployment.wasPublished, deployment.chunksFound, deployment.transactions], [false, 0, seen.length])
  assert.ok(deployment.gasUsed > 0n)
  const again = await client.deployModel({ artifact: imported.bytes })
  assert.deepEqual([again.id, again.wasPublished, again.transactions, again.gasUsed], [id, true, 0, 0n])
  const [model, ...others] = await client.listModels()
  assert.deepEqual(others, [])
  assert.deepEqual({ ...model, publishedAt: 0n }, { id, owner: account.address, status: 'active', publishedAt: 0n, metadata: 'digits' })
})

test('runModel gives TFLite’s bytes for hex, unsigned and signed input alike', async () => {
  for (const index of [0, 1, 2]) {
    const { input, output } = sample(index)
    assert.deepEqual(await client.runModel({ id, input }), output)
    assert.deepEqual(await client.runModel({ id, input: hex(input) }), output)
    assert.deepEqual(await client.runModel({ id, input: new Int8Array(input.buffer) }), output)
  }
  await fails(client.runModel({ id, input: new Uint8Array(783) }), 'INPUT_LENGTH', /783 bytes, the model takes 784/)
})

test('a block before the model knows nothing of it', async () => {
  await fails(client.runModel({ id, input: sample(0).input, blockNumber: 0n }), 'UNKNOWN_MODEL', /no active model/)
  assert.deepEqual(await client.listModels({ blockNumber: 0n }), [])
})

test('describeModel tells what the importer told', async () => {
  const { inputs, outputs, ...description } = await client.describeModel({ id })
  const ports = (list: typeof imported.inputs) =>
    list.map(({ type, shape, scale, zeroPoint }) => ({ type, shape: [...shape], scale, zeroPoint }))
  assert.deepEqual(inputs, ports(imported.inputs))
  assert.deepEqual(outputs, ports(imported.outputs))
  assert.equal(description.rounding, 'fp32')
  assert.equal(description.modelBytes, imported.bytes.length)
  assert.deepEqual([description.inputBytes, description.outputBytes], [784, 10])
  assert.equal(description.operatorCount, imported.model.operators.length)
})

test('estimateInferenceGas is what a trace shows, for the first use', async () => {
  const first = await client.estimateInferenceGas({ id })
  const again = await client.estimateInferenceGas({ id, firstUse: false })
  assert.ok(again < first)
  const [inference] = await client.getInferences({ transactionHash: await classifyAndStore(await deployClassifier(), sample(0).input) })
  assert.equal(inference!.gasUsed, first)
})

test('getInferences reads a transaction and a block: model, caller, input, output', async () => {
  const address = await deployClassifier()
  const { input, output } = sample(3)
  const transactionHash = await classifyAndStore(address, input)
  const [inference, ...others] = await client.getInferences({ transactionHash })
  assert.deepEqual(others, [])
  const { gasUsed, blockNumber, ...rest } = inference!
  const expected = {
    model: id,
    caller: address,
    input: hex(input),
    output: hex(output),
    error: undefined,
    isReverted: false,
    transactionHash,
  }
  assert.deepEqual(rest, expected)
  assert.ok(gasUsed > 0n)
  assert.deepEqual(await client.getInferences({ blockNumber }), [inference])
  assert.deepEqual(await client.getInferences({ blockNumber: 0n }), [])
})

test('getInferences tells why one failed', async () => {
  const { abi } = loadContract('ImageClassifier')
  const address = await deployClassifier()
  const call = { address, abi, functionName: 'classifyAndStore', args: ['0x00'], gas: 1_000_000n, chain: null } as const
  const transactionHash = await writeContract(client, call)
  const [inference] = await client.getInferences({ transactionHash })
  assert.equal(inference!.output, undefined)
  assert.match(inference!.error!, /WrongInputLength\(1, 784\)/)
  assert.equal(inference!.isReverted, true)
})

test('watchInferences tells of mined inferences, and only of those that are wanted', async () => {
  const [wanted, other] = [await deployClassifier(), await deployClassifier()]
  const seen: Inference[] = []
  const fromBlock = (await getBlockNumber(client)) + 1n
  const unwatch = client.watchInferences({ id, caller: wanted, fromBlock, onInferences: (inferences) => seen.push(...inferences) })
  try {
    await classifyAndStore(other, sample(0).input)
    const transactionHash = await classifyAndStore(wanted, sample(1).input)
    const [inference] = await atLeast(1, seen)
    assert.equal(inference!.transactionHash, transactionHash)
    assert.equal(inference!.output, hex(sample(1).output))
    assert.equal(seen.length, 1)
  } finally {
    unwatch()
  }
})

test('watchModels tells of models as they are published and changed', async () => {
  const events: ModelEvent[] = []
  const unwatch = client.watchModels({ fromBlock: 0n, onEvents: (list) => events.push(...list) })
  try {
    const { abi } = loadContract('ModelRegistry')
    const call = { address: addresses.modelRegistry, abi, functionName: 'setMetadata', args: [id, 'ten digits'], chain: null } as const
    await waitForTransactionReceipt(client, { hash: await writeContract(client, call) })
    await atLeast(2, events)
    assert.deepEqual(
      events.map(({ eventName }) => eventName),
      ['ModelPublished', 'MetadataChanged'],
    )
    const [published, changed] = events
    assert.ok(published?.eventName === 'ModelPublished' && published.args.model === id && published.args.owner === account.address)
    assert.ok(changed?.eventName === 'MetadataChanged' && changed.args.metadata === 'ten digits')
  } finally {
    unwatch()
  }
})

test('public and wallet clients take the actions, and an account can be given to the call', async () => {
  const reader = createPublicClient({ transport: http(started.url) }).extend(inferActions())
  assert.equal((await reader.listModels()).length, 1)
  const artifact = imported.bytes
  await fails(reader.deployModel({ artifact }), 'ACCOUNT_MISSING', /deployModel sends transactions/)
  assert.equal((await reader.deployModel({ artifact, account: account.address })).wasPublished, true)
  const writer = createWalletClient({ account: account.address, transport: http(started.url) }).extend(inferActions())
  assert.equal((await writer.deployModel({ artifact })).id, id)
})

test('what the chain would refuse is told by name', async () => {
  const broken = imported.bytes.slice()
  // The tensor indices of the last port: none has so many.
  broken.fill(0xff, broken.length - 10)
  await assert.rejects(client.deployModel({ artifact: broken.subarray(0, 20) }), { name: 'ModelError' })
  await fails(client.deployModel({ artifact: broken }), 'REFUSED', /publish was refused: InvalidModel\(/)
  await assert.rejects(client.deployModel({ model: broken }), { name: 'ImportError' })
})

test('deployModel imports an .onnx file, and passes on how to read it', async () => {
  const [model] = onnxModels(false)
  const deployed = await client.deployModel({ model: model!.bytes })
  assert.equal(deployed.id, importOnnx(model!.bytes, { rounding: 'fp32' }).id)
  const wrong = client.deployModel({ model: model!.bytes, onnx: { shapes: { [model!.input.name]: [7] } } })
  await assert.rejects(wrong, { name: 'ImportError', code: 'unsupported' })
})

test('a chain without models says that it is none of ours', async () => {
  const empty = custom({ request: async ({ method }) => ({ eth_chainId: '0x1', eth_blockNumber: '0x1' })[method as 'eth_chainId'] ?? '0x' })
  const elsewhere = createClient({ account: zeroAddress, transport: empty }).extend(inferActions())
  await fails(elsewhere.runModel({ id: unknown, input: '0x' }), 'NOT_INFERNODE', /not an Infernode chain/)
  await fails(elsewhere.listModels(), 'NOT_INFERNODE', /not an Infernode chain/)
  await fails(elsewhere.deployModel({ artifact: imported.bytes }), 'NOT_INFERNODE', /no ModelRegistry at 0x/)
})

test('consumeModel runs a model in a transaction, and tells why one reverted', async () => {
  const { node, client } = await startClientNode()
  try {
    const { id } = await client.deployModel({ artifact: imported.bytes })
    const { output, transactionHash, gasUsed } = await client.consumeModel({ id, input: sample(0).input })
    assert.deepEqual(output, sample(0).output)
    const [inference] = await client.getInferences({ transactionHash })
    assert.equal(inference?.output, hex(output))
    assert.ok(gasUsed > 21_000n && gasUsed >= inference!.gasUsed)
    await assert.rejects(client.consumeModel({ id, input: '0x00', gas: 1_000_000n }), {
      code: 'REVERTED',
      message: /WrongInputLength\(1, 784\)/,
    })
  } finally {
    await node.close()
  }
})
