import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'concat',
  cases: [
    {
      name: '48²×32 and 48²×32',
      operands: [{ shape: [1, 48, 48, 32] }, { shape: [1, 48, 48, 32] }],
      result: { shape: [1, 48, 48, 64] },
      attributes: [3],
    },
    {
      name: '48²×1 and 48²×1',
      operands: [{ shape: [1, 48, 48, 1] }, { shape: [1, 48, 48, 1] }],
      result: { shape: [1, 48, 48, 2] },
      attributes: [3],
    },
  ],
}
