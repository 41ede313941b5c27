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

test('softmax of int8 to int16', () => {
  for (const classes of [1, 2, 10, 257])
    for (const shift of [0, 17, 20, 23, 24, 26, 30])
      assertReference({ ...softmax([3, classes], shift), tensors: int16Result([3, classes]) }, { seed: classes + shift })
  for (const classes of [1, 3, 512, 4095])
    assertReference({ ...softmax([classes], 22), tensors: int16Result([classes]) }, { inputs: [new Uint8Array(classes).fill(0x80)] })
})

function int16Result(shape: number[]): ReturnType<typeof softmax>['tensors'] {
  const data = new Uint8Array()
  return [
    { type: 'int8', shape, data },
    { type: 'int16', shape, data },
  ]
}

for (const rounding of ['fp32', 'single', 'double'] as const)
  test(`softmax of int16, ${rounding}`, () => {
    for (const shape of [[1], [3, 2], [3, 10], [2, 257], [5000]])
      for (const shift of [-31, -8, -2, 0, 3, 15]) {
        const operand = { type: 'int16' as const, shape }
        const model = operatorModel({
          name: 'softmax',
          operands: [operand],
          result: { ...operand },
          multipliers: [1718013132],
          shifts: [shift],
        })
        const near = Int16Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 7919) % 97) * 31 - 1500)
        assertReference({ ...model, rounding }, { inputs: [new Uint8Array(near.buffer)] })
        assertReference({ ...model, rounding }, { seed: shift + 40 })
      }
  })

test('softmax of equal int16, as many as are allowed', () => {
  const operand = { type: 'int16' as const, shape: [65535] }
  const model = operatorModel({ name: 'softmax', operands: [operand], result: { ...operand }, multipliers: [1718013132], shifts: [-2] })
  assertReference(model, { inputs: [new Uint8Array(2 * 65535)] })
})
