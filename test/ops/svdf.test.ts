import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type Rounding } from '../../runtime/model/types.ts'
import { type OperandSpec, type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import {
  bias,
  bounds,
  createDice,
  type Dice,
  fuzz,
  requantizations,
  requantizations16,
  roundings,
  straddling,
  weights,
  zeroPoint,
} from './fuzz.ts'

function randomSvdf(dice: Dice, rounding: Rounding): OperatorSpec {
  const [batch, inputs, units, rank, steps] = [
    dice.pick([1, 2]),
    dice.pick(straddling),
    dice.pick([1, 3, 8]),
    dice.pick([1, 2]),
    dice.pick([1, 2, 8, 33]),
  ]
  const type = dice.pick(['int8', 'int16'] as const)
  const filters = units * rank
  const state = { type, shape: [batch, filters * steps] }
  const values = Int16Array.from({ length: filters * steps }, () => dice.between(-32768, 32767))
  const time: OperandSpec = type === 'int16' ? { type, shape: [filters, steps], values } : weights(dice, [filters, steps])
  const first =
    type === 'int16' ? requantizations16(dice, 1, 2000 * inputs) : requantizations(dice, 'double', 1, 2000 * inputs, 33000 * inputs)
  const second = requantizations(dice, 'double', 1, (type === 'int16' ? 2 ** 26 : 2000) * rank * steps, 2 ** 31 - 1)
  return {
    name: 'svdf',
    rounding,
    operands: [
      { shape: [batch, inputs] },
      weights(dice, [filters, inputs]),
      time,
      state,
      ...(dice.between(0, 1) === 0 ? [] : [bias(dice, units, 10000)]),
    ],
    result: { shape: [batch, units] },
    furtherResults: [{ ...state }],
    attributes: [rank, zeroPoint(dice), type === 'int16' ? 0 : zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    multipliers: [...first.multipliers, ...second.multipliers],
    shifts: [...first.shifts, ...second.shifts],
  }
}

for (const rounding of roundings)
  test(`svdf in ${rounding}: both builds give the reference's bytes`, () => fuzz(150, (dice) => randomSvdf(dice, rounding)))

test('svdf refuses filters that are not so many for each unit, and another state', () => {
  const spec = randomSvdf(createDice(3), 'double')
  const [rank] = spec.attributes!
  const code = (changed: Partial<OperatorSpec>) => refusal(encodeModel(operatorModel({ ...spec, ...changed }))).code
  assert.equal(code({ attributes: [rank! + 100, ...spec.attributes!.slice(1)] }), 9)
  assert.equal(code({ furtherResults: [{ ...spec.furtherResults![0]!, shape: [1, 1, 1] }] }), 7)
  assert.equal(code({ furtherResults: [] }), 2)
})
