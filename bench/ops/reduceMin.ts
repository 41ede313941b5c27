import type { OperatorBench } from '../one-operator.ts'

export const bench: OperatorBench = {
  operator: 'reduceMin',
  cases: [
    { name: '48²×64 over the picture', operands: [{ shape: [1, 48, 48, 64] }], result: { shape: [1, 64] }, attributes: [6] },
    { name: '48²×64 over the channels', operands: [{ shape: [1, 48, 48, 64] }], result: { shape: [1, 48, 48] }, attributes: [8] },
  ],
}
