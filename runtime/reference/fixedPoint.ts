/**
 * Fixed-point exp, reciprocal, logistic and tanh (docs/arithmetic.md, "Fixed-point functions"). A number Qk is an int32 with k integer bits
 * and 31 − k fractional ones; `srdhm` multiplies the raw values and adds the integer bits.
 */
import { rdpot, saturate, srdhm } from './arithmetic.ts'

const one = 2 ** 31 - 1

/** exp(−2^e) in Q0.31, for the exponents e. */
const powers: readonly (readonly [exponent: number, constant: number])[] = [
  [-2, 1672461947],
  [-1, 1302514674],
  [0, 790015084],
  [1, 290630308],
  [2, 39332535],
  [3, 720401],
  [4, 242],
]

/** exp of −¼ ≤ a < 0 in Q0.31. */
function expQuarter(a: number): number {
  const x = a + 2 ** 28
  const square = srdhm(x, x)
  const cube = srdhm(square, x)
  const fourth = srdhm(square, square)
  const tail = rdpot(srdhm(rdpot(fourth, 2) + cube, 715827883) + square, 1)
  return saturate(1895147668 + srdhm(1895147668, x + tail))
}

/** exp of a ≤ 0 in Qk, as Q0.31. */
export function exp(a: number, k: number): number {
  if (a === 0) return one
  const quarter = 2 ** (31 - k - 2)
  const low = (a & (quarter - 1)) - quarter
  const rest = low - a
  let result = expQuarter(saturate(low * 2 ** k))
  for (const [exponent, constant] of powers)
    if (k > exponent && Math.floor(rest / 2 ** (31 - k + exponent)) % 2 === 1) result = srdhm(result, constant)
  return result
}

/** Newton's iteration for 1 / ((1 + a) / 2), in Q2.29. */
function newton(a: number): number {
  const half = Math.floor((a + one + 1) / 2)
  let x = 1515870810 + srdhm(half, -1010580540)
  for (let round = 0; round < 3; round += 1) x += saturate(srdhm(x, 2 ** 29 - srdhm(half, x)) * 4)
  return x
}

/** 1 / (1 + a), 0 ≤ a ≤ 1, all in Q0.31. */
export function reciprocal(a: number): number {
  return saturate(newton(a) * 2)
}

/** (1 − a) / (1 + a), 0 ≤ a ≤ 1, all in Q0.31. */
function oneMinusOver(a: number): number {
  return saturate((newton(a) - 2 ** 29) * 4)
}

/** 1 / (1 + exp(−a)) of a in Qk, as Q0.31. */
export function logistic(a: number, k: number): number {
  if (a === 0) return 2 ** 30
  const positive = reciprocal(exp(-Math.abs(a), k))
  return a > 0 ? positive : one - positive
}

/** tanh of a in Qk, as Q0.31. */
export function tanh(a: number, k: number): number {
  if (a === 0) return 0
  const positive = oneMinusOver(exp(-Math.abs(a), k + 1))
  return a > 0 ? positive : -positive
}
