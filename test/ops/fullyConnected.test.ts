import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias, bounds, type Dice, fuzz, requantizations, roundings, straddling, weights, zeroPoint } from './fuzz.ts'

// One row takes the vector kernel, several the matrix kernel; 64 rows are a block.
const rowCounts = [1, 1, 1, 2, 3, 4, 5, 63, 64, 65, 130]

function randomFullyConnected(dice: Dice, rounding: Rounding): OperatorSpec {
  const [rows, depth, outputs] = [dice.pick(rowCounts), dice.pick([...straddling, 257]), dice.pick(straddling)]
  const isInt32 = dice.between(0, 5) === 0
  const [yMin, yMax] = bounds(dice)
  return {
    name: 'fullyConnected',
    rounding,
    operands: [
      { shape: dice.pick([[rows, depth], [1, rows * depth], [rows * depth], [rows, 1, depth]]) },
      weights(dice, [outputs, depth]),
      ...(dice.between(0, 3) === 0 ? [] : [bias(dice, outputs, 1000 * depth)]),
    ],
    result: {
      type: isInt32 ? 'int32' : 'int8',
      shape: dice.pick([
        [rows, outputs],
        [1, rows, outputs],
      ]),
    },
    attributes: [zeroPoint(dice), zeroPoint(dice), ...(isInt32 ? [0, 0, 0] : [zeroPoint(dice), yMin, yMax])],
    ...(isInt32 ? {} : requantizations(dice, rounding, dice.pick([1, outputs]), 2000 * depth, 66000 * depth)),
  }
}

for (const rounding of roundings)
  test(`fullyConnected in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(150, (dice) => randomFullyConnected(dice, rounding)))
