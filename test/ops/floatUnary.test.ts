import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitsFloat, encodeModel, floatBits } from '../../runtime/model/types.ts'
import { assertReference, openModel, operatorModel, refusal } from '../module/harness.ts'
import { anyFloat, everyday, floatInput, floatTensor, specials } from './floats.ts'
import { createDice } from './fuzz.ts'

const [order, toInteger, fromInteger, logistic, exponential] = [0, 1, 2, 3, 4]

const model = (kind: number, bits: number, count: number) =>
  operatorModel({ name: 'floatUnary', operands: [floatTensor([count])], result: floatTensor([count]), attributes: [kind, bits] })

function results(kind: number, bits: number, inputs: readonly number[]): Int32Array {
  const opened = openModel('simd', encodeModel(model(kind, bits, inputs.length)))
  return new Int32Array(opened.run(floatInput(inputs)).slice().buffer)
}

const cases = [
  ['the order of numbers', order, [0]],
  ['integers of numbers', toInteger, [0, 1, 16, 30]],
  ['numbers of integers', fromInteger, [0, 1, 16, 30]],
  ['the logistic function', logistic, [0]],
  ['the exponential function', exponential, [0]],
] as const

for (const [name, kind, points] of cases)
  test(`${name}: special and random bits give the reference's`, () => {
    const dice = createDice(kind)
    const random = Array.from({ length: 2000 }, () => anyFloat(dice))
    for (const bits of points) {
      const inputs = [...specials, ...random, ...Array.from({ length: 200 }, () => dice.between(-70000, 70000))]
      assertReference(model(kind, bits, inputs.length), { inputs: [floatInput(inputs)] })
    }
  })

test('the order of the results is that of the numbers', () => {
  const dice = createDice(9)
  const inputs = [...specials, ...Array.from({ length: 500 }, () => anyFloat(dice))].filter((bits) => !Number.isNaN(bitsFloat(bits >>> 0)))
  const orders = results(order, 0, inputs)
  const sorted = [...inputs.keys()].sort((a, b) => orders[a]! - orders[b]!)
  for (const [place, at] of sorted.entries()) {
    if (place === 0) continue
    const [before, value] = [sorted[place - 1]!, at].map((index) => bitsFloat(inputs[index]! >>> 0)) as [number, number]
    assert.ok(before <= value)
    assert.equal(before === value, orders[sorted[place - 1]!] === orders[at])
  }
})

// The host's own functions are no oracle for the last bit: they may lie a little off where the true number is near a tie.
test('e to the x is that of the host, but for the last place of very few', () => {
  const dice = createDice(4)
  const inputs = Array.from({ length: 20000 }, () => everyday(dice))
  const distances = results(exponential, 0, inputs).map((got, at) => Math.abs(got - floatBits(Math.exp(bitsFloat(inputs[at]! >>> 0)))))
  assert.ok(distances.every((distance) => distance <= 1))
  assert.ok(distances.filter((distance) => distance > 0).length <= 2)
})

test('the logistic function is within 2^-23 of that of the host', () => {
  const dice = createDice(5)
  const inputs = Array.from({ length: 20000 }, () => everyday(dice))
  for (const [at, got] of results(logistic, 0, inputs).entries()) {
    const x = bitsFloat(inputs[at]! >>> 0)
    assert.ok(Math.abs(bitsFloat(got >>> 0) - 1 / (1 + Math.exp(-x))) <= 2 ** -23, `of ${x}`)
  }
})

test('floatUnary refuses an unknown function, a point where it has no meaning, and another shape', () => {
  const code = (changed: ReturnType<typeof model>) => refusal(encodeModel(changed)).code
  assert.equal(code(model(5, 0, 3)), 8)
  assert.equal(code(model(order, 1, 3)), 8)
  assert.equal(code(model(toInteger, 31, 3)), 8)
  const other = model(order, 0, 3)
  other.tensors[1]!.shape = [2]
  assert.equal(code(other), 9)
})
