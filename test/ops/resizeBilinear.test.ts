import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type Rounding } from '../../runtime/model/types.ts'
import { type OperandSpec, type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { type Dice, fuzz, roundings, straddling } from './fuzz.ts'

const table = (rows: number[][]): OperandSpec => ({ type: 'int32', shape: [rows.length, 3], values: Int32Array.from(rows.flat()) })

function randomTable(dice: Dice, size: number, unit: number): OperandSpec {
  const weight = () => dice.pick([0, unit, unit / 2, dice.between(0, unit)])
  return table(
    Array.from({ length: dice.between(1, 5) }, () => [dice.between(0, size - 1), dice.between(0, size - 1), Math.floor(weight())]),
  )
}

function randomResize(dice: Dice, rounding: Rounding): OperatorSpec {
  const [height, width] = [dice.between(1, 4), dice.between(1, 4)]
  const [batch, channels] = [dice.between(1, 2), dice.pick(straddling)]
  const bits = dice.pick([1, 5, 10, 11])
  const [rows, columns] = [randomTable(dice, height, 2 ** bits), randomTable(dice, width, 2 ** bits)]
  return {
    name: 'resizeBilinear',
    rounding,
    operands: [{ shape: [batch, height, width, channels] }, rows, columns],
    result: { shape: [batch, rows.shape[0]!, columns.shape[0]!, channels] },
    attributes: [bits],
  }
}

for (const rounding of roundings)
  test(`resizeBilinear in ${rounding}: both builds give the reference bytes`, () => fuzz(150, (dice) => randomResize(dice, rounding)))

test('resizeBilinear refuses rows outside the picture, weights past 1, and more than 11 bits', () => {
  const of = (row: number[], bits = 10) => {
    const model = operatorModel({
      name: 'resizeBilinear',
      operands: [{ shape: [1, 2, 3, 1] }, table([row]), table([[0, 1, 5]])],
      result: { shape: [1, 1, 1, 1] },
      attributes: [bits],
    })
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of([2, 0, 0]), [7, (5 << 8) | 1, 2, 1])
  assert.deepEqual(of([0, -1, 0]), [7, (5 << 8) | 1, -1, 0])
  assert.deepEqual(of([0, 1, 1025]), [7, (5 << 8) | 1, 1025, 1024])
  assert.deepEqual(of([0, 1, 0], 12), [8, 0, 12, 11])
})
