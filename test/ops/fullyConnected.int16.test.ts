import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias16, bounds16, type Dice, fuzz, requantizations16, roundings, straddling, weights16 } from './fuzz.ts'

// 255 pairs are a stretch, 64 rows a block.
function randomFullyConnected(dice: Dice, rounding: Rounding): OperatorSpec {
  const [rows, depth, outputs] = [
    dice.pick([1, 1, 2, 4, 5, 63, 65]),
    dice.pick([...straddling, 257, 510, 511, 1100]),
    dice.pick(straddling),
  ]
  return {
    name: 'fullyConnected',
    rounding,
    operands: [
      {
        type: 'int16',
        shape: dice.pick([
          [rows, depth],
          [1, rows * depth],
          [rows, 1, depth],
        ]),
      },
      weights16(dice, [outputs, depth]),
      ...bias16(dice, outputs, 1000 * depth),
    ],
    result: { type: 'int16', shape: [rows, outputs] },
    attributes: [0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, dice.pick([1, outputs]), 2 ** 19 * depth),
  }
}

for (const rounding of roundings)
  test(`fullyConnected of int16 in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(60, (dice) => randomFullyConnected(dice, rounding)))
