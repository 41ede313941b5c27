import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, refusal } from '../module/harness.ts'
import { everyInt8, everyInt16, int8Activation, int16Activation, q16Activation, q16Bytes, q16Input } from './activation.ts'

for (const rounding of ['fp32', 'single', 'double'] as const)
  test(`tanh int8: every value, ${rounding}`, () => {
    for (const xZero of [-128, 0, 5, 127])
      for (const shift of [0, 12, 20, 23, 27, 30])
        assertReference(int8Activation('tanh', rounding, [xZero], [1717986918], [shift]), { inputs: [everyInt8] })
  })

for (const rounding of ['fp32', 'single', 'double'] as const)
  test(`tanh int16: every value, ${rounding}`, () => {
    for (const shift of [-31, -2, 0, 1, 2, 3, 15])
      for (const multiplier of [2 ** 30, 1610612736, 2 ** 31 - 1, 0])
        assertReference(int16Activation('tanh', rounding, multiplier, shift), { inputs: [everyInt16] })
  })

test('tanh of Q16.16', () => assertReference(q16Activation('tanh', q16Input.length), { inputs: [q16Bytes] }))

test('tanh refuses what is outside the integer form', () => {
  for (const [xZero, multiplier, shift] of [
    [0, 1717986918, -1],
    [0, 1717986918, 31],
    [0, 5, 20],
  ] as const)
    assert.equal(refusal(encodeModel(int8Activation('tanh', 'fp32', [xZero], [multiplier], [shift]))).code, 12)
  assert.equal(refusal(encodeModel(int8Activation('tanh', 'fp32', [128], [1717986918], [20]))).code, 8)
  assert.equal(refusal(encodeModel(int8Activation('tanh', 'fp32', [], [1717986918], [20]))).code, 2)
})
