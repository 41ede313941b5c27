import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'logistic',
  cases: [
    {
      name: '48²×64 of int16',
      operands: [{ type: 'int16', shape: [1, 48, 48, 64] }],
      result: { type: 'int16', shape: [1, 48, 48, 64] },
      multipliers: [1610612736],
      shifts: [1],
    },
    {
      name: '48²×64',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [1, 48, 48, 64] },
      attributes: [0],
      multipliers: [1518500250],
      shifts: [10],
    },
    { name: '48²×64 in Q16.16', operands: [{ type: 'int32', shape: [1, 48, 48, 64] }], result: { type: 'int32', shape: [1, 48, 48, 64] } },
  ],
}
