import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { operatorModel, refusal } from '../module/harness.ts'
import { broadcastShapes, fuzz } from './fuzz.ts'

for (const type of ['int8', 'int16', 'int32'] as const)
  test(`minimum of ${type}: both builds give the reference's bytes`, () =>
    fuzz(150, (dice) => {
      const [a, b, y] = broadcastShapes(dice)
      return {
        name: 'minimum',
        operands: [
          { type, shape: a },
          { type, shape: b },
        ],
        result: { type, shape: y },
      }
    }))

test('minimum refuses operands of two types', () => {
  const operands = [{ shape: [4] }, { type: 'int16' as const, shape: [4] }]
  assert.equal(refusal(encodeModel(operatorModel({ name: 'minimum', operands, result: { shape: [4] } }))).code, 7)
})
