import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds, broadcastShapes, type Dice, fuzz, requantizations, roundings, zeroPoint } from './fuzz.ts'

function randomMul(dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = broadcastShapes(dice)
  return {
    name: 'mul',
    rounding,
    operands: [{ shape: a }, { shape: b }],
    result: { shape: y },
    attributes: [zeroPoint(dice), zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    ...requantizations(dice, rounding, 1, 20000, 65025),
  }
}

for (const rounding of roundings)
  test(`mul in ${rounding}: both builds give the reference's bytes`, () => fuzz(200, (dice) => randomMul(dice, rounding)))
