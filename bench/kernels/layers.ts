/** Convolutions and the vector-matrix product as layers of one .tflite file, which the importer and the peers read alike. */
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { randomBytes } from '../one-operator.ts'
import { modelPeers } from '../peers/model-peers.ts'
import { type Layer, tfliteLayer } from '../peers/tflite-layer.ts'
import type { KernelBench } from './kernel.ts'

export function conv(size: number, channels: number, outputs: number, kernel: number): KernelBench {
  return layer(`conv ${kernel}×${kernel}, ${size}²×${channels}→${outputs}`, size ** 2 * channels * outputs * kernel ** 2, {
    op: 'CONV_2D',
    input: [1, size, size, channels],
    weights: [outputs, kernel, kernel, channels],
    output: [1, size, size, outputs],
  })
}

export function depthwise(size: number, channels: number): KernelBench {
  return layer(`depthwise 3×3, ${size}²×${channels}`, size ** 2 * channels * 9, {
    op: 'DEPTHWISE_CONV_2D',
    input: [1, size, size, channels],
    weights: [1, 3, 3, channels],
    output: [1, size, size, channels],
  })
}

export function gemv(depth: number, outputs: number): KernelBench {
  return layer(`GEMV 1×${depth}→${outputs}`, depth * outputs, {
    op: 'FULLY_CONNECTED',
    input: [1, depth],
    weights: [outputs, depth],
    output: [1, outputs],
  })
}

function layer(work: string, macs: number, shapes: Pick<Layer, 'op' | 'input' | 'weights' | 'output'>): KernelBench {
  const random = randomBytes()
  const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size)
  const values = new Int8Array(random(elements(shapes.weights)).buffer).map((value) => Math.max(-127, value))
  const file = tfliteLayer({ ...shapes, values, outputScale: 1024 })
  const input = random(elements(shapes.input))
  return { work, macs, artifact: importTflite(file, { rounding: 'fp32' }).bytes, input, peers: () => modelPeers(file, input) }
}
