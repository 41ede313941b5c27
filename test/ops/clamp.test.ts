import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'

const clamp = (type: TensorType, shape: number[], attributes: number[]) =>
  operatorModel({ name: 'clamp', operands: [{ type, shape }], result: { type, shape }, attributes })

for (const length of [1, 15, 16, 17, 100])
  test(`clamp of ${length} elements`, () => {
    for (const bounds of [
      [-128, 127],
      [0, 127],
      [-5, -5],
      [-128, -1],
    ])
      assertReference(clamp('int8', [length], bounds))
    for (const bounds of [
      [-32768, 32767],
      [0, 1000],
      [-7, -7],
    ])
      assertReference(clamp('int16', [length], bounds))
    for (const bounds of [
      [0, 2 ** 31 - 1],
      [0, 6 * 65536],
      [-(2 ** 31), 2 ** 31 - 1],
      [7, 7],
    ])
      assertReference(clamp('int32', [length], bounds))
  })

test('clamp refuses bounds outside the type, or the wrong way round', () => {
  const code = (type: TensorType, bounds: number[]) => {
    const { code, field } = refusal(encodeModel(clamp(type, [4], bounds)))
    return [code, field]
  }
  assert.deepEqual(code('int8', [-129, 0]), [8, 0])
  assert.deepEqual(code('int8', [0, 128]), [8, 1])
  assert.deepEqual(code('int8', [1, 0]), [8, 1])
  assert.deepEqual(code('int32', [1, 0]), [8, 1])
  assert.deepEqual(code('int16', [-32769, 0]), [8, 0])
  assert.deepEqual(code('int16', [0, 32768]), [8, 1])
  assert.deepEqual(code('uint8', [0, 1]), [7, 0])
})
