import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'gather',
  cases: [
    {
      name: '256 of 1000×64',
      operands: [
        { shape: [1000, 64], constant: true },
        { type: 'int32', shape: [256] },
      ],
      result: { shape: [256, 64] },
      attributes: [0],
    },
    {
      name: '256 of 4 each of 1000',
      operands: [
        { shape: [1000, 4], constant: true },
        { type: 'int32', shape: [256] },
      ],
      result: { shape: [256, 4] },
      attributes: [0],
    },
  ],
}
