/**
 * Elementary functions for tables, from IEEE additions, multiplications, divisions and square roots alone, which are the same on every machine:
 * within a few units of float64 of the true value, far below the float32 that tables hold.
 */
import { exp, log } from './exact.ts'

const halfPi = 1.5707963267948966
/** What halfPi lacks. */
const halfPiRest = 6.123233995736766e-17

/** Σ terms of a series whose next term is the last one times `ratio(n)`, from n = 1 on. */
function series(first: number, ratio: (n: number) => number, terms: number): number {
  let [term, sum] = [first, first]
  for (let n = 1; n < terms; n += 1) {
    term *= ratio(n)
    sum += term
  }
  return sum
}

function sineNear0(x: number): number {
  return series(x, (n) => (-x * x) / (2 * n * (2 * n + 1)), 12)
}

function cosineNear0(x: number): number {
  return series(1, (n) => (-x * x) / (2 * n * (2 * n - 1)), 12)
}

/** sin(x + quarters · π / 2). */
function turned(x: number, quarters: number): number {
  const whole = Math.round(x / halfPi)
  const rest = x - whole * halfPi - whole * halfPiRest
  const quarter = (((whole + quarters) % 4) + 4) % 4
  const value = quarter % 2 === 0 ? sineNear0(rest) : cosineNear0(rest)
  return quarter < 2 ? value : -value
}

export function sin(x: number): number {
  return turned(x, 0)
}

export function cos(x: number): number {
  return turned(x, 1)
}

export function atan(x: number): number {
  if (x < 0) return -atan(-x)
  if (x > 1) return halfPi - atan(1 / x)
  // Twice half of the angle, of which the half of the half is below π / 16.
  const half = (tangent: number) => tangent / (1 + Math.sqrt(1 + tangent * tangent))
  const quarter = half(half(x))
  let [power, sum] = [quarter, 0]
  for (let n = 1; n < 30; n += 2) {
    sum += power / n
    power *= -quarter * quarter
  }
  return 4 * sum
}

/** NaN past ±1. */
export function asin(x: number): number {
  return Math.abs(x) === 1 ? x * halfPi : atan(x / Math.sqrt(1 - x * x))
}

export function sinh(x: number): number {
  return Math.abs(x) < 0.1 ? series(x, (n) => (x * x) / (2 * n * (2 * n + 1)), 8) : (bounded(x) - bounded(-x)) / 2
}

export function cosh(x: number): number {
  return (bounded(x) + bounded(-x)) / 2
}

export function asinh(x: number): number {
  return Math.sign(x) * logarithm(Math.abs(x) + Math.sqrt(x * x + 1))
}

/** log((1 + x) / (1 − x)) / 2. */
export function atanh(x: number): number {
  return logarithm((1 + x) / (1 - x)) / 2
}

/** exp of any number: infinite, or 0, where float32 would be. */
export function bounded(x: number): number {
  return Number.isNaN(x) ? x : exp(Math.min(Math.max(x, -700), 700))
}

/** log of any number: −∞ of 0, NaN of less. */
export function logarithm(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  return x === Infinity ? x : log(x)
}

/** xʸ: products where y is whole, else by logarithm and exponential; NaN of a negative x and a y that is not whole. */
export function power(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= 1024) {
    let [result, square] = [1, x]
    for (let left = Math.abs(y); left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result *= square
      square *= square
    }
    return y < 0 ? 1 / result : result
  }
  if (x === 0) return y > 0 ? 0 : Infinity
  return x < 0 ? Number.NaN : bounded(y * logarithm(x))
}
