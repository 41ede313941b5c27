import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, int8Values, operatorModel, random, refusal } from '../module/harness.ts'

const lookup = (shape: number[], entries = 256) =>
  operatorModel({
    name: 'lookup',
    operands: [{ shape }, { shape: [entries], values: int8Values([entries], random(3)) }],
    result: { shape },
  })

// Four elements are taken at a time: lengths around that.
for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 256, 1023]) test(`lookup of ${length} elements`, () => assertReference(lookup([length])))

test('lookup refuses a table of another size', () => {
  assert.deepEqual(refusal(encodeModel(lookup([4], 255))), { code: 9, operator: 0, tensor: 1, field: 0, got: 255n, wanted: 256n })
})

test('lookup refuses a table that is no constant', () => {
  const model = operatorModel({ name: 'lookup', operands: [{ shape: [4] }, { shape: [256] }], result: { shape: [4] } })
  assert.deepEqual(refusal(encodeModel(model)), { code: 7, operator: 0, tensor: 1, field: (1 << 8) | 1, got: 0n, wanted: 1n })
})
