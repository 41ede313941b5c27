import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'softmax',
  cases: [
    {
      name: '64×1000 of int16',
      operands: [{ type: 'int16', shape: [64, 1000] }],
      result: { type: 'int16', shape: [64, 1000] },
      multipliers: [1718013132],
      shifts: [-2],
    },
    { name: '64×1000', operands: [{ shape: [64, 1000] }], result: { shape: [64, 1000] }, multipliers: [1518500250], shifts: [23] },
    { name: '64×1000 in Q16.16', operands: [{ type: 'int32', shape: [64, 1000] }], result: { type: 'int32', shape: [64, 1000] } },
  ],
}
