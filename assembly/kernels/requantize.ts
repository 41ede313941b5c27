/**
 * Accumulators to int8: a pass over rows of 8 accumulators (gemm.ts, depthwise.ts, widen.ts) with the constants of their 8 channels.
 *
 * The integer modes, exactly as docs/arithmetic.md but in the lanes of a vector. With s = −shift and p = acc · multiplier:
 *   single: q = p >> 31, then (q + 2^(s−1)) >> s for s > 0 (equal to the single shift of p, because floors nest); (p + 2^30) >> 31 for s = 0
 *   double: q = (p + 2^30) >> 31, then (q + 2^(s−1) − (q < 0)) >> s for s > 0
 * and s < 0 multiplies acc by 2^−s first. A vector shift has one count for all lanes. Therefore two forms:
 *   fine: 1 ≤ s and s spread over at most 7 values: first a shift by min(s) − 1, then the 1 to 7 bits that are left by a rounding multiply of
 *         16-bit lanes with 2^(15−bits), which is (x + 2^(bits−1)) >> bits. Saturation to 16 bits in between is harmless: what saturates is at least
 *         256 or at most −256 in the end, clamped whatever the zero point.
 *   wide: any other: left shift by a multiply with 2^max(−s, 0), right shift as a 64-bit multiply with 2^(31−s) and a shift by 31.
 */

import { requantizeFp32, requantizeFp32Rows } from '../math/fp32'
import { clampToByte, requantizeDouble, requantizeSingle } from '../math/requantize'
import { ROUNDING_DOUBLE, ROUNDING_FP32, ROUNDING_SINGLE } from '../model/records'

// Constants of 8 channels.
const BIAS: usize = 0 // i32[8]
const MULTIPLIER: usize = 32 // i32[8], or f32[8]
const SHIFT: usize = 64 // i32[8]
const LEFT: usize = 96 // i32[8]: 2^max(shift, 0)
const RIGHT: usize = 128 // i32[8]: 2^(31 − s), 0 where s ≤ 0
const UNSHIFTED: usize = 160 // i32[8]: −1 where s ≤ 0
const NUDGE_LOW: usize = 192 // i64[4]: what is added to p, for the channels 0, 1, 4, 5
const NUDGE_HIGH: usize = 224 // i64[4]: … for the channels 2, 3, 6, 7
const HALF: usize = 256 // i64[4]: 2^30
const FINE: usize = 288 // i16[8]: 2^(15 − bits)
const FORM: usize = 304 // i32: 0 wide, 1 fine
const COARSE: usize = 308 // i32: min(s) − 1
/** Bytes of the constants of 8 channels. */
export const CHANNEL_CONSTANTS_BYTES: usize = 320

const FORM_FINE: i32 = 1
const FINE_SPREAD: i32 = 6

/**
 * Writes the constants of 8 channels: bias i32[8], multipliers u32[8] and shifts i32[8] (ignored in fp32), all aligned.
 */
export function packChannelConstants(mode: u32, constants: usize, bias: usize, multipliers: usize, shifts: usize): void {
  memory.fill(constants, 0, CHANNEL_CONSTANTS_BYTES)
  memory.copy(constants + BIAS, bias, 32)
  memory.copy(constants + MULTIPLIER, multipliers, 32)
  if (mode === ROUNDING_FP32) return
  let least = 31
  let most = -31
  for (let i: usize = 0; i < 8; i++) {
    const shift = load<i32>(shifts + (i << 2))
    const right = -shift
    least = min(least, right)
    most = max(most, right)
    store<i32>(constants + (i << 2), shift, SHIFT)
    store<i32>(constants + (i << 2), 1 << max(shift, 0), LEFT)
    store<i32>(constants + (i << 2), right > 0 ? 1 << (31 - right) : 0, RIGHT)
    store<i32>(constants + (i << 2), right > 0 ? 0 : -1, UNSHIFTED)
    const nudge = constants + (i & 2 ? NUDGE_HIGH : NUDGE_LOW) + ((i & 4) << 2) + ((i & 1) << 3)
    store<i64>(nudge, mode === ROUNDING_DOUBLE || right <= 0 ? 1 << 30 : 0)
    store<i64>(constants + ((i & 3) << 3), 1 << 30, HALF)
  }
  if (least < 1 || most - least > FINE_SPREAD) return
  store<i32>(constants, FORM_FINE, FORM)
  store<i32>(constants, least - 1, COARSE)
  for (let i: usize = 0; i < 8; i++) {
    const factor = 1 << (15 - (-load<i32>(shifts + (i << 2)) - (least - 1)))
    store<i16>(constants + (i << 1), <i16>factor, FINE)
  }
}

