import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'lookup',
  cases: [{ name: '48²×64', operands: [{ shape: [1, 48, 48, 64] }, { shape: [256], constant: true }], result: { shape: [1, 48, 48, 64] } }],
}
