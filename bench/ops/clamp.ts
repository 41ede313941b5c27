import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'clamp',
  cases: [
    { name: '48²×64', operands: [{ shape: [1, 48, 48, 64] }], result: { shape: [1, 48, 48, 64] }, attributes: [-10, 100] },
    {
      name: '48²×64 of int32',
      operands: [{ type: 'int32', shape: [1, 48, 48, 64] }],
      result: { type: 'int32', shape: [1, 48, 48, 64] },
      attributes: [0, 65536],
    },
  ],
}
