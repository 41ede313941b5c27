import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias16, bounds16, type Dice, fuzz, randomWindow, requantizations16, roundings, straddling, weights16 } from './fuzz.ts'

function randomConv2d(dice: Dice, rounding: Rounding): OperatorSpec {
  const { h, w } = randomWindow(dice, [1, 1, 2, 3, 5], [1, 1, 2, 3])
  const [pictures, channels, outputs] = [dice.pick([1, 1, 2]), dice.pick([...straddling, 130]), dice.pick(straddling)]
  const depth = h.kernel * w.kernel * channels
  return {
    name: 'conv2d',
    rounding,
    operands: [
      { type: 'int16', shape: [pictures, h.size, w.size, channels] },
      weights16(dice, [outputs, h.kernel, w.kernel, channels]),
      ...bias16(dice, outputs, 1000 * depth),
    ],
    result: { type: 'int16', shape: [pictures, h.windows, w.windows, outputs] },
    attributes: [h.stride, w.stride, h.dilation, w.dilation, h.before, h.after, w.before, w.after, 1, 0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, dice.pick([1, outputs]), 2 ** 19 * depth),
  }
}

for (const rounding of roundings)
  test(`conv2d of int16 in ${rounding}: both builds give the reference's bytes`, () => fuzz(60, (dice) => randomConv2d(dice, rounding)))
