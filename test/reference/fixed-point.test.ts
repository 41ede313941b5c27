import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OperatorName, operatorRow } from '../../runtime/model/operators.ts'
import type { Model } from '../../runtime/model/types.ts'
import { exp, logistic, reciprocal, tanh } from '../../runtime/reference/fixedPoint.ts'
import { run } from '../../runtime/reference/run.ts'

const q31 = 2 ** 31

/** Bounds of the error against the host's functions, which are good to about 1e-16. */
test('exp of a Q4.27 is within 2^-22 of the true value', () => {
  for (let a = -(2 ** 31); a <= 0; a += 1000003) assert.ok(Math.abs(exp(a, 4) / q31 - Math.exp(a / 2 ** 27)) < 2 ** -22, `${a}`)
  assert.equal(exp(0, 4), q31 - 1)
})

test('reciprocal is within 2^-26 of 1 / (1 + a)', () => {
  for (let a = 0; a < q31; a += 5000011) assert.ok(Math.abs(reciprocal(a) / q31 - 1 / (1 + a / q31)) < 2 ** -26, `${a}`)
})

test('logistic and tanh of Q4.27 are within 2^-22 of the true values, and mirror', () => {
  for (let a = -(2 ** 31) + 1; a < q31; a += 3000017) {
    const x = a / 2 ** 27
    assert.ok(Math.abs(logistic(a, 4) / q31 - 1 / (1 + Math.exp(-x))) < 2 ** -22, `logistic ${x}`)
    assert.ok(Math.abs(tanh(a, 4) / q31 - Math.tanh(x)) < 2 ** -22, `tanh ${x}`)
    assert.equal(tanh(-a, 4), -tanh(a, 4))
  }
})

/** One operator on Q16.16 values. */
function q16(name: OperatorName, values: number[]): number[] {
  const shape = [1, values.length]
  const port = (tensor: number) => ({ tensor, scale: 0, zeroPoint: 0 })
  assert.ok(operatorRow(name).fixedPoint)
  const model: Model = {
    rounding: 'fp32',
    tensors: [0, 1].map(() => ({ type: 'int32', shape, data: new Uint8Array() })),
    operators: [{ name, inputs: [0], outputs: [1], attributes: [], multipliers: [], shifts: [] }],
    inputs: [port(0)],
    outputs: [port(1)],
  }
  return Array.from(run(model, [Int32Array.from(values)])[0]!)
}

const grid = Array.from({ length: 4001 }, (_, index) => (index - 2000) * 419 + 3)
const extremes = [-(2 ** 31), -(2 ** 31) + 1, -16 * 65536, -8 * 65536, -1, 0, 1, 8 * 65536, 16 * 65536, 2 ** 31 - 1]
const tanhGelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))

for (const [name, of, tolerance] of [
  ['logistic', (x: number) => 1 / (1 + Math.exp(-x)), 1],
  ['tanh', Math.tanh, 1],
  ['gelu', tanhGelu, 16],
] as const)
  test(`${name} of Q16.16 is within ${tolerance} of 2^-16, at the ends of int32 too`, () => {
    const values = [...grid, ...extremes]
    for (const [index, result] of q16(name, values).entries()) {
      const wanted = of(values[index]! / 65536) * 65536
      assert.ok(Math.abs(result - wanted) <= tolerance, `${values[index]}: got ${result}, wanted ${wanted}`)
    }
  })

test('softmax of Q16.16 sums to one and orders as its operands do', () => {
  const values = [0, 65536, -65536, 3 * 65536, -20 * 65536, 65535]
  const result = q16('softmax', values)
  const sum = result.reduce((total, value) => total + value, 0)
  assert.ok(Math.abs(sum - 65536) <= values.length / 2)
  for (const [index, value] of values.entries())
    for (const [other, smaller] of values.entries())
      if (value >= smaller) assert.ok(result[index]! >= result[other]!, `${value} and ${smaller}`)
  assert.equal(result[4], 0)
})
