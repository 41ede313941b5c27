import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'matmul',
  cases: [
    {
      name: '64×64 times 64×64 of int16',
      operands: [
        { type: 'int16', shape: [64, 64] },
        { type: 'int16', shape: [64, 64] },
      ],
      result: { type: 'int16', shape: [64, 64] },
      attributes: [0, 0, 0, -32768, 32767],
      multipliers: [1518500250],
      shifts: [-18],
    },
    {
      name: '64×64 times 64×64',
      operands: [{ shape: [64, 64] }, { shape: [64, 64] }],
      result: { shape: [64, 64] },
      attributes: [0, 0, 0, -128, 127],
      requantizations: 1,
    },
    {
      name: '8 of 128×64 times 64×128',
      operands: [{ shape: [8, 128, 64] }, { shape: [8, 64, 128] }],
      result: { shape: [8, 128, 128] },
      attributes: [0, 0, 0, -128, 127],
      requantizations: 1,
    },
  ],
}
