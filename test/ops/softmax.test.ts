import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'

const softmax = (shape: number[], shift: number, multiplier = 1518500250) =>
  operatorModel({ name: 'softmax', operands: [{ shape }], result: { shape }, multipliers: [multiplier], shifts: [shift] })

for (const rounding of ['fp32', 'single', 'double'] as const)
  for (const classes of [1, 2, 10, 257])
    test(`softmax int8, ${classes} classes, ${rounding}`, () => {
      for (const shift of [0, 17, 20, 23, 24, 26, 30])
        assertReference({ ...softmax([3, classes], shift), rounding }, { seed: classes + shift })
    })

test('softmax int8 of equal elements, as many as are allowed', () => {
  for (const classes of [1, 3, 512, 4095])
    assertReference(softmax([classes], 22), { inputs: [new Uint8Array(classes).fill(0x80), new Uint8Array(classes)] })
})

test('softmax refuses more classes than its sum holds', () => {
  assert.deepEqual(refusal(encodeModel(softmax([2, 4096], 22))), {
    code: 9,
    operator: 0,
    tensor: undefined,
    field: 1,
    got: 4096n,
    wanted: 4095n,
  })
})

test('softmax refuses multipliers and shifts outside the integer form', () => {
  assert.equal(refusal(encodeModel(softmax([2, 4], -1))).code, 12)
  assert.equal(refusal(encodeModel(softmax([2, 4], 31))).code, 12)
  assert.equal(refusal(encodeModel(softmax([2, 4], 20, 2 ** 31))).code, 12)
  assert.equal(refusal(encodeModel(softmax([2, 4], 20, 2 ** 28))).code, 12)
})

test('softmax of Q16.16', () => {
  for (const shape of [[1], [2, 3], [4, 1, 33], [5000]]) {
    const model = operatorModel({ name: 'softmax', operands: [{ type: 'int32', shape }], result: { type: 'int32', shape } })
    const count = shape.reduce((a, b) => a * b)
    const near = Int32Array.from({ length: count }, (_, i) => ((i * 7919) % 40) * 20011 - 400000)
    const far = Int32Array.from({ length: count }, (_, i) => (i % 2 ? 2 ** 31 - 1 : -(2 ** 31)) - (i % 3))
    assertReference(model, { inputs: [near, far].map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)) })
    assertReference(model)
  }
})
