import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'
import { anyFloat, floatInput, floatTensor, specials } from './floats.ts'
import { broadcastShapes, createDice } from './fuzz.ts'

const functions = ['add', 'subtract', 'multiply', 'divide', 'take the lesser', 'take the greater', 'replace NaN'] as const

const model = (kind: number, a: number[], b: number[], y: number[]) =>
  operatorModel({ name: 'floatBinary', operands: [floatTensor(a), floatTensor(b)], result: floatTensor(y), attributes: [kind] })

for (const [kind, name] of functions.entries()) {
  test(`float32 bits that ${name}: every pair of special numbers gives the reference's bits`, () => {
    const count = specials.length ** 2
    const pairs = [specials.flatMap((a) => specials.map(() => a)), specials.flatMap(() => specials)]
    assertReference(model(kind, [count], [count], [count]), { inputs: [floatInput(pairs.flat())] })
  })

  test(`float32 bits that ${name}: random numbers of broadcast shapes give the reference's bits`, () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const dice = createDice(seed)
      const [a, b, y] = broadcastShapes(dice)
      const count = [a, b].reduce((sum, shape) => sum + shape.reduce((product, size) => product * size), 0)
      assertReference(model(kind, a, b, y), { seed, inputs: [floatInput(Array.from({ length: count }, () => anyFloat(dice)))] })
    }
  })
}

test('floatBinary refuses an unknown function and int8', () => {
  const unknown = refusal(encodeModel(model(7, [2], [2], [2])))
  assert.deepEqual([unknown.code, unknown.got, unknown.wanted], [8, 7n, 6n])
  const narrow = operatorModel({ name: 'floatBinary', operands: [{ shape: [2] }, { shape: [2] }], result: { shape: [2] }, attributes: [0] })
  assert.equal(refusal(encodeModel(narrow)).code, 7)
})
