import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, refusal } from '../module/harness.ts'
import { everyInt8, int8Activation, q16Activation, q16Bytes, q16Input } from './activation.ts'

for (const rounding of ['fp32', 'single', 'double'] as const)
  test(`gelu int8: every value, ${rounding}`, () => {
    for (const [xZero, yZero] of [
      [0, 0],
      [-128, 127],
      [127, -128],
      [3, -100],
    ] as const)
      for (const [up, down] of [
        [10, -9],
        [12, -11],
        [14, -17],
        [-3, 4],
        [20, -20],
      ] as const)
        assertReference(int8Activation('gelu', rounding, [xZero, yZero], [1717986918, 1234567890], [up, down]), { inputs: [everyInt8] })
  })

test('gelu of Q16.16', () => assertReference(q16Activation('gelu', q16Input.length), { inputs: [q16Bytes] }))

test('gelu refuses shifts that pass 32 bits', () => {
  const error = refusal(encodeModel(int8Activation('gelu', 'single', [0, 0], [1717986918, 1717986918], [24, 0])))
  assert.deepEqual([error.code, error.field, error.got, error.wanted], [12, 65536, 24n, 23n])
  const second = refusal(encodeModel(int8Activation('gelu', 'single', [0, 0], [1717986918, 1717986918], [20, 4])))
  assert.deepEqual([second.code, second.field, second.got, second.wanted], [12, 65537, 4n, 3n])
})
