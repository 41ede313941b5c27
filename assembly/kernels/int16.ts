/** int16 activations: 64-bit sums of a layer's channels, and their requantization to int16, one number at a time. */
import { clampSum, narrowMultiplier, requantizeDouble, requantizeSingle, requantizeWide, saturate } from '../math/requantize'
import { ROUNDING_SINGLE } from '../model/records'

/**
 * Pairs of products that a 32-bit accumulator holds: |x · w| ≤ 2^15 · 2^7, so that 255 pairs stay below 2^31. Longer sums are put together
 * from stretches of so many.
 */
export const STRETCH_PAIRS: u32 = 255

/** Bytes of a row of sums: 8 × int64. */
const SUM_ROW: usize = 64

// Constants of 8 channels.
const BIAS: usize = 0 // i64[8]
const MULTIPLIER: usize = 64 // i32[8]; 15 bits of it in the wide form
const SHIFT: usize = 96 // i32[8]

/** sums[row][column] = accumulators[row][column] for `count` rows of 8. */
export function startSums(accumulators: usize, count: i32, sums: usize): void {
  const end = sums + <usize>count * SUM_ROW
  for (; sums < end; sums += 8, accumulators += 4) store<i64>(sums, <i64>load<i32>(accumulators))
}

/** sums[row][column] += accumulators[row][column]. */
export function addSums(accumulators: usize, count: i32, sums: usize): void {
  const end = sums + <usize>count * SUM_ROW
  for (; sums < end; sums += 8, accumulators += 4) store<i64>(sums, load<i64>(sums) + <i64>load<i32>(accumulators))
}

/** Constants of channel i (0 to 7) of 8. */
export function packInt16Constants(constants: usize, i: usize, bias: i64, multiplier: i32, shift: i32): void {
  store<i64>(constants + (i << 3), bias, BIAS)
  store<i32>(constants + (i << 2), multiplier, MULTIPLIER)
  store<i32>(constants + (i << 2), shift, SHIFT)
}

/** As packInt16Constants, for requantizeSumsWide. */
export function packInt16ConstantsWide(constants: usize, i: usize, bias: i64, multiplier: i32, shift: i32): void {
  packInt16Constants(constants, i, bias, narrowMultiplier(multiplier), shift)
}

/** In the model's integer mode; `double` in fp32 models. */
export function requantizeIn(mode: u32, acc: i32, multiplier: i32, shift: i32): i32 {
  return mode === ROUNDING_SINGLE ? requantizeSingle(acc, multiplier, shift) : requantizeDouble(acc, multiplier, shift)
}

/** out[row · stride + column] = clamp(requantize(saturate(sums[row][column] + bias[column])), least, most), int16; stride in elements. */
export function requantizeSums(
  mode: u32,
  sums: usize,
  count: i32,
  constants: usize,
  least: i32,
  most: i32,
  out: usize,
  stride: usize,
  columns: usize,
): void {
  for (; count > 0; count--, sums += SUM_ROW, out += stride << 1) {
    for (let column: usize = 0; column < columns; column++) {
      const acc = saturate(load<i64>(sums + (column << 3)) + load<i64>(constants + (column << 3), BIAS))
      const channel = constants + (column << 2)
      const value = requantizeIn(mode, acc, load<i32>(channel, MULTIPLIER), load<i32>(channel, SHIFT))
      store<i16>(out + (column << 1), <i16>clampSum(value, 0, least, most))
    }
  }
}

/** As requantizeSums, by the wide requantization. */
export function requantizeSumsWide(
  sums: usize,
  count: i32,
  constants: usize,
  least: i32,
  most: i32,
  out: usize,
  stride: usize,
  columns: usize,
): void {
  for (; count > 0; count--, sums += SUM_ROW, out += stride << 1) {
    for (let column: usize = 0; column < columns; column++) {
      const acc = load<i64>(sums + (column << 3)) + load<i64>(constants + (column << 3), BIAS)
      const channel = constants + (column << 2)
      const value = requantizeWide(acc, load<i32>(channel, MULTIPLIER), load<i32>(channel, SHIFT))
      store<i16>(out + (column << 1), <i16>clampSum(value, 0, least, most))
    }
  }
}

/**
 * sums[column] = Σ x[k] · matrix[k · stride + column] for 8 columns of int16 and `depth` rows, 64-bit; stride in elements. Up to 14 bytes
 * behind the matrix may be read.
 */
export function sumColumns(x: usize, matrix: usize, stride: usize, depth: usize, sums: usize): void {
  const end = x + (depth << 1)
  if (ASC_FEATURE_SIMD) {
    let s0 = i64x2.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (; x < end; x += 2, matrix += stride << 1) {
      const a = v128.load16_splat(x)
      const b = v128.load(matrix)
      const low = i32x4.extmul_low_i16x8_s(a, b)
      const high = i32x4.extmul_high_i16x8_s(a, b)
      s0 = i64x2.add(s0, i64x2.extend_low_i32x4_s(low))
      s1 = i64x2.add(s1, i64x2.extend_high_i32x4_s(low))
      s2 = i64x2.add(s2, i64x2.extend_low_i32x4_s(high))
      s3 = i64x2.add(s3, i64x2.extend_high_i32x4_s(high))
    }
    v128.store(sums, s0)
    v128.store(sums, s1, 16)
    v128.store(sums, s2, 32)
    v128.store(sums, s3, 48)
  } else {
    memory.fill(sums, 0, SUM_ROW)
    for (; x < end; x += 2, matrix += stride << 1)
      for (let column: usize = 0; column < 8; column++) {
        const sum = sums + (column << 3)
        store<i64>(sum, load<i64>(sum) + <i64>(<i32>load<i16>(x) * <i32>load<i16>(matrix + (column << 1))))
      }
  }
}
