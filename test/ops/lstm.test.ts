import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type Rounding } from '../../runtime/model/types.ts'
import { type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { createDice, type Dice, fuzz, roundings, weights, zeroPoint } from './fuzz.ts'

function randomLstm(dice: Dice, rounding: Rounding): OperatorSpec {
  const [batch, time, inputs, units] = [dice.pick([1, 2]), dice.pick([1, 2, 5]), dice.pick([1, 7, 8, 9, 33]), dice.pick([1, 3, 8, 17])]
  const type = dice.pick(['int8', 'int16'] as const)
  const isTimeFirst = dice.pick([0, 1])
  const sequence = (last: number) => (isTimeFirst ? [time, batch, last] : [batch, time, last])
  const biases = Int32Array.from({ length: 4 * units * (type === 'int16' ? 2 : 1) }, (_, at) =>
    type === 'int16' && at % 2 ? dice.between(-1, 0) : dice.between(-(2 ** 20), 2 ** 20),
  )
  const state = { type, shape: [batch, units] }
  const cell = { type: 'int16' as const, shape: [batch, units] }
  const gateShift = () => -dice.between(type === 'int16' ? 8 : 2, type === 'int16' ? 16 : 9)
  const multiplier = () => dice.between(2 ** 30, 2 ** 31 - 1)
  return {
    name: 'lstm',
    rounding,
    operands: [
      { type, shape: sequence(inputs) },
      weights(dice, [4, units, inputs]),
      weights(dice, [4, units, units]),
      { type: 'int32', shape: type === 'int16' ? [4, units, 2] : [4, units], values: biases },
      state,
      cell,
    ],
    result: { type, shape: sequence(units) },
    furtherResults: [{ ...state }, { ...cell }],
    attributes: [isTimeFirst, type === 'int16' ? 0 : zeroPoint(dice), type === 'int16' ? 0 : zeroPoint(dice), dice.pick([0, 0, 1, 20000])],
    multipliers: Array.from({ length: 12 }, multiplier),
    shifts: [
      ...Array.from({ length: 8 }, gateShift),
      -dice.between(13, 16),
      -dice.between(13, 20),
      -dice.between(type === 'int16' ? 14 : 21, type === 'int16' ? 17 : 25),
      dice.between(-2, 7),
    ],
  }
}

for (const rounding of roundings)
  test(`lstm in ${rounding}: both builds give the reference's bytes`, () => fuzz(150, (dice) => randomLstm(dice, rounding)))

test('lstm refuses fewer requantizations, another shape of weights or state', () => {
  const spec = randomLstm(createDice(5), 'double')
  const code = (changed: Partial<OperatorSpec>) => refusal(encodeModel(operatorModel({ ...spec, ...changed }))).code
  const replaced = (place: number, shape: number[]) =>
    spec.operands.map((operand, at) => (at === place ? { type: operand.type!, shape } : operand))
  assert.equal(code({ multipliers: spec.multipliers!.slice(1), shifts: spec.shifts!.slice(1) }), 2)
  assert.equal(code({ operands: replaced(5, [9, 9]) }), 9)
  assert.equal(code({ operands: replaced(0, [1, 1]) }), 7)
  assert.equal(code({ shifts: [...spec.shifts!.slice(0, 11), 16] }), 12)
})
