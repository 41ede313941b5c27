import type { OperatorBench } from '../one-operator.ts'

/** Axes 1 and 2: the pixels; axis 3: the channels. */
const overPixels = 0b0110
const overChannels = 0b1000

export const bench: OperatorBench = {
  operator: 'mean',
  cases: [
    {
      name: '48²×64 → 64',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [64] },
      attributes: [overPixels, 0, 0, -128, 127],
      requantizations: 1,
    },
    {
      name: '48²×64 → 48²',
      operands: [{ shape: [1, 48, 48, 64] }],
      result: { shape: [48, 48] },
      attributes: [overChannels, 0, 0, -128, 127],
      requantizations: 1,
    },
  ],
}
