import type { Decompose } from './composite.ts'

/**
 * y = x · a + b for each channel c of dimension 1, a = scale / √(variance + ε), b = bias − mean · a: what a convolution or dense layer
 * before it takes into its weights (fold.ts).
 */
export const batchNormalization: Decompose = (node) => {
  if (node.int('training_mode', 0) !== 0) node.refuse('it is in training mode', 'inference')
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => node.numbers(index)) as [number[], number[], number[], number[]]
  const epsilon = node.float('epsilon', 1e-5)
  const factors = scale.map((value, channel) => value / Math.sqrt(variance[channel]! + epsilon))
  const rank = node.shape(0).length
  const shape = [factors.length, ...new Array<number>(Math.max(rank - 2, 0)).fill(1)]
  const scaled = node.emit('Mul', [node.input(0), node.floats(factors, shape)])
  const offsets = bias.map((value, channel) => value - mean[channel]! * factors[channel]!)
  return node.emit('Add', [scaled, node.floats(offsets, shape)])
}
