import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { multiply, rdpot, requantize, roundToEven, srdhm } from '../../runtime/reference/arithmetic.ts'
import type { Scale } from '../../runtime/reference/tensor.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const multiplier = fc.integer({ min: 2 ** 29, max: 2 ** 31 - 1 })

/** As the sources write it: nudge by the sign, then truncate. */
function srdhmBySign(a: number, b: number): bigint {
  if (a === b && a === -(2 ** 31)) return 2n ** 31n - 1n
  const product = BigInt(a) * BigInt(b)
  return (product + (product >= 0n ? 1n << 30n : 1n - (1n << 30n))) / (1n << 31n)
}

/** As the sources write it: remainder against a threshold that depends on the sign. */
function rdpotByRemainder(value: number, exponent: number): bigint {
  const mask = (1n << BigInt(exponent)) - 1n
  const remainder = BigInt(value) & mask
  const threshold = (mask >> 1n) + (value < 0 ? 1n : 0n)
  return (BigInt(value) >> BigInt(exponent)) + (remainder > threshold ? 1n : 0n)
}

test('srdhm is the sources’ nudge by the sign for all operands', () =>
  fc.assert(
    fc.property(int32, int32, (a, b) => BigInt(srdhm(a, b)) === srdhmBySign(a, b)),
    { numRuns: 20000 },
  ))

test('rdpot is the sources’ remainder against a threshold', () =>
  fc.assert(
    fc.property(
      int32,
      fc.integer({ min: 0, max: 31 }),
      (value, exponent) => BigInt(rdpot(value, exponent)) === rdpotByRemainder(value, exponent),
    ),
    { numRuns: 20000 },
  ))

test('single rounding is the nearest integer, ties up', () =>
  fc.assert(
    fc.property(int32, multiplier, fc.integer({ min: -31, max: 0 }), (accumulator, m, shift) => {
      const total = BigInt(31 - shift)
      const twice = 2n * BigInt(accumulator) * BigInt(m)
      const result = BigInt(multiply(accumulator, { mode: 'single', multiplier: m, shift }))
      assert.ok(twice >= (2n * result - 1n) << total && twice < (2n * result + 1n) << total)
    }),
    { numRuns: 5000 },
  ))

test('double and single rounding part only by one, and do part', () => {
  const scale = { multiplier: 1518500250, shift: -4 }
  let apart = 0
  for (let accumulator = -20000; accumulator < 20000; accumulator += 1) {
    const difference = multiply(accumulator, { mode: 'double', ...scale }) - multiply(accumulator, { mode: 'single', ...scale })
    assert.ok(Math.abs(difference) <= 1)
    if (difference !== 0) apart += 1
  }
  assert.ok(apart > 0)
})

test('fp32 clamps before it rounds, and rounds ties to even', () => {
  const half: Scale = { mode: 'fp32', multiplier: 0.5, shift: 0 }
  assert.deepEqual(
    [-5, -3, -1, 1, 3, 5].map((accumulator) => requantize(accumulator, half, -128, 127)),
    [-2, -2, 0, 0, 2, 2],
  )
  assert.equal(requantize(2 ** 31 - 1, half, -128, 127), 127)
  assert.equal(requantize(-(2 ** 31), half, -100, 127), -100)
})

test('fp32 rounds the accumulator to float32 before the product', () => {
  // 2^24 + 1 is no float32: it becomes 2^24.
  const scale: Scale = { mode: 'fp32', multiplier: Math.fround(2 ** -18 * 1.0000001), shift: 0 }
  assert.equal(requantize(2 ** 24 + 1, scale, -128, 127), requantize(2 ** 24, scale, -128, 127))
})

test('roundToEven on both sides of zero', () =>
  assert.deepEqual([-2.5, -1.5, -0.75, 0.5, 1.5, 2.5, 2.4999, -2.6].map(roundToEven), [-2, -2, -1, 0, 2, 2, 2, -3]))
