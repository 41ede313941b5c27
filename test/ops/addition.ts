/** Random operators add and sub, on int8 and on int16. */
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds, bounds16, broadcastShapes, type Dice, zeroPoint } from './fuzz.ts'

export function randomAddition(name: 'add' | 'sub', dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = broadcastShapes(dice)
  const weight = () => dice.pick([dice.between(0, 2 ** 21), 2 ** 21, -(2 ** 21), dice.between(2 ** 12, 2 ** 16)])
  const scales =
    rounding === 'fp32'
      ? { multipliers: [weight() >>> 0, weight() >>> 0], shifts: [dice.pick([13, 20, 21, 30])] }
      : integerScales(dice, [-18, -19, -20, -21, 0, -31, 2])
  return {
    name,
    rounding,
    operands: [{ shape: a }, { shape: b }],
    result: { shape: y },
    attributes: [zeroPoint(dice), zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    ...scales,
  }
}

export function randomAddition16(name: 'add' | 'sub', dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = broadcastShapes(dice)
  return {
    name,
    rounding,
    operands: [
      { type: 'int16', shape: a },
      { type: 'int16', shape: b },
    ],
    result: { type: 'int16', shape: y },
    attributes: [0, 0, 0, ...bounds16(dice)],
    ...integerScales(dice, [-12, -13, -14, -15, -16, 0, -31]),
  }
}

/** Of a, b and y, the shift of y one of `last`. */
function integerScales(dice: Dice, last: readonly number[]): { multipliers: number[]; shifts: number[] } {
  const multiplier = () => dice.pick([2 ** 30, 2 ** 31 - 1, 0, dice.between(2 ** 30, 2 ** 31 - 1)])
  const shift = () => -dice.pick([0, 1, 2, 7, 31])
  return { multipliers: [multiplier(), multiplier(), multiplier()], shifts: [shift(), shift(), dice.pick(last)] }
}
