import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'
import { type Dice, fuzz } from './fuzz.ts'

/** `parts`: begin and stride of each dimension. */
const slice = (shape: number[], parts: number[], result: number[], type: TensorType = 'int8') =>
  operatorModel({ name: 'slice', operands: [{ type, shape }], result: { type, shape: result }, attributes: parts })

/** Begin, stride and how many, within a dimension; often all of it. */
function part(dice: Dice, size: number): { begin: number; stride: number; count: number } {
  if (dice.between(0, 1) === 0) return { begin: 0, stride: 1, count: size }
  const begin = dice.between(0, size - 1)
  const stride = dice.pick([1, 1, 2, 3, -1, -2])
  const most = Math.floor((stride > 0 ? size - 1 - begin : begin) / Math.abs(stride)) + 1
  return { begin, stride, count: dice.between(1, most) }
}

test('slice: both builds give the reference bytes', () =>
  fuzz(400, (dice) => {
    const type = dice.pick(tensorTypes)
    const shape = Array.from({ length: dice.between(1, 6) }, () => dice.pick([1, 2, 3, 5]))
    // Copies of up to 31 bytes are loops, longer ones are not.
    if (shape.length < 5) shape[dice.between(0, shape.length - 1)] = dice.pick([7, 8, 17, 31, 33, 40])
    const parts = shape.map((size) => part(dice, size))
    return {
      name: 'slice',
      operands: [{ type, shape }],
      result: { type, shape: parts.map(({ count }) => count) },
      attributes: parts.flatMap(({ begin, stride }) => [begin, stride]),
    }
  }))

test('slice turns a tensor round', () => assertReference(slice([3, 4, 5], [2, -1, 3, -1, 4, -1], [3, 4, 5], 'int16')))

test('slice of a constant', () => {
  const values = Int8Array.from({ length: 12 }, (_, i) => i)
  const model = operatorModel({
    name: 'slice',
    operands: [{ shape: [3, 4], values }],
    result: { shape: [2, 2] },
    attributes: [1, 1, 3, -2],
  })
  assertReference(model)
})

test('slice refuses what lies outside, a stride of 0, and another shape', () => {
  const of = (model: ReturnType<typeof slice>) => {
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of(slice([4, 4], [0, 1, 4, 1], [4, 1])), [8, 2, 4, 3])
  assert.deepEqual(of(slice([4, 4], [-1, 1, 0, 1], [4, 4])), [8, 0, -1, 0])
  assert.deepEqual(of(slice([4, 4], [0, 1, 0, 0], [4, 1])), [8, 3, 0, 1])
  assert.deepEqual(of(slice([4, 4], [0, 1, 0, 2 ** 24 + 1], [4, 1])), [8, 3, 2 ** 24 + 1, 2 ** 24])
  assert.deepEqual(of(slice([4, 4], [1, 1, 0, 1], [4, 4])), [9, 0, 4, 3])
  assert.deepEqual(of(slice([4, 4], [0, 1, 0, 2], [4, 3])), [9, 1, 3, 2])
  assert.deepEqual(of(slice([4, 4], [0, 1, 3, -2], [4, 3])), [9, 1, 3, 2])
  assert.deepEqual(of(slice([4, 4], [0, 1, 0, 1], [16])), [7, (2 << 8) | 64, 1, 2])
  assert.deepEqual(of(slice([4], [0, 1, 0, 1], [4])), [2, 3, 4, 2])
})
