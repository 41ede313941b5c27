import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { erfc, exp, log, logistic, tanh } from '../../runtime/import/exact.ts'
import { quantizeMultiplier, roundHalfAway, roundHalfEven, scaleProblem, splitFloat } from '../../runtime/import/scales.ts'

const positive = fc.double({ min: 2 ** -30, max: 2 ** 29, noNaN: true })

test('a multiplier has 31 bits and stands for its scale to within half a unit', () =>
  fc.assert(
    fc.property(positive, (real) => {
      const { multiplier, shift } = quantizeMultiplier(real)
      assert.ok(multiplier >= 2 ** 30 && multiplier < 2 ** 31 && Number.isInteger(multiplier))
      assert.ok(Math.abs(multiplier - real * 2 ** (31 - shift)) <= 0.5)
    }),
  ))

test('a multiplier that rounds up to 2^31 is halved, one that is too small is 0', () => {
  assert.deepEqual(quantizeMultiplier(1 - 2 ** -40), { multiplier: 2 ** 30, shift: 1 })
  assert.deepEqual(quantizeMultiplier(0.5), { multiplier: 2 ** 30, shift: 0 })
  assert.deepEqual(quantizeMultiplier(2 ** -33), { multiplier: 0, shift: 0 })
  assert.deepEqual(quantizeMultiplier(0), { multiplier: 0, shift: 0 })
})

test('splitFloat is exact', () =>
  fc.assert(
    fc.property(fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true }), (value) => {
      const { fraction, exponent } = splitFloat(value)
      assert.ok(fraction >= 0.5 && fraction < 1)
      assert.equal(fraction * 2 ** exponent, value)
    }),
  ))

test('ties go away from zero, or to even', () => {
  assert.deepEqual([-2.5, -1.5, 0.5, 1.5, 2.5, 0.49999999999999994].map(roundHalfAway), [-3, -2, 1, 2, 3, 0])
  assert.deepEqual([-2.5, -1.5, 0.5, 1.5, 2.5, 2.51].map(roundHalfEven), [-2, -2, 0, 2, 2, 3])
})

test('a scale outside its mode’s range is a problem', () => {
  for (const single of [0, 2 ** -127, Infinity, Number.NaN, -1]) assert.ok(scaleProblem('fp32', { exact: 1, single }))
  for (const exact of [0, 2 ** 31, Infinity, Number.NaN, -1]) assert.ok(scaleProblem('double', { exact, single: 1 }))
  assert.equal(scaleProblem('fp32', { exact: 0, single: 2 ** -126 }), undefined)
  assert.equal(scaleProblem('single', { exact: 2 ** 29, single: 0 }), undefined)
})

test('exp, logistic and tanh agree with the host’s to the last places', () =>
  fc.assert(
    fc.property(fc.double({ min: -80, max: 80, noNaN: true }), (x) => {
      const near = (got: number, wanted: number) =>
        assert.ok(Math.abs(got - wanted) <= 4e-16 * Math.max(Math.abs(wanted), 2 ** -20), `${x}: ${got}, ${wanted}`)
      assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) < 4e-16)
      near(logistic(x), 1 / (1 + Math.exp(-x)))
      assert.ok(Math.abs(tanh(x) - Math.tanh(x)) < 4e-16)
    }),
    { numRuns: 2000 },
  ))

test('log agrees with the host’s to the last places', () =>
  fc.assert(
    fc.property(positive, (x) => {
      assert.ok(Math.abs(log(x) - Math.log(x)) <= 4e-16 * Math.max(Math.abs(Math.log(x)), 2 ** -20))
    }),
    { numRuns: 2000 },
  ))

// C's erfc.
const complements = [
  [-5.9, 2],
  [-3, 1.9999779095030015],
  [-0.5, 1.5204998778130465],
  [0, 1],
  [0.3, 0.6713732405408726],
  [1, 0.15729920705028513],
  [3, 2.209049699858544e-5],
  [5.9, 7.190409783550478e-17],
  [7, 0],
] as const

test('erfc is what is left of the error function', () => {
  for (const [x, wanted] of complements) assert.ok(Math.abs(erfc(x) - wanted) <= 1e-11 * wanted, `${x}: ${erfc(x)}, ${wanted}`)
})
