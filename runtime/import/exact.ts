/**
 * exp and its kin for tables, from exact integers only: the host's Math.exp differs between engines. exp is within 2^-60 of the true value
 * before its one rounding to float64; logistic and tanh add one IEEE operation each.
 */
import { splitFloat } from './scales.ts'

const bits = 96n
const unit = 1n << bits
const ln2 = 54916777467707473351141471128n
const twoOverRootPi = 89399408028353504598410466559n

/** exp(x) of a finite x, |x| ≤ 700, as a float64. */
export function exp(x: number): number {
  const fixed = toFixed(x)
  const power = fixed >= 0n ? fixed / ln2 : -((-fixed + ln2 - 1n) / ln2)
  const rest = fixed - power * ln2
  let term = unit
  let sum = unit
  for (let n = 1n; term > 0n; n += 1n) {
    term = (term * rest) / (n << bits)
    sum += term
  }
  return Number(sum >> (bits - 64n)) * 2 ** (Number(power) - 64)
}

/** A float64 with `bits` fraction bits, truncated past the 80th. */
function toFixed(x: number): bigint {
  const whole = Math.trunc(x)
  return (BigInt(whole) << bits) + (BigInt(Math.trunc((x - whole) * 2 ** 80)) << (bits - 80n))
}

export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

export function tanh(x: number): number {
  const e = exp(-2 * Math.abs(x))
  return x >= 0 ? (1 - e) / (1 + e) : (e - 1) / (1 + e)
}

/** The natural logarithm of a positive normal number, within 2^-70 before its one rounding. */
export function log(x: number): number {
  const { fraction: part, exponent } = splitFloat(x)
  // ln p = 2 artanh((p - 1) / (p + 1)), of ½ ≤ p < 1.
  const p = toFixed(part)
  const ratio = ((p - unit) << bits) / (p + unit)
  const square = (ratio * ratio) >> bits
  let sum = 0n
  let power = ratio
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n
    power = (power * square) >> bits
  }
  return Number(BigInt(exponent) * ln2 + 2n * sum) / 2 ** Number(bits)
}

/** 1 - erf(x), 0 or 2 beyond ±6. */
export function erfc(x: number): number {
  if (Math.abs(x) > 6) return x > 0 ? 0 : 2
  // erf x = 2 / √π · Σ (-1)^n x^(2n + 1) / (n! (2n + 1)); the terms grow to 2^52 before they fall.
  const fixed = toFixed(x)
  const square = (fixed * fixed) >> bits
  let sum = 0n
  let power = fixed
  for (let n = 0n; power !== 0n && power !== -1n; n += 1n) {
    sum += power / (2n * n + 1n)
    power = ((-power * square) / (n + 1n)) >> bits
  }
  return Number(unit - ((sum * twoOverRootPi) >> bits)) / 2 ** Number(bits)
}