/**
 * out[row · stride + column] = clamp(zero + requantize(accumulators[row][column] + bias[column]), min, max)
 * for `count` rows and the first `columns` of 8 columns. The accumulators are overwritten.
 */
export function requantizePanel(
  mode: u32,
  accumulators: usize,
  count: i32,
  constants: usize,
  zero: i32,
  least: i32,
  most: i32,
  out: usize,
  stride: usize,
  columns: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (mode === ROUNDING_FP32) requantizeFp32Rows(accumulators, count, constants + BIAS, constants + MULTIPLIER)
    else if (load<i32>(constants, FORM) !== FORM_FINE) wideRows(mode, accumulators, count, constants)
    else if (mode === ROUNDING_SINGLE) fineSingleRows(accumulators, count, constants)
    else fineDoubleRows(accumulators, count, constants)
    storeRows(accumulators, count, zero, least, most, out, stride, columns)
  } else {
    scalarRows(mode, accumulators, count, constants, zero, least, most, out, stride, columns)
  }
}

/** `count` contiguous results from as many accumulators, all of the same constants: rows of 8, the last one perhaps shorter. The accumulators are overwritten. */
export function requantizeFlat(
  mode: u32,
  accumulators: usize,
  count: i32,
  constants: usize,
  zero: i32,
  least: i32,
  most: i32,
  out: usize,
): void {
  const rows = count >> 3
  const whole = <usize>(count & ~7)
  requantizePanel(mode, accumulators, rows, constants, zero, least, most, out, 8, 8)
  if (count & 7) requantizePanel(mode, accumulators + (whole << 2), 1, constants, zero, least, most, out + whole, 8, count & 7)
}

/** out[row · stride + column · 4] = accumulators[row][column] + bias[column], int32; stride in bytes. */
export function storePanel(accumulators: usize, count: i32, constants: usize, out: usize, stride: usize, columns: i32): void {
  for (let row = 0; row < count; row++, accumulators += 32, out += stride) {
    if (ASC_FEATURE_SIMD) {
      if (columns === 8) {
        v128.store(out, i32x4.add(v128.load(accumulators), v128.load(constants, BIAS)))
        v128.store(out, i32x4.add(v128.load(accumulators, 16), v128.load(constants, BIAS + 16)), 16)
        continue
      }
    }
    for (let column: usize = 0; column < <usize>columns; column++) {
      const at = column << 2
      store<i32>(out + at, load<i32>(accumulators + at) + load<i32>(constants + at, BIAS))
    }
  }
}

// The vector forms leave, in the first 16 bytes of each row of accumulators, 8 int16: the requantized numbers, saturated, before the zero point.

function fineSingleRows(accumulators: usize, count: i32, constants: usize): void {
  const bias0 = v128.load(constants, BIAS)
  const bias1 = v128.load(constants, BIAS + 16)
  const multiplier0 = v128.load(constants, MULTIPLIER)
  const multiplier1 = v128.load(constants, MULTIPLIER + 16)
  const fine = v128.load(constants, FINE)
  const coarse = load<i32>(constants, COARSE)
  const end = accumulators + ((<usize>count) << 5)
  for (; accumulators < end; accumulators += 32) {
    const low = i32x4.shr_s(floorHigh(i32x4.add(v128.load(accumulators), bias0), multiplier0), coarse)
    const high = i32x4.shr_s(floorHigh(i32x4.add(v128.load(accumulators, 16), bias1), multiplier1), coarse)
    v128.store(accumulators, i16x8.q15mulr_sat_s(i16x8.narrow_i32x4_s(low, high), fine))
  }
}

function fineDoubleRows(accumulators: usize, count: i32, constants: usize): void {
  const bias0 = v128.load(constants, BIAS)
  const bias1 = v128.load(constants, BIAS + 16)
  const multiplier0 = v128.load(constants, MULTIPLIER)
  const multiplier1 = v128.load(constants, MULTIPLIER + 16)
  const fine = v128.load(constants, FINE)
  const half = v128.load(constants, HALF)
  const coarse = load<i32>(constants, COARSE)
  const end = accumulators + ((<usize>count) << 5)
  for (; accumulators < end; accumulators += 32) {
    const q0 = roundedHigh(i32x4.add(v128.load(accumulators), bias0), multiplier0, half, half)
    const q1 = roundedHigh(i32x4.add(v128.load(accumulators, 16), bias1), multiplier1, half, half)
    const low = i32x4.shr_s(awayFromZero(q0), coarse)
    const high = i32x4.shr_s(awayFromZero(q1), coarse)
    v128.store(accumulators, i16x8.q15mulr_sat_s(i16x8.narrow_i32x4_s(low, high), fine))
  }
}

