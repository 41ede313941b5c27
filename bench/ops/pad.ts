import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'pad',
  cases: [
    {
      name: '48²×64 → 50²×64',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 50, 50, 64] },
      attributes: [0, 0, 0, 1, 1, 1, 1, 0, 0],
    },
    {
      name: '48²×3 → 50²×3',
      operands: [{ shape: [1, 48, 48, 3] }],
      result: { shape: [1, 50, 50, 3] },
      attributes: [0, 0, 0, 1, 1, 1, 1, 0, 0],
    },
  ],
}
