import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'
import { anyFloat, everyday, floatInput, floatTensor } from './floats.ts'
import { createDice } from './fuzz.ts'

const norms = ['the largest', 'the sum of magnitudes', 'the sum of squares', 'softmax'] as const

const model = (norm: number, shape: number[]) =>
  operatorModel({ name: 'floatNormalize', operands: [floatTensor(shape)], result: floatTensor(shape), attributes: [norm] })

for (const [norm, name] of norms.entries())
  for (const shape of [[1], [1, 2], [3, 5], [2, 2, 17]])
    test(`floatNormalize by ${name} of [${shape}]: both builds give the reference's bits`, () => {
      const count = shape.reduce((a, b) => a * b)
      for (let seed = 0; seed < 40; seed += 1) {
        const dice = createDice(seed)
        const numbers = (pick: () => number) => floatInput(Array.from({ length: count }, pick))
        assertReference(model(norm, shape), {
          seed,
          inputs: [numbers(() => everyday(dice)), numbers(() => anyFloat(dice)), numbers(() => dice.pick([0, 0x80000000 | 0]))],
        })
      }
    })

test('floatNormalize refuses an unknown norm', () => {
  assert.equal(refusal(encodeModel(model(4, [2]))).code, 8)
})