function wideRows(mode: u32, accumulators: usize, count: i32, constants: usize): void {
  const signs = i32x4.splat(mode === ROUNDING_DOUBLE ? -1 : 0)
  const end = accumulators + ((<usize>count) << 5)
  for (; accumulators < end; accumulators += 32) {
    const low = wide(v128.load(accumulators), constants, signs)
    const high = wide(v128.load(accumulators, 16), constants + 16, signs)
    v128.store(accumulators, i16x8.narrow_i32x4_s(low, high))
  }
}

/** Four lanes in the wide form; `constants` is moved on by 16 bytes for the upper four channels. */
function wide(accumulators: v128, constants: usize, signs: v128): v128 {
  const half = v128.load(constants, HALF)
  const acc = i32x4.mul(i32x4.add(accumulators, v128.load(constants, BIAS)), v128.load(constants, LEFT))
  const q = roundedHigh(acc, v128.load(constants, MULTIPLIER), v128.load(constants, NUDGE_LOW), v128.load(constants, NUDGE_HIGH))
  const x = i32x4.add(q, v128.and(i32x4.shr_s(q, 31), signs))
  return v128.bitselect(q, roundedHigh(x, v128.load(constants, RIGHT), half, half), v128.load(constants, UNSHIFTED))
}

/** (a · b) >> 31 of 64-bit products. The quotient fits int32, and the low half of a logical shift is that of an arithmetic one. */
function floorHigh(a: v128, b: v128): v128 {
  const low = i64x2.shr_u(i64x2.extmul_low_i32x4_s(a, b), 31)
  const high = i64x2.shr_u(i64x2.extmul_high_i32x4_s(a, b), 31)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** (a · b + nudge) >> 31 of 64-bit products. */
function roundedHigh(a: v128, b: v128, lowNudge: v128, highNudge: v128): v128 {
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(a, b), lowNudge), 31)
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(a, b), highNudge), 31)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** x − (x < 0): turns the rounding half up of the shift that follows into half away from zero. */
function awayFromZero(x: v128): v128 {
  return i32x4.add(x, i32x4.shr_s(x, 31))
}

/** Rows of 8 int16, 32 bytes apart: adds the zero point, clamps, and stores two rows at a time; one row more may be read. Vectors only. */
export function storeRows(words: usize, count: i32, zero: i32, least: i32, most: i32, out: usize, stride: usize, columns: i32): void {
  const zeros = i16x8.splat(<i16>zero)
  const low = i8x16.splat(<i8>least)
  const high = i8x16.splat(<i8>most)
  for (; count > 0; count -= 2, words += 64, out += stride << 1) {
    const a = i16x8.add_sat_s(v128.load(words), zeros)
    const b = i16x8.add_sat_s(v128.load(words, 32), zeros)
    const bytes = i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(a, b), low), high)
    if (columns === 8) {
      v128.store64_lane(out, bytes, 0)
      if (count > 1) v128.store64_lane(out + stride, bytes, 1)
    } else {
      storeColumns(out, i64x2.extract_lane(bytes, 0), columns)
      if (count > 1) storeColumns(out + stride, i64x2.extract_lane(bytes, 1), columns)
    }
  }
}

/** The lowest 1 to 7 bytes. */
export function storeColumns(out: usize, bytes: i64, columns: i32): void {
  if (columns & 4) {
    store<i32>(out, <i32>bytes)
    bytes >>= 32
    out += 4
  }
  if (columns & 2) {
    store<i16>(out, <i16>bytes)
    bytes >>= 16
    out += 2
  }
  if (columns & 1) store<i8>(out, <i8>bytes)
}

function scalarRows(
  mode: u32,
  accumulators: usize,
  count: i32,
  constants: usize,
  zero: i32,
  least: i32,
  most: i32,
  out: usize,
  stride: usize,
  columns: i32,
): void {
  for (; count > 0; count--, accumulators += 32, out += stride) {
    for (let column: usize = 0; column < <usize>columns; column++) {
      const at = column << 2
      const channel = constants + at
      const acc = load<i32>(accumulators + at) + load<i32>(channel, BIAS)
      let value: i32
      if (mode === ROUNDING_FP32) value = requantizeFp32(acc, channel + MULTIPLIER)
      else if (mode === ROUNDING_SINGLE) value = requantizeSingle(acc, load<i32>(channel, MULTIPLIER), load<i32>(channel, SHIFT))
      else value = requantizeDouble(acc, load<i32>(channel, MULTIPLIER), load<i32>(channel, SHIFT))
      store<i8>(out + column, <i8>clampToByte(value, zero, least, most))
    }
  }
}
