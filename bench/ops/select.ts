import type { BenchCase, OperatorBench } from '../one-operator.ts'

const shape = [48, 48, 64]

const chosen = (type: 'int8' | 'int32', a: readonly number[], b: readonly number[]): BenchCase => ({
  name: `48²×64: [${a}], [${b}] of ${type}`,
  operands: [{ shape }, { type, shape: a }, { type, shape: b }],
  result: { type, shape },
})

export const bench: OperatorBench = {
  operator: 'select',
  cases: [chosen('int8', shape, shape), chosen('int8', shape, [1]), chosen('int32', shape, shape)],
}
