import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'reshape',
  cases: [{ name: '48²×64', operands: [{ shape: [1, 48, 48, 64] }], result: { shape: [48 * 48, 64] } }],
}
