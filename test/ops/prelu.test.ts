import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bounds, bounds16, broadcastShapes, type Dice, fuzz, requantizations, requantizations16, roundings, zeroPoint } from './fuzz.ts'

function randomPrelu(dice: Dice, rounding: Rounding): OperatorSpec {
  const [x, alpha, y] = broadcastShapes(dice)
  return {
    name: 'prelu',
    rounding,
    operands: [{ shape: x }, { shape: alpha }],
    result: { shape: y },
    attributes: [zeroPoint(dice), zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    ...requantizations(dice, 'double', 2, dice.pick([300, 20000]), 65025),
  }
}

/** Alpha is a constant now and then: then its values bound the product. */
function randomPrelu16(dice: Dice, rounding: Rounding): OperatorSpec {
  const [x, alpha, y] = broadcastShapes(dice)
  const values = Int16Array.from({ length: alpha.reduce((a, b) => a * b) }, () => dice.between(-32768, 32767))
  return {
    name: 'prelu',
    rounding,
    operands: [
      { type: 'int16', shape: x },
      { type: 'int16', shape: alpha, ...(dice.between(0, 1) === 0 ? { values } : {}) },
    ],
    result: { type: 'int16', shape: y },
    attributes: [0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, 2, dice.pick([2 ** 15, 2 ** 29])),
  }
}

for (const rounding of roundings) {
  test(`prelu in ${rounding}: both builds give the reference's bytes`, () => fuzz(150, (dice) => randomPrelu(dice, rounding)))
  test(`prelu of int16 in ${rounding}: both builds give the reference's bytes`, () => fuzz(150, (dice) => randomPrelu16(dice, rounding)))
}
