import type { BenchCase, OperatorBench } from '../one-operator.ts'

const shape = [48, 48, 64]

const pairs = (b: readonly number[]): BenchCase => ({
  name: `48²×64 and ${b.join('×')}`,
  operands: [{ shape }, { shape: b }, { shape: [256, 256], constant: true }],
  result: { shape },
})

export const bench: OperatorBench = { operator: 'lookupPair', cases: [pairs(shape), pairs([64]), pairs([1])] }
