import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias, bounds, type Dice, fuzz, randomWindow, requantizations, roundings, straddling, weights, zeroPoint } from './fuzz.ts'

function randomConv2d(dice: Dice, rounding: Rounding): OperatorSpec {
  const { h, w } = randomWindow(dice, [1, 1, 2, 3, 5], [1, 1, 2, 3])
  const [pictures, channels, outputs] = [dice.pick([1, 1, 2]), dice.pick(straddling), dice.pick(straddling)]
  const depth = h.kernel * w.kernel * channels
  const isInt32 = dice.between(0, 5) === 0
  const [yMin, yMax] = bounds(dice)
  return {
    name: 'conv2d',
    rounding,
    operands: [
      { shape: [pictures, h.size, w.size, channels] },
      weights(dice, [outputs, h.kernel, w.kernel, channels]),
      ...(dice.between(0, 3) === 0 ? [] : [bias(dice, outputs, 1000 * depth)]),
    ],
    result: { type: isInt32 ? 'int32' : 'int8', shape: [pictures, h.windows, w.windows, outputs] },
    attributes: [
      ...[h.stride, w.stride, h.dilation, w.dilation, h.before, h.after, w.before, w.after, 1],
      ...[zeroPoint(dice), zeroPoint(dice)],
      ...(isInt32 ? [0, 0, 0] : [zeroPoint(dice), yMin, yMax]),
    ],
    ...(isInt32 ? {} : requantizations(dice, rounding, dice.pick([1, outputs]), 2000 * depth, 66000 * depth)),
  }
}

for (const rounding of roundings)
  test(`conv2d in ${rounding}: both builds give the reference's bytes`, () => fuzz(120, (dice) => randomConv2d(dice, rounding)))
