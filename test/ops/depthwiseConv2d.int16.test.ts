import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias16, bounds16, type Dice, fuzz, randomWindow, requantizations16, roundings, straddling, weights16 } from './fuzz.ts'

function randomDepthwise(dice: Dice, rounding: Rounding): OperatorSpec {
  const { h, w } = randomWindow(dice, dice.between(0, 19) === 0 ? [23] : [1, 2, 3, 5], [1, 1, 2, 3])
  const [pictures, channels, multiplier] = [dice.pick([1, 1, 2]), dice.pick(straddling), dice.pick([1, 1, 1, 2, 3, 8])]
  const outputs = channels * multiplier
  const taps = h.kernel * w.kernel
  return {
    name: 'depthwiseConv2d',
    rounding,
    operands: [
      { type: 'int16', shape: [pictures, h.size, w.size, channels] },
      weights16(dice, [1, h.kernel, w.kernel, outputs]),
      ...bias16(dice, outputs, 1000 * taps),
    ],
    result: { type: 'int16', shape: [pictures, h.windows, w.windows, outputs] },
    attributes: [h.stride, w.stride, h.dilation, w.dilation, h.before, h.after, w.before, w.after, 0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, dice.pick([1, outputs]), 2 ** 19 * taps),
  }
}

for (const rounding of roundings)
  test(`depthwiseConv2d of int16 in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(60, (dice) => randomDepthwise(dice, rounding)))
