import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds, type Dice, fuzz, requantizations, roundings, zeroPoint } from './fuzz.ts'

function randomMean(dice: Dice, rounding: Rounding): OperatorSpec {
  const shape = Array.from({ length: dice.between(1, 6) }, () => dice.pick([1, 2, 3, 4, 7, 9]))
  // Strips are summed in blocks of 512.
  if (dice.between(0, 9) === 0) shape[dice.between(0, shape.length - 1)] = dice.pick([511, 513, 1100])
  const axes = dice.between(1, 2 ** shape.length - 1)
  const kept = shape.filter((_, axis) => ((axes >> axis) & 1) === 0)
  const count = shape.reduce((product, size, axis) => ((axes >> axis) & 1 ? product * size : product), 1)
  const { multipliers, shifts } = requantizations(dice, rounding, 1, 100 * count, 255 * count)
  return {
    name: 'mean',
    rounding,
    operands: [{ shape }],
    result: { shape: kept.length > 0 ? kept : [1] },
    attributes: [axes, zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    // A folded count leaves multipliers below 2^30.
    multipliers: rounding !== 'fp32' && dice.between(0, 1) === 0 ? [dice.between(2 ** 29, 2 ** 30)] : multipliers,
    shifts,
  }
}

for (const rounding of roundings)
  test(`mean in ${rounding}: both builds give the reference's bytes`, () => fuzz(200, (dice) => randomMean(dice, rounding)))
