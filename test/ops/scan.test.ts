import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { fuzz } from './fuzz.ts'

const type = 'int32' as const

const scan = (shape: number[], attributes: number[]) =>
  operatorModel({ name: 'scan', operands: [{ type, shape }], result: { type, shape }, attributes })

test('scan: both builds give the reference bytes', () =>
  fuzz(300, (dice) => {
    const shape = Array.from({ length: dice.between(1, 4) }, () => dice.pick([1, 2, 3, 5, 9]))
    const attributes = [dice.between(0, shape.length - 1), dice.between(0, 1), dice.between(0, 1), dice.between(0, 1)]
    return { name: 'scan', operands: [{ type, shape }], result: { type, shape }, attributes }
  }))

for (const [name, attributes, wanted] of [
  ['sums', [0, 0, 0, 0], [2, 5, 9]],
  ['products', [0, 1, 0, 0], [2, 6, 24]],
  ['sums of those before', [0, 0, 1, 0], [0, 2, 5]],
  ['products from the end of those behind', [0, 1, 1, 1], [12, 4, 1]],
] as const)
  test(`scan: ${name}`, () => {
    const bytes = runBytes(scan([3], [...attributes]), new Uint8Array(Int32Array.from([2, 3, 4]).buffer))
    assert.deepEqual([...new Int32Array(bytes.slice().buffer)], wanted)
  })

test('scan refuses an axis and switches outside their range', () => {
  const of = (attributes: number[]) => {
    const { code, field, got, wanted } = refusal(encodeModel(scan([2, 3], attributes)))
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of([2, 0, 0, 0]), [8, 0, 2, 1])
  assert.deepEqual(of([0, 2, 0, 0]), [8, 1, 2, 1])
  assert.deepEqual(of([0, 0, 0, -1]), [8, 3, -1, 0])
})
