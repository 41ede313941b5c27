/**
 * Trained models, imported, deployed to a node, and called by a contract: the answers are those of the source framework's files.
 *   TFLite     every byte, of every sample, by eth_call; the last sample also by a transaction
 *   ONNX QDQ   onnxruntime's numbers of digits as a QDQ network; the MNIST network's hidden layer is that of test/import/onnx-mnist.test.ts
 *   trees      onnxruntime's classes and probabilities
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Abi, bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem'
import { deployContract, readContract, waitForTransactionReceipt, writeContract } from 'viem/actions'
import type { Imported } from '../../runtime/import/artifact.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { type ClientNode, startClientNode } from '../client/support.ts'
import { onnxModels } from '../import/onnx-vectors/models.ts'
import { type Contract, compile } from '../precompiles/chain.ts'
import { classicalCases, compareClassical, sharedClassicalCases } from '../suites/classical.ts'
import { compare, consensusModule, type Executor, expectedModels, knownRoundings } from '../suites/expected-bytes.ts'
import { portBytes } from '../suites/onnx-bytes.ts'

const models = join(import.meta.dirname, '../../../shared/models')

let started: ClientNode
let caller: Contract
let address: Hex
before(async () => {
  started = await startClientNode()
  caller = compile('test/contracts/contracts/ModelCaller.sol').ModelCaller!
  const hash = await deployContract(started.client, { abi: caller.abi as Abi, bytecode: caller.bytecode, chain: null })
  address = (await waitForTransactionReceipt(started.client, { hash })).contractAddress!
})
after(() => started.node.close())

/** What a model was asked and has answered, after its answers have been found to be those expected. */
type Exchange = { readonly artifact: Uint8Array; readonly input: Uint8Array; readonly output: Uint8Array }

/** The module, and all that goes through it. */
function recording(): { executor: Executor; exchanges: Exchange[] } {
  const exchanges: Exchange[] = []
  const { name, open } = consensusModule('simd')
  const recorded: Executor['open'] = (artifact, model) => {
    const run = open(artifact, model)
    return (input) => {
      const output = run(input)
      exchanges.push({ artifact, input, output: output.slice() })
      return output
    }
  }
  return { executor: { name, open: recorded }, exchanges }
}

/** The contract gives each of these answers by a call, the last also in a transaction. */
async function answersInSolidity(exchanges: readonly Exchange[]): Promise<void> {
  const { client } = started
  const last = exchanges.at(-1)!
  const { id } = await client.deployModel({ artifact: last.artifact })
  const contract = { address, abi: caller.abi as Abi }
  for (const { input, output } of exchanges) {
    const answer = (await readContract(client, { ...contract, functionName: 'ask', args: [id, bytesToHex(input)] })) as Hex
    assert.deepEqual(hexToBytes(answer), new Uint8Array(output))
  }
  const args = [id, bytesToHex(last.input)]
  const hash = await writeContract(client, { ...contract, functionName: 'askAndKeep', args, chain: null })
  assert.equal((await waitForTransactionReceipt(client, { hash })).status, 'success')
  assert.equal(await readContract(client, { ...contract, functionName: 'answer' }), keccak256(last.output))
}

/** The first ones: every sample is held to its file, so many are asked on chain. */
const mostCalls = 6

const trained: Readonly<Record<string, string>> = {
  digits: 'digits',
  mlperf_tiny__pretrainedResnet_quant: 'ResNet-8',
  mlperf_tiny__kws_ref_model: 'keyword spotting',
  mlperf_tiny__ad01_int8: 'the anomaly autoencoder',
  tflm__person_detect: 'person detection',
  tflm__micro_speech_quantized: 'micro speech',
  tflm__trained_lstm_int8: 'an LSTM of MNIST',
}

for (const model of expectedModels().filter(({ name }) => name in trained))
  for (const rounding of knownRoundings(model))
    test(`${trained[model.name]} in rounding mode ${rounding}: a contract gets the bytes of TFLite`, async () => {
      const { executor, exchanges } = recording()
      const { differing, total } = compare(model, rounding, executor)
      assert.ok(total > 0)
      assert.equal(differing, model.exceptions?.[rounding]?.differing ?? 0)
      await answersInSolidity(exchanges.slice(0, mostCalls))
    })

test('digits as a QDQ network: a contract gets the numbers of onnxruntime', async () => {
  const [digits] = onnxModels(false)
  const imported = importOnnx(digits!.bytes, { rounding: 'fp32' })
  const { executor, exchanges } = recording()
  const run = executor.open(imported.bytes, imported.model)
  const [inputSize, outputSize] = [digits!.input.values.length / digits!.samples, digits!.answers.length / digits!.samples]
  for (let sample = 0; sample < mostCalls; sample += 1) {
    const given = [...digits!.input.values.subarray(sample * inputSize, (sample + 1) * inputSize)]
    const answer = run(portBytes(imported.inputs[0]!, given))
    assert.deepEqual(
      answer.map((value) => value ^ 0x80),
      Uint8Array.from(digits!.answers.subarray(sample * outputSize, (sample + 1) * outputSize)),
    )
  }
  await answersInSolidity(exchanges)
})

test('a QDQ network of MNIST: a contract gets the layer from which onnxruntime’s classes follow', {
  skip: existsSync(models) ? false : `no ${models}`,
}, async () => {
  const imported = importOnnx(readFileSync(join(models, 'qdq_made/cnn_mnist_u8s8_perchannel_qdq.onnx')), {
    rounding: 'fp32',
    outputs: ['18_dq'],
  })
  await answersInSolidity(pictures(imported))
})

function pictures({ bytes, model, inputs }: Imported): Exchange[] {
  const { executor, exchanges } = recording()
  const run = executor.open(bytes, model)
  const pixels = 28 * 28
  const images = gunzipSync(readFileSync(join(models, 'datasets/mnist/images-8000-idx3-ubyte.gz'))).subarray(16)
  for (let index = 0; index < mostCalls; index += 1) {
    const picture = [...images.subarray(index * pixels, (index + 1) * pixels)].map((value) => Math.fround((value / 255 - 0.1307) / 0.3081))
    run(portBytes(inputs[0]!, picture))
  }
  return exchanges
}

const ensembles = [
  'XGBoost',
  'XGBoost, two classes',
  'LightGBM',
  'random forest',
  'tract__onnx__test_cases__xgboost_classifier_tree__model',
]

for (const one of [...classicalCases(), ...sharedClassicalCases()].filter(({ name }) => ensembles.includes(name)))
  test(`${one.name}: a contract gets the classes and probabilities of onnxruntime`, async () => {
    const { executor, exchanges } = recording()
    const { wrongLabels, differing, labels } = compareClassical(one, executor)
    assert.deepEqual({ wrongLabels, differing, some: labels > 0 }, { wrongLabels: 0, differing: 0, some: true })
    await answersInSolidity(exchanges.slice(0, mostCalls))
  })
