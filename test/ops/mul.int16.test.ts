import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds16, broadcastShapes, type Dice, fuzz, requantizations16, roundings } from './fuzz.ts'

function randomMul(dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = broadcastShapes(dice)
  return {
    name: 'mul',
    rounding,
    operands: [
      { type: 'int16', shape: a },
      { type: 'int16', shape: b },
    ],
    result: { type: 'int16', shape: y },
    attributes: [0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, 1, 2 ** 29),
  }
}

for (const rounding of roundings)
  test(`mul of int16 in ${rounding}: both builds give the reference's bytes`, () => fuzz(150, (dice) => randomMul(dice, rounding)))
