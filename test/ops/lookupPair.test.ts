import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { broadcastShapes, fuzz, weights } from './fuzz.ts'

test('lookupPair: both builds give the reference bytes', () =>
  fuzz(100, (dice) => {
    const [a, b, y] = broadcastShapes(dice)
    return { name: 'lookupPair', operands: [{ shape: a }, { shape: b }, weights(dice, [256, 256])], result: { shape: y } }
  }))

test('lookupPair finds the entry of each pair', () => {
  const values = Int8Array.from({ length: 65536 }, (_, at) => (at >> 8) - 128 - ((at & 255) - 128))
  const shape = [4]
  const model = operatorModel({
    name: 'lookupPair',
    operands: [{ shape }, { shape }, { shape: [256, 256], values }],
    result: { shape },
  })
  assert.deepEqual([...new Int8Array(runBytes(model, Uint8Array.from([5, 250, 0, 128, 3, 1, 0, 128])))], [2, -7, 0, 0])
})

test('lookupPair refuses a table of another shape or that is computed', () => {
  const shape = [4]
  const of = (table: { shape: number[]; values?: Int8Array }) => {
    const { code, field, got, wanted } = refusal(
      encodeModel(operatorModel({ name: 'lookupPair', operands: [{ shape }, { shape }, table], result: { shape } })),
    )
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of({ shape: [65536], values: new Int8Array(65536) }), [7, 514, 1, 2])
  assert.deepEqual(of({ shape: [256, 255], values: new Int8Array(65280) }), [9, 1, 255, 256])
  assert.deepEqual(of({ shape: [256, 256] }), [7, 258, 0, 1])
})
