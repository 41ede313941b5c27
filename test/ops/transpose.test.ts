import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'
import { type Dice, fuzz, straddling } from './fuzz.ts'

const transpose = (shape: number[], from: number[], type: TensorType = 'int8') =>
  operatorModel({
    name: 'transpose',
    operands: [{ type, shape }],
    result: { type, shape: from.map((axis) => shape[axis] ?? 1) },
    attributes: from,
  })

function shuffled(dice: Dice, rank: number): number[] {
  const left = Array.from({ length: rank }, (_, axis) => axis)
  return Array.from({ length: rank }, () => left.splice(dice.between(0, left.length - 1), 1)[0]!)
}

test('transpose: both builds give the reference bytes', () =>
  fuzz(400, (dice) => {
    const type = dice.pick(tensorTypes)
    const shape = Array.from({ length: dice.between(1, 6) }, () => dice.pick([1, 2, 2, 3, 5]))
    const from = shuffled(dice, shape.length)
    return { name: 'transpose', operands: [{ type, shape }], result: { type, shape: from.map((axis) => shape[axis]!) }, attributes: from }
  }))

// Tiles are 8 × 8.
test('transpose of matrices whose sides straddle the tile', () => {
  for (const rows of straddling)
    for (const columns of straddling)
      for (const type of tensorTypes) assertReference(transpose([2, rows, columns], [0, 2, 1], type), { seed: rows * 64 + columns })
})

test('transpose between NHWC and NCHW', () => {
  for (const type of tensorTypes)
    for (const channels of [1, 3, 8, 19]) {
      assertReference(transpose([2, 5, 7, channels], [0, 3, 1, 2], type))
      assertReference(transpose([2, channels, 5, 7], [0, 2, 3, 1], type))
    }
})

test('transpose that moves nothing, or only dimensions of 1, copies', () => {
  assertReference(transpose([2, 3, 4], [0, 1, 2]))
  assertReference(transpose([1, 6, 1, 5], [2, 1, 3, 0]))
  assertReference(transpose([1, 1, 1], [2, 0, 1], 'int32'))
})

test('transpose refuses what is no permutation, and another shape', () => {
  const of = (model: ReturnType<typeof transpose>) => {
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of(transpose([2, 3, 4], [0, 2, 0])), [8, 2, 0, 1])
  assert.deepEqual(of(transpose([2, 3], [0, 2])), [8, 1, 2, 1])
  assert.deepEqual(of(transpose([2, 3], [-1, 0])), [8, 0, -1, 0])
  const other = transpose([2, 3], [1, 0])
  other.tensors[1]!.shape = [2, 3]
  assert.deepEqual(of(other), [9, 0, 2, 3])
})
