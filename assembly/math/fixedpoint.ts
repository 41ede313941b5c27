// Fixed-point functions: docs/arithmetic.md, Fixed-point functions. A number Qk.(31−k) is an int32 with k integer bits; all constants are
// raw.
// The forms are gemmlowp's (fixedpoint/fixedpoint.h); Jacob et al., arXiv 1712.05877.
import { rdpot, saturate, srdhm } from './requantize'

/** The greatest Q0.31, which stands for one. */
export const ONE: i32 = i32.MAX_VALUE

/** e^a for −¼ ≤ a < 0, Q0.31: Taylor's series around −⅛. */
function expQuarter(a: i32): i32 {
  const x = a + (1 << 28)
  const x2 = srdhm(x, x)
  const x3 = srdhm(x2, x)
  const x4 = srdhm(x2, x2)
  const t = rdpot(srdhm(rdpot(x4, 2) + x3, 715827883) + x2, 1)
  return saturate(<i64>1895147668 + <i64>srdhm(1895147668, x + t))
}

/** e^a for a ≤ 0 with k integer bits, 0 ≤ k ≤ 5, in Q0.31. */
export function exp(a: i32, k: i32): i32 {
  if (a === 0) return ONE
  const quarter = 1 << (29 - k)
  const m = (a & (quarter - 1)) - quarter
  const rest = m - a
  let result = expQuarter(m << k)
  // e^−¼, e^−½, e^−1 … e^−16
  result = expStep(result, rest, 29 - k, 1672461947)
  result = expStep(result, rest, 30 - k, 1302514674)
  if (k > 0) result = expStep(result, rest, 31 - k, 790015084)
  if (k > 1) result = expStep(result, rest, 32 - k, 290630308)
  if (k > 2) result = expStep(result, rest, 33 - k, 39332535)
  if (k > 3) result = expStep(result, rest, 34 - k, 720401)
  if (k > 4) result = expStep(result, rest, 35 - k, 242)
  return result
}

function expStep(result: i32, rest: i32, bit: i32, factor: i32): i32 {
  return (rest >>> bit) & 1 ? srdhm(result, factor) : result
}

/** 2 / (1 + a) in Q2.29 for 0 ≤ a ≤ 1 in Q0.31: three steps of Newton's method. */
function twiceReciprocal(a: i32): i32 {
  const half = <i32>((<i64>a + ((<i64>1) << 31)) >> 1)
  let x = 1515870810 + srdhm(half, -1010580540)
  for (let i = 0; i < 3; i++) {
    const d = (1 << 29) - srdhm(half, x)
    x += saturate((<i64>srdhm(x, d)) << 2)
  }
  return x
}

/** 1 / (1 + a) for 0 ≤ a ≤ 1, Q0.31. */
export function reciprocal(a: i32): i32 {
  return saturate((<i64>twiceReciprocal(a)) << 1)
}

/** (1 − a) / (1 + a) for 0 ≤ a ≤ 1, Q0.31. */
function oneMinusOver(a: i32): i32 {
  return saturate((<i64>twiceReciprocal(a) - ((<i64>1) << 29)) << 2)
}

/** −|a|, which no int32 overflows. */
function negativeMagnitude(a: i32): i32 {
  return a < 0 ? a : -a
}

/** 1 / (1 + e^−a) for a with k integer bits, in Q0.31. */
export function logistic(a: i32, k: i32): i32 {
  if (a === 0) return 1 << 30
  const p = reciprocal(exp(negativeMagnitude(a), k))
  return a > 0 ? p : ONE - p
}

/** tanh(a) for a with k integer bits, 0 ≤ k ≤ 4, in Q0.31. */
export function tanh(a: i32, k: i32): i32 {
  if (a === 0) return 0
  // The same bits with one more integer bit are twice the number.
  const p = oneMinusOver(exp(negativeMagnitude(a), k + 1))
  return a > 0 ? p : -p
}

// Q16.16

export const ONE16: i32 = 1 << 16

function clampTo(a: i32, limit: i32): i32 {
  return min(max(a, -limit), limit)
}

export function logistic16(a: i32): i32 {
  return rdpot(logistic(clampTo(a, 16 * ONE16 - 1) << 11, 4), 15)
}

export function tanh16(a: i32): i32 {
  return rdpot(tanh(clampTo(a, 8 * ONE16 - 1) << 12, 3), 15)
}

/** The tanh form of GELU: ½·a·(1 + tanh(√(2/π)·(a + 0.044715·a³))). */
export function gelu16(a: i32): i32 {
  if (a >= 8 * ONE16) return a
  if (a <= -8 * ONE16) return 0
  const wide = <i64>a
  const square = (wide * wide + (1 << 15)) >> 16
  const cubic = (square * wide * 2930 + ((<i64>1) << 31)) >> 32
  const u = <i32>(((wide + cubic) * 52290 + (1 << 15)) >> 16)
  return <i32>((wide * <i64>(ONE16 + tanh16(u)) + (1 << 16)) >> 17)
}

/** e^a for a ≤ 0 in Q16.16; 0 below −16. */
export function exp16(a: i64): i32 {
  return a < -16 * ONE16 + 1 ? 0 : rdpot(exp((<i32>a) << 11, 4), 15)
}
