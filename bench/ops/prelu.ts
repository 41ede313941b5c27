import type { OperatorBench } from '../one-operator.ts'

const picture = [1, 48, 48, 64]
const multipliers = [1518500250, 1518500250]
const shifts = [0, -8]

export const bench: OperatorBench = {
  operator: 'prelu',
  cases: [
    {
      name: '48²×64 and 64',
      operands: [{ shape: picture }, { shape: [64], constant: true }],
      result: { shape: picture },
      attributes: [0, 0, 0, -128, 127],
      multipliers,
      shifts,
    },
    {
      name: '48²×64 of int16 and 1',
      operands: [
        { type: 'int16', shape: picture },
        { type: 'int16', shape: [1], constant: true },
      ],
      result: { type: 'int16', shape: picture },
      attributes: [0, 0, 0, -32768, 32767],
      multipliers,
      shifts,
    },
  ],
}
