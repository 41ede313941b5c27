/**
 * exp and its kin for tables, from exact integers only: the host's Math.exp differs between engines. exp is within 2^-60 of the true value
 * before its one rounding to float64; the others add one IEEE operation each.
 */
const bits = 96n
const unit = 1n << bits
const ln2 = 54916777467707473351141471128n

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
