import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { broadcastShapes, fuzz } from './fuzz.ts'

for (const type of ['int8', 'int16', 'int32'] as const)
  test(`select of ${type}: both builds give the reference's bytes`, () =>
    fuzz(150, (dice) => {
      const [a, b, y] = broadcastShapes(dice)
      const condition = dice.pick([y, y.map((size) => dice.pick([size, 1])), [y.at(-1)!]])
      return {
        name: 'select',
        operands: [{ shape: condition }, { type, shape: a }, { type, shape: b }],
        result: { type, shape: y },
      }
    }))

test('select takes a where the condition is not 0', () => {
  const shape = [3]
  const model = operatorModel({ name: 'select', operands: [{ shape }, { shape }, { shape }], result: { shape } })
  assert.deepEqual([...runBytes(model, Uint8Array.from([1, 0, 255, 10, 11, 12, 20, 21, 22]))], [10, 21, 12])
})

test('select refuses a condition of another type, operands of two types and shapes that do not broadcast', () => {
  const of = (operands: Parameters<typeof operatorModel>[0]['operands'], shape = [4]) => {
    const { code, field, got, wanted } = refusal(encodeModel(operatorModel({ name: 'select', operands, result: { shape } })))
    return [code, field, Number(got), Number(wanted)]
  }
  const [shape, type] = [[4], 'int32' as const]
  assert.deepEqual(of([{ type, shape }, { shape }, { shape }]), [7, 0, 3, 0])
  assert.deepEqual(of([{ shape }, { shape }, { type, shape }]), [7, 2, 3, 0])
  assert.deepEqual(of([{ shape }, { shape: [1] }, { shape: [3] }]), [9, 0, 3, 4])
  assert.deepEqual(of([{ shape }, { shape: [1] }, { shape: [1] }], [1]), [9, 0, 1, 4])
})
