import type { OperatorBench } from '../one-operator.ts'

const picture = [1, 48, 48, 64]

export const bench: OperatorBench = {
  operator: 'requantize',
  cases: [
    {
      name: '48²×64 of int16',
      operands: [{ type: 'int16', shape: picture }],
      result: { shape: picture },
      attributes: [0, 0, -128, 127],
      multipliers: [1518500250],
      shifts: [-8],
    },
    { name: '48²×64', operands: [{ shape: picture }], result: { shape: picture }, attributes: [0, 0, -128, 127], requantizations: 1 },
    {
      name: '48²×64 per channel',
      operands: [{ shape: picture }],
      result: { shape: picture },
      attributes: [0, 0, -128, 127],
      requantizations: 64,
    },
    {
      name: '48²×64 of int32',
      operands: [{ type: 'int32', shape: picture }],
      result: { shape: picture },
      attributes: [0, 0, -128, 127],
      requantizations: 1,
    },
  ],
}
