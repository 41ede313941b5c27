import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'transpose',
  cases: [
    {
      name: '48²×64 to channels first',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 64, 48, 48] },
      attributes: [0, 3, 1, 2],
    },
    { name: '48²×3 to channels first', operands: [{ shape: [1, 48, 48, 3] }], result: { shape: [1, 3, 48, 48] }, attributes: [0, 3, 1, 2] },
    { name: 'heads: 128×8×64 → 8×128×64', operands: [{ shape: [128, 8, 64] }], result: { shape: [8, 128, 64] }, attributes: [1, 0, 2] },
    {
      name: 'int32, 256×256',
      operands: [{ type: 'int32', shape: [256, 256] }],
      result: { type: 'int32', shape: [256, 256] },
      attributes: [1, 0],
    },
  ],
}
