import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'

const concat = (shapes: number[][], axis: number, result: number[], type: TensorType = 'int8') =>
  operatorModel({ name: 'concat', operands: shapes.map((shape) => ({ type, shape })), result: { type, shape: result }, attributes: [axis] })

test('concat along every dimension', () => {
  for (const type of tensorTypes)
    for (const axis of [0, 1, 2, 3]) {
      const shape = (size: number) => [2, 3, 2, 5].map((dimension, i) => (i === axis ? size : dimension))
      assertReference(concat([shape(1), shape(4), shape(2)], axis, shape(7), type))
    }
})

// Copies of up to 31 bytes are loops, longer ones are not.
for (const run of [1, 7, 8, 9, 31, 32, 33])
  test(`concat of runs of ${run} bytes`, () =>
    assertReference(
      concat(
        [
          [3, run],
          [3, 2],
        ],
        1,
        [3, run + 2],
      ),
    ))

test('concat of one operand, and of an operand that stands twice', () => {
  assertReference(concat([[4, 4]], 1, [4, 4]))
  const model = concat([[2, 3]], 1, [2, 6])
  model.operators[0]!.inputs = [0, 0]
  assertReference(model)
})

test('concat of as many operands as are allowed', () => {
  const model = concat([[2, 3]], 0, [128, 3])
  model.operators[0]!.inputs = new Array(64).fill(0)
  assertReference(model)
})

test('concat refuses shapes that do not fit', () => {
  const got = (model: Parameters<typeof encodeModel>[0]) => {
    const { code, field, tensor, got, wanted } = refusal(encodeModel(model))
    return [code, field, tensor, got, wanted]
  }
  assert.deepEqual(
    got(
      concat(
        [
          [2, 3],
          [2, 4],
        ],
        1,
        [2, 8],
      ),
    ),
    [9, 1, 2, 8n, 7n],
  )
  assert.deepEqual(
    got(
      concat(
        [
          [2, 3],
          [3, 4],
        ],
        1,
        [2, 7],
      ),
    ),
    [9, 0, 1, 3n, 2n],
  )
  assert.deepEqual(got(concat([[2, 3], [6]], 1, [2, 7])), [7, (2 << 8) | 1, 1, 1n, 2n])
  assert.deepEqual(
    got(
      concat(
        [
          [2, 3],
          [2, 4],
        ],
        2,
        [2, 7],
      ),
    ),
    [8, 0, undefined, 2n, 1n],
  )
  assert.deepEqual(
    got(
      concat(
        [
          [2, 3],
          [2, 4],
        ],
        -1,
        [2, 7],
      ),
    ),
    [8, 0, undefined, -1n, 0n],
  )
})
