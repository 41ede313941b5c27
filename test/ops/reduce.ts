import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, tensorTypes } from '../../runtime/model/types.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { fuzz } from './fuzz.ts'

/** The tests of reduceMax and reduceMin. */
export function testReduce(name: 'reduceMax' | 'reduceMin'): void {
  test(`${name}: both builds give the reference bytes`, () =>
    fuzz(300, (dice) => {
      const type = dice.pick(['int8', ...tensorTypes] as const)
      const shape = Array.from({ length: dice.between(1, 6) }, () => dice.pick([1, 2, 3, 4]))
      // Sixteen int8 at a time.
      if (shape.length < 6) shape[dice.between(0, shape.length - 1)] = dice.pick([15, 16, 17, 33])
      const axes = dice.between(1, 2 ** shape.length - 1)
      const kept = shape.filter((_, axis) => ((axes >> axis) & 1) === 0)
      return { name, operands: [{ type, shape }], result: { type, shape: kept.length > 0 ? kept : [1] }, attributes: [axes] }
    }))

  test(`${name} refuses no dimension, one that is not there, and another number of elements`, () => {
    const of = (axes: number, result: number[]) => {
      const { code, field, got, wanted } = refusal(
        encodeModel(operatorModel({ name, operands: [{ shape: [2, 3] }], result: { shape: result }, attributes: [axes] })),
      )
      return [code, field, Number(got), Number(wanted)]
    }
    assert.deepEqual(of(0, [2, 3]), [8, 0, 0, 1])
    assert.deepEqual(of(4, [2, 3]), [8, 0, 4, 3])
    assert.deepEqual(of(2, [3]), [9, 255, 3, 2])
  })
}
