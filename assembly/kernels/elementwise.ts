/** Two operands of int16 x − zero, element by element. */
import { clampToByte } from '../math/requantize'
import { storeRows } from './requantize'

/** accumulators[i] = a[i] · b[i], int32. Up to 7 elements more may be read and written. */
export function multiply(a: usize, b: usize, count: i32, accumulators: usize): void {
  const end = a + ((<usize>count) << 1)
  if (ASC_FEATURE_SIMD) {
    for (; a < end; a += 16, b += 16, accumulators += 32) {
      const left = v128.load(a)
      const right = v128.load(b)
      v128.store(accumulators, i32x4.extmul_low_i16x8_s(left, right))
      v128.store(accumulators, i32x4.extmul_high_i16x8_s(left, right), 16)
    }
  } else {
    for (; a < end; a += 2, b += 2, accumulators += 4) store<i32>(accumulators, <i32>load<i16>(a) * <i32>load<i16>(b))
  }
}

/** accumulators[i] = tableA[a[i]] + tableB[b[i]], int32; the tables point to the entries of 0. */
export function addLookedUp(a: usize, b: usize, count: i32, tableA: usize, tableB: usize, accumulators: usize): void {
  const end = a + ((<usize>count) << 1)
  for (; a < end; a += 2, b += 2, accumulators += 4)
    store<i32>(accumulators, load<i32>(tableA + ((<usize>load<i16>(a)) << 2)) + load<i32>(tableB + ((<usize>load<i16>(b)) << 2)))
}

/**
 * out[i] = clamp(zero + ((2^(shift−1) + a[i] · factorA + b[i] · factorB) >> shift), least, most): add in rounding mode fp32. The sum fits int32.
 * `words` is room for `count` · 4 bytes and 64 more; up to 7 elements more may be read.
 */
export function addWeighted(
  a: usize,
  b: usize,
  count: i32,
  factorA: i32,
  factorB: i32,
  shift: i32,
  zero: i32,
  least: i32,
  most: i32,
  words: usize,
  out: usize,
): void {
  if (ASC_FEATURE_SIMD) {
    const end = a + ((<usize>count) << 1)
    const left = i32x4.splat(factorA)
    const right = i32x4.splat(factorB)
    const half = i32x4.splat(1 << (shift - 1))
    let word = words
    for (; a < end; a += 16, b += 16, word += 32) {
      const x = v128.load(a)
      const y = v128.load(b)
      const low = i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(x), left), i32x4.mul(i32x4.extend_low_i16x8_s(y), right))
      const high = i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(x), left), i32x4.mul(i32x4.extend_high_i16x8_s(y), right))
      v128.store(word, i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(low, half), shift), i32x4.shr_s(i32x4.add(high, half), shift)))
    }
    const whole = <usize>(count & ~7)
    storeRows(words, count >> 3, zero, least, most, out, 8, 8)
    if (count & 7) storeRows(words + (whole << 2), 1, zero, least, most, out + whole, 8, count & 7)
  } else {
    for (let i: usize = 0; i < <usize>count; i++) {
      const sum = (1 << (shift - 1)) + <i32>load<i16>(a + (i << 1)) * factorA + <i32>load<i16>(b + (i << 1)) * factorB
      store<i8>(out + i, <i8>clampToByte(sum >> shift, zero, least, most))
    }
  }
}
