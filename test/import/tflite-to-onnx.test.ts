/** A model as TFLite and as ONNX: both importers give artifacts of the same bytes out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { parseTflite } from '../../runtime/import/tflite/parse.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { tfliteToOnnx } from '../../scripts/onnx/tflite-to-onnx.ts'
import { random, randomBytes } from '../module/harness.ts'
import { int8Data, tensor, writeTflite } from './write-tflite.ts'

for (const [channels, multiplier] of [
  [1, 1],
  [1, 4],
  [3, 1],
  [3, 2],
] as const)
  test(`a depthwise convolution of ${channels} channels, ${multiplier} of each`, () => {
    const outputs = channels * multiplier
    const next = random(channels * 10 + multiplier)
    const bytes = (length: number) => [...new Int8Array(randomBytes(length, next).slice().buffer)]
    const scales = Array.from({ length: outputs }, (_, at) => 0.01 + at / 300)
    const file = writeTflite({
      tensors: [
        tensor('int8', [1, 5, 6, channels], { scales: [0.05], zeros: [-3] }),
        tensor('int8', [1, 3, 3, outputs], { scales, zeros: scales.map(() => 0), axis: 3, data: int8Data(bytes(9 * outputs)) }),
        tensor('int8', [1, 3, 4, outputs], { scales: [0.2], zeros: [5] }),
      ],
      nodes: [
        {
          op: 'DEPTHWISE_CONV_2D',
          inputs: [0, 1, -1],
          outputs: [2],
          options: {
            padding: 'VALID',
            strideH: 1,
            strideW: 1,
            dilationH: 1,
            dilationW: 1,
            depthMultiplier: multiplier,
            activation: 'NONE',
          },
        },
      ],
      inputs: [0],
      outputs: [2],
    })
    const [own, other] = [importTflite(file, { rounding: 'fp32' }), importOnnx(tfliteToOnnx(parseTflite(file)), { rounding: 'fp32' })]
    for (let sample = 0; sample < 8; sample += 1) {
      const input = randomBytes(30 * channels, next).slice()
      assert.deepEqual(runBytes(other.model, input), runBytes(own.model, input))
    }
  })
