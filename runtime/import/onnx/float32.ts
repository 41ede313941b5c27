/** float32 arithmetic as onnxruntime's kernels do it, one rounding to each operation. */
import { roundHalfEven } from '../scales.ts'

const f32 = Math.fround
const view = new DataView(new ArrayBuffer(8))

/** a · b + c with one rounding (the FMA instruction), for float32 values. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  // 24 bits times 24 bits are exact in float64; the error of the sum decides where the sum's own rounding would lie on a tie of float32.
  const product = a * b
  const sum = product + c
  const part = sum - product
  const error = product - (sum - part) + (c - part)
  return f32(error === 0 ? sum : roundedToOdd(sum, error))
}

/** The float64 next to an inexact sum whose last bit is 1: a later rounding to float32 then goes the way of the exact sum. */
function roundedToOdd(sum: number, error: number): number {
  view.setFloat64(0, sum)
  const bits = view.getBigUint64(0)
  if ((bits & 1n) === 1n) return sum
  const away = error > 0 === sum > 0
  view.setBigUint64(0, away ? bits + 1n : bits - 1n)
  return view.getFloat64(0)
}

/** QuantizeLinear of one value: saturate(round half to even of x / scale, then + zero). */
export function quantized(value: number, scale: number, zero: number, low: number, high: number): number {
  const steps = f32(value / scale)
  if (Number.isNaN(steps)) return low
  return Math.min(Math.max(roundHalfEven(Math.min(Math.max(steps, low - zero), high - zero)) + zero, low), high)
}

/** DequantizeLinear of one value. */
export function dequantized(value: number, scale: number, zero: number): number {
  return f32((value - zero) * scale)
}

/** A float16's bits as a number. */
export function halfFloat(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const magnitude =
    exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction === 0 ? Infinity : NaN) : (1024 + fraction) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -magnitude : magnitude
}
