import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type Rounding } from '../../runtime/model/types.ts'
import { type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { bounds, bounds16, type Dice, fuzz, requantizations, requantizations16, roundings, weights, zeroPoint } from './fuzz.ts'

const rowCounts = [1, 2, 3, 4, 5, 9] as const
const columnCounts = [1, 2, 7, 8, 9, 17] as const
const depths = [1, 2, 3, 8, 15, 16, 33] as const

/** Leading dimensions of a, b and y; each of a and b may repeat, or lack what would be 1. */
function leading(dice: Dice): [number[], number[], number[]] {
  const y = Array.from({ length: dice.between(0, 3) }, () => dice.between(1, 3))
  const of = (size: number[]) => {
    const own = size.map((n) => dice.pick([n, n, 1]))
    while (own[0] === 1 && dice.between(0, 1) === 0) own.shift()
    return own
  }
  const [a, b] = [of(y), of(y)]
  const result = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => {
    const axis = Math.max(a.length, b.length) - at
    return Math.max(a.at(-axis) ?? 1, b.at(-axis) ?? 1)
  })
  return [a, b, result]
}

function randomMatmul(dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = leading(dice)
  // Blocks are 64 rows.
  const rows = dice.between(0, 15) === 0 ? dice.pick([63, 64, 65, 130]) : dice.pick(rowCounts)
  const [columns, depth] = [dice.pick(columnCounts), dice.pick(depths)]
  const second = [...b, depth, columns]
  const raw = dice.between(0, 4) === 0
  return {
    name: 'matmul',
    rounding,
    operands: [{ shape: [...a, rows, depth] }, dice.between(0, 3) === 0 ? weights(dice, second) : { shape: second }],
    result: { type: raw ? 'int32' : 'int8', shape: [...y, rows, columns] },
    attributes: [zeroPoint(dice), zeroPoint(dice), ...(raw ? [0, 0, 0] : [zeroPoint(dice), ...bounds(dice)])],
    ...(raw ? {} : requantizations(dice, rounding, 1, 5000 * Math.sqrt(depth), 255 * 255 * depth)),
  }
}

for (const rounding of roundings)
  test(`matmul in ${rounding}: both builds give the reference bytes`, () => fuzz(200, (dice) => randomMatmul(dice, rounding)))

function randomMatmul16(dice: Dice, rounding: Rounding): OperatorSpec {
  const [a, b, y] = leading(dice)
  const [rows, columns, depth] = [dice.pick(rowCounts), dice.pick(columnCounts), dice.pick(depths)]
  const second = [...b, depth, columns]
  const values = Int16Array.from({ length: second.reduce((product, size) => product * size) }, () => dice.between(-32768, 32767))
  return {
    name: 'matmul',
    rounding,
    operands: [
      { type: 'int16', shape: [...a, rows, depth] },
      { type: 'int16', shape: second, ...(dice.between(0, 3) === 0 ? { values } : {}) },
    ],
    result: { type: 'int16', shape: [...y, rows, columns] },
    attributes: [0, 0, 0, ...bounds16(dice)],
    ...requantizations16(dice, 1, 2 ** 29 * depth),
  }
}

for (const rounding of roundings)
  test(`matmul of int16 in ${rounding}: both builds give the reference bytes`, () => fuzz(100, (dice) => randomMatmul16(dice, rounding)))

test('matmul refuses shapes that do not fit, and sums that could pass 2^31', () => {
  const of = (a: number[], b: number[], y: number[], zeros = [0, 0]) => {
    const model = operatorModel({
      name: 'matmul',
      operands: [{ shape: a }, { shape: b }],
      result: { shape: y },
      attributes: [...zeros, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [-8],
    })
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of([4], [4, 2], [2]), [7, 2 << 8, 1, 2])
  assert.deepEqual(of([3, 4], [5, 2], [3, 2]), [9, 0, 5, 4])
  assert.deepEqual(of([3, 4], [4, 2], [3, 3]), [9, 1, 3, 2])
  assert.deepEqual(of([3, 4], [4, 2], [1, 3, 2]), [7, (2 << 8) | 64, 3, 2])
  assert.deepEqual(of([2, 3, 4], [3, 4, 2], [3, 3, 2]), [9, 0, 3, 2])
  assert.deepEqual(of([2, 3, 4], [4, 2], [3, 3, 2]), [9, 0, 3, 2])
  assert.deepEqual(of([1, 33026], [33026, 1], [1, 1], [127, 127]), [13, 0, 33026 * 255 * 255, 2 ** 31 - 1])
})
