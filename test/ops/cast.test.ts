import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { fuzz, straddling } from './fuzz.ts'

const types = ['int8', 'int16', 'int32'] as const

for (const from of types)
  for (const to of types)
    test(`cast from ${from} to ${to}: both builds give the reference's bytes`, () =>
      fuzz(30, (dice) => {
        const shape = [dice.between(1, 3), dice.pick(straddling)]
        return { name: 'cast', operands: [{ type: from, shape }], result: { type: to, shape } }
      }))

test('cast keeps the low bits', () => {
  const model = operatorModel({ name: 'cast', operands: [{ type: 'int16', shape: [3] }], result: { shape: [3] } })
  assert.deepEqual([...new Int8Array(runBytes(model, new Uint8Array(Int16Array.from([200, -300, 5]).buffer)))], [-56, -44, 5])
})

test('cast refuses uint8 and another shape', () => {
  const of = (model: ReturnType<typeof operatorModel>) => {
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  const x = { type: 'uint8' as const, shape: [4] }
  assert.deepEqual(of(operatorModel({ name: 'cast', operands: [x], result: { shape: [4] } })), [7, 0, 1, 0])
  assert.deepEqual(of(operatorModel({ name: 'cast', operands: [{ shape: [4] }], result: { shape: [2, 2] } })), [7, 576, 2, 1])
})
