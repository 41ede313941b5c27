import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'

/** `frame`: before and after of each dimension. */
const pad = (shape: number[], value: number, frame: number[], type: TensorType = 'int8') =>
  operatorModel({
    name: 'pad',
    operands: [{ type, shape }],
    result: { type, shape: shape.map((size, i) => size + frame[2 * i]! + frame[2 * i + 1]!) },
    attributes: [value, ...frame],
  })

for (const type of tensorTypes)
  test(`pad of ${type}`, () => {
    assertReference(pad([3], 9, [1, 2], type))
    assertReference(pad([1, 4, 5, 3], 7, [0, 0, 1, 2, 2, 1, 0, 0], type))
    assertReference(pad([2, 3, 2, 2], 100, [1, 1, 0, 2, 3, 0, 1, 1], type))
    assertReference(pad([2, 1, 3, 2, 2, 2], 1, [1, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0], type))
    assertReference(pad([2, 1, 1, 2, 1, 3], 0, [0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 2, 2], type))
  })

test('pad by nothing copies', () => assertReference(pad([2, 3, 4], 5, [0, 0, 0, 0, 0, 0])))

test('pad refuses a value outside the type, a negative frame and another shape', () => {
  const of = (model: ReturnType<typeof pad>) => {
    const { code, field } = refusal(encodeModel(model))
    return [code, field]
  }
  assert.deepEqual(of(pad([4], 128, [0, 0])), [8, 0])
  assert.deepEqual(of(pad([4], -1, [0, 0], 'uint8')), [8, 0])
  assert.deepEqual(of(pad([4], 32768, [0, 0], 'int16')), [8, 0])
  assert.deepEqual(of(pad([4], 0, [-1, 0])), [8, 1])
  assert.deepEqual(of(pad([4], 0, [0, 2 ** 24 + 1])), [5, 4])
  const other = pad([4], 0, [1, 1])
  other.tensors[1]!.shape = [5]
  assert.deepEqual(of(other), [9, 0])
  const shorter = pad([4, 4], 0, [1, 1, 0, 0])
  shorter.operators[0]!.attributes.pop()
  assert.deepEqual(of(shorter), [2, 3])
})
