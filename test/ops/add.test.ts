import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds, broadcastShapes, type Dice, fuzz, roundings, zeroPoint } from './fuzz.ts'

function randomAdd(dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = broadcastShapes(dice)
  const multiplier = () => dice.pick([2 ** 30, 2 ** 31 - 1, 0, dice.between(2 ** 30, 2 ** 31 - 1)])
  const weight = () => dice.pick([dice.between(0, 2 ** 21), 2 ** 21, -(2 ** 21), dice.between(2 ** 12, 2 ** 16)])
  const scales =
    rounding === 'fp32'
      ? { multipliers: [weight() >>> 0, weight() >>> 0], shifts: [dice.pick([13, 20, 21, 30])] }
      : {
          multipliers: [multiplier(), multiplier(), multiplier()],
          shifts: [-dice.pick([0, 1, 2, 7, 31]), -dice.pick([0, 1, 2, 7, 31]), -dice.pick([18, 19, 20, 21, 0, 31, -2])],
        }
  return {
    name: 'add',
    rounding,
    operands: [{ shape: a }, { shape: b }],
    result: { shape: y },
    attributes: [zeroPoint(dice), zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    ...scales,
  }
}

for (const rounding of roundings)
  test(`add in ${rounding}: both builds give the reference's bytes`, () => fuzz(200, (dice) => randomAdd(dice, rounding)))
