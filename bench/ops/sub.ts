import type { OperatorBench } from '../one-operator.ts'

const picture = [1, 48, 48, 64]
const attributes = [0, 0, 0, -128, 127]

export const bench: OperatorBench = {
  operator: 'sub',
  cases: [
    { name: '48²×64', operands: [{ shape: picture }, { shape: picture }], result: { shape: picture }, attributes, requantizations: 3 },
    { name: '48²×64 and 64', operands: [{ shape: picture }, { shape: [64] }], result: { shape: picture }, attributes, requantizations: 3 },
    {
      name: '48²×64 and 48²×1',
      operands: [{ shape: picture }, { shape: [1, 48, 48, 1] }],
      result: { shape: picture },
      attributes,
      requantizations: 3,
    },
  ],
}
