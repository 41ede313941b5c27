import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { fromBinary } from '@bufbuild/protobuf'
import { noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { ModelProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { consensusModule } from '../suites/expected-bytes.ts'
import { portBytes, portNumbers } from '../suites/onnx-bytes.ts'

const models = join(import.meta.dirname, '../../../shared/models')
const id = 'cnn_mnist_u8s8_perchannel_qdq'
const count = 100
const pixels = 28 * 28

/**
 * The model's last layer, Gemm → Relu → LogSoftmax, has no quantized result: it is computed here, from what the artifact gives before it.
 * onnxruntime leaves both convolutions in float32, because Relu stands behind MaxPool.
 */
test('a QDQ network of MNIST gives onnxruntime’s log-probabilities', { skip: existsSync(models) ? false : `no ${models}` }, () => {
  const bytes = readFileSync(join(models, `qdq_made/${id}.onnx`))
  const { bytes: artifact, model, inputs, outputs } = importOnnx(bytes, { rounding: 'fp32', outputs: ['18_dq'] })
  const run = consensusModule('simd').open(artifact, model)
  const { outputs_all: expected } = JSON.parse(gunzipSync(readFileSync(join(models, `expected_onnx/qdq_made__${id}.json.gz`))).toString())
  const images = gunzipSync(readFileSync(join(models, 'datasets/mnist/images-8000-idx3-ubyte.gz'))).subarray(16)
  const last = lastLayer(bytes)
  let [worst, agreeing] = [0, 0]
  for (let index = 0; index < count; index += 1) {
    const picture = [...images.subarray(index * pixels, (index + 1) * pixels)].map((value) => Math.fround((value / 255 - 0.1307) / 0.3081))
    const [hidden] = portNumbers(outputs, run(portBytes(inputs[0]!, picture)))
    const got = logSoftmax(last(hidden!))
    const wanted = expected[index] as number[]
    worst = Math.max(worst, ...got.map((value, at) => Math.abs(value - wanted[at]!)))
    if (got.indexOf(Math.max(...got)) === wanted.indexOf(Math.max(...wanted))) agreeing += 1
  }
  assert.equal(agreeing, count)
  assert.ok(worst < 1e-4, `differs by ${worst}`)
})

function lastLayer(bytes: Uint8Array): (hidden: readonly number[]) => number[] {
  const constants = new Map(
    fromBinary(ModelProtoSchema, bytes).graph!.initializer.map((one) => [one.name, numbersOf(readTensor(one, one.name, noExternalFiles))!]),
  )
  const [weights, scales] = [constants.get('fc2.weight_q')!, constants.get('fc2.weight_scale')!]
  const [bias, biasScales] = [constants.get('fc2.bias_q')!, constants.get('fc2.bias_scale')!]
  return (hidden) =>
    bias.map((value, unit) => {
      const sum = hidden.reduce((total, x, at) => total + x * weights[unit * hidden.length + at]! * scales[unit]!, 0)
      return Math.max(0, sum + value * biasScales[unit]!)
    })
}

function logSoftmax(values: readonly number[]): number[] {
  const largest = Math.max(...values)
  const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0)
  return values.map((value) => value - largest - Math.log(sum))
}
