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

/** 3×3 at stride 1, of sizes around what goes through Winograd's transforms: blocks of 32 tiles of 2×2 results, 12 to 896 channels. */
function randomWinograd(dice: Dice, rounding: Rounding): OperatorSpec {
  const [before, after, left, right] = [dice.between(0, 2), dice.between(0, 2), dice.between(0, 2), dice.between(0, 2)]
  const height = dice.pick([3, 4, 5, 8, 9])
  const width = dice.pick([3, 4, 5, 16, 17, 62, 64, 65, 67])
  const pictures = dice.pick([1, 1, 2])
  const isDeep = width < 6 && dice.between(0, 9) === 0
  const channels = isDeep ? dice.pick([896, 897]) : dice.pick([11, 12, 13, 16, 17, 24, 31, 32])
  const outputs = isDeep ? 12 : dice.pick([11, 12, 15, 16, 17, 24])
  const isInt32 = dice.between(0, 3) === 0
  const shape = [outputs, 3, 3, channels]
  const extreme = new Int8Array(outputs * 9 * channels).fill(dice.pick([-128, 127]))
  const [yMin, yMax] = bounds(dice)
  return {
    name: 'conv2d',
    rounding,
    operands: [
      { shape: [pictures, height, width, channels] },
      dice.between(0, 3) === 0 ? { shape, values: extreme } : weights(dice, shape),
      bias(dice, outputs, 1_000_000),
    ],
    result: { type: isInt32 ? 'int32' : 'int8', shape: [pictures, height + before + after - 2, width + left + right - 2, outputs] },
    attributes: [
      1,
      1,
      1,
      1,
      before,
      after,
      left,
      right,
      1,
      zeroPoint(dice),
      zeroPoint(dice),
      ...(isInt32 ? [0, 0, 0] : [zeroPoint(dice), yMin, yMax]),
    ],
    ...(isInt32 ? {} : requantizations(dice, rounding, dice.pick([1, outputs]), 18_000 * channels, 2 ** 30)),
  }
}

for (const rounding of roundings)
  test(`conv2d 3×3 at stride 1 in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(30, (dice) => randomWinograd(dice, rounding)))
