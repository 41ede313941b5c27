import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'slice',
  cases: [
    {
      name: '48²×64 → 46²×64',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 46, 46, 64] },
      attributes: [0, 1, 1, 1, 1, 1, 0, 1],
    },
    {
      name: '48²×64 → 48²×32',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 48, 48, 32] },
      attributes: [0, 1, 0, 1, 0, 1, 32, 1],
    },
    {
      name: '96²×8, every second → 48²×8',
      operands: [{ shape: [1, 96, 96, 8] }],
      result: { shape: [1, 48, 48, 8] },
      attributes: [0, 1, 0, 2, 0, 2, 0, 1],
    },
    {
      name: '48²×64, every second channel',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 48, 48, 32] },
      attributes: [0, 1, 0, 1, 0, 1, 0, 2],
    },
  ],
}
