/**
 * Integer requantization, one number at a time: docs/arithmetic.md, "Requantization". The vector form of the same numbers is
 * kernels/requantize.ts; the float32 form is fp32.ts. There is no other rounding in the module.
 */

/** Saturating rounding doubling high multiply. */
export function srdhm(a: i32, b: i32): i32 {
  if (a === i32.MIN_VALUE && b === i32.MIN_VALUE) return i32.MAX_VALUE
  return <i32>((<i64>a * <i64>b + (1 << 30)) >> 31)
}

/** Rounding divide by 2^shift, ties away from zero; 0 ≤ shift ≤ 31. */
export function rdpot(x: i32, shift: i32): i32 {
  if (shift === 0) return x
  return <i32>((<i64>x + ((<i64>1) << (shift - 1)) - <i64>(x < 0)) >> shift)
}

/** acc · multiplier · 2^(shift − 31), rounded once, half up. −31 ≤ shift ≤ 30. */
export function requantizeSingle(acc: i32, multiplier: i32, shift: i32): i32 {
  const t = 31 - shift
  return <i32>((<i64>acc * <i64>multiplier + ((<i64>1) << (t - 1))) >> t)
}

/** acc · multiplier · 2^(shift − 31), rounded twice. acc · 2^max(shift, 0) fits int32. */
export function requantizeDouble(acc: i32, multiplier: i32, shift: i32): i32 {
  return shift > 0 ? srdhm(acc << shift, multiplier) : rdpot(srdhm(acc, multiplier), -shift)
}

/** A 31-bit multiplier rounded to 15 bits. */
export function narrowMultiplier(multiplier: i32): i32 {
  return multiplier < 0x7fff0000 ? (multiplier + (1 << 15)) >> 16 : 0x7fff
}

/** Wide requantization: acc · factor · 2^(shift − 15), rounded once, half up. |acc| < 2^47, 0 ≤ factor < 2^15, −31 ≤ shift ≤ 7. */
export function requantizeWide(acc: i64, factor: i32, shift: i32): i64 {
  const t = 15 - shift
  return (acc * <i64>factor + ((<i64>1) << (t - 1))) >> t
}

/** The nearest int32. */
export function saturate(value: i64): i32 {
  return <i32>min(max(value, <i64>i32.MIN_VALUE), <i64>i32.MAX_VALUE)
}

/** clamp(zero + value, min, max), without overflow. */
export function clampToByte(value: i32, zero: i32, min: i32, max: i32): i32 {
  return clampSum(value, zero, min, max)
}

/** clamp(zero + value, min, max); |value| < 2^62. */
export function clampSum(value: i64, zero: i32, min: i32, max: i32): i32 {
  const sum = value + <i64>zero
  return <i32>(sum < <i64>min ? <i64>min : sum > <i64>max ? <i64>max : sum)
}
