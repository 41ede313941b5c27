import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'

const reshape = (from: number[], to: number[], type = tensorTypes[0]) =>
  operatorModel({ name: 'reshape', operands: [{ type, shape: from }], result: { type, shape: to } })

for (const type of tensorTypes)
  test(`reshape of ${type}`, () =>
    assertReference(operatorModel({ name: 'reshape', operands: [{ type, shape: [2, 3, 5] }], result: { type, shape: [30] } })))

test('reshape of a constant', () => {
  const values = Int8Array.from({ length: 12 }, (_, i) => i)
  assertReference(operatorModel({ name: 'reshape', operands: [{ shape: [3, 4], values }], result: { shape: [12] } }))
})

test('reshape refuses another number of elements', () => {
  assert.deepEqual(refusal(encodeModel(reshape([2, 3], [7]))), { code: 9, operator: 0, tensor: 1, field: 255, got: 7n, wanted: 6n })
})
