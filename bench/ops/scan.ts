import type { BenchCase, OperatorBench } from '../one-operator.ts'

const scan = (shape: readonly number[], axis: number, product: 0 | 1): BenchCase => ({
  name: `${product ? 'products' : 'sums'} of ${shape.join('×')} along ${axis}`,
  operands: [{ type: 'int32', shape }],
  result: { type: 'int32', shape },
  attributes: [axis, product, 0, 0],
})

export const bench: OperatorBench = {
  operator: 'scan',
  cases: [scan([384, 384], 1, 0), scan([384, 384], 0, 0), scan([384, 384], 1, 1), scan([20_000, 3], 1, 0)],
}
