import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'argMax',
  cases: [
    { name: '1000 along the last', operands: [{ shape: [1, 1000] }], result: { type: 'int32', shape: [1] }, attributes: [1, 0, 0] },
    {
      name: '64²×21 along the channels',
      operands: [{ shape: [1, 64, 64, 21] }],
      result: { type: 'int32', shape: [1, 64, 64] },
      attributes: [3, 0, 0],
    },
  ],
}
