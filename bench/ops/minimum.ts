import type { OperatorBench } from '../one-operator.ts'

const picture = [1, 48, 48, 64]

export const bench: OperatorBench = {
  operator: 'minimum',
  cases: [
    { name: '48²×64', operands: [{ shape: picture }, { shape: picture }], result: { shape: picture } },
    { name: '48²×64 and 64', operands: [{ shape: picture }, { shape: [64] }], result: { shape: picture } },
    {
      name: '48²×64 of int32',
      operands: [
        { type: 'int32', shape: picture },
        { type: 'int32', shape: picture },
      ],
      result: { type: 'int32', shape: picture },
    },
  ],
}
