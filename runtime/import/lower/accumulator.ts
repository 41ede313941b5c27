/** The bound of docs/arithmetic.md, "Tensors and accumulators": no partial sum of an output channel may pass 2^31, on int16 2^47. */
import { constantIntegers, type GraphTensor } from '../graph.ts'
import { affine } from './affine.ts'

/** The first output channel that could pass the limit, undefined where none could. `weights`: a constant of int8. */
export function overflowingChannel(
  x: GraphTensor,
  weights: GraphTensor,
  bias: GraphTensor | undefined,
  channelAxis: number,
): number | undefined {
  const values = new Int8Array(weights.data!.buffer, weights.data!.byteOffset, weights.data!.length)
  const channels = weights.shape[channelAxis]!
  const stride = weights.shape.slice(channelAxis + 1).reduce((count, dimension) => count * dimension, 1)
  const sums = new Array<number>(channels).fill(0)
  const zero = affine(weights).zero
  for (const [at, value] of values.entries()) sums[Math.floor(at / stride) % channels]! += Math.abs(value - zero)
  const largest = x.type === 'int16' ? 2 ** 15 : Math.max(Math.abs(-128 - affine(x).zero), Math.abs(127 - affine(x).zero))
  const limit = accumulatorLimit(x)
  const biases = bias === undefined ? undefined : constantIntegers(bias)
  const overflowing = sums.findIndex((sum, channel) => sum * largest + Math.abs(biases?.[channel] ?? 0) >= limit)
  return overflowing < 0 ? undefined : overflowing
}

export function accumulatorLimit(x: GraphTensor): number {
  return x.type === 'int16' ? 2 ** 47 : 2 ** 31
}
