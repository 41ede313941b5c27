import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, tensorTypes } from '../../runtime/model/types.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { fuzz } from './fuzz.ts'

// The second inputs of the fuzz are few different numbers: many equals.
for (const [smallest, last] of [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const)
  test(`argMax, ${smallest ? 'smallest' : 'largest'}, ${last ? 'last' : 'first'}: both builds give the reference bytes`, () =>
    fuzz(100, (dice) => {
      const shape = Array.from({ length: dice.between(1, 5) }, () => dice.pick([1, 2, 3, 7, 10]))
      const axis = dice.between(0, shape.length - 1)
      const kept = shape.filter((_, at) => at !== axis)
      return {
        name: 'argMax',
        operands: [{ type: dice.pick(tensorTypes), shape }],
        result: { type: 'int32', shape: dice.pick([kept.length > 0 ? kept : [1], shape.map((size, at) => (at === axis ? 1 : size))]) },
        attributes: [axis, smallest, last],
      }
    }))

test('argMax refuses another type, axis, flag and number of elements', () => {
  const of = (attributes: number[], result: number[], type: 'int8' | 'int32' = 'int32') => {
    const model = operatorModel({ name: 'argMax', operands: [{ shape: [2, 3] }], result: { type, shape: result }, attributes })
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of([1, 0, 0], [2], 'int8'), [7, 64, 0, 3])
  assert.deepEqual(of([2, 0, 0], [2]), [8, 0, 2, 1])
  assert.deepEqual(of([1, 2, 0], [2]), [8, 1, 2, 1])
  assert.deepEqual(of([1, 0, -1], [2]), [8, 2, -1, 0])
  assert.deepEqual(of([1, 0, 0], [3]), [9, 255, 3, 2])
})
