/**
 * Pools over NHWC bytes, one window at a time: `height` × `width` pixels from x on, rowBytes from a row to the next, `channels` bytes to a pixel.
 * Eight or sixteen channels at a time; up to 15 bytes behind the window may be read.
 */
import { clampSum, clampToByte } from '../math/requantize'
import { storeColumns } from './requantize'

/** out[c] = clamp(largest x[..][c], least, most). */
export function maxWindow(x: usize, height: i32, width: i32, rowBytes: usize, channels: usize, least: i32, most: i32, out: usize): void {
  let channel: usize = 0
  if (ASC_FEATURE_SIMD) {
    const low = i8x16.splat(<i8>least)
    const high = i8x16.splat(<i8>most)
    for (; channel < channels; channel += 16) {
      let largest = i8x16.splat(-128)
      let row = x + channel
      for (let i = 0; i < height; i++, row += rowBytes) {
        let pixel = row
        for (let j = 0; j < width; j++, pixel += channels) largest = i8x16.max_s(largest, v128.load(pixel))
      }
      largest = i8x16.min_s(i8x16.max_s(largest, low), high)
      if (channel + 16 <= channels) v128.store(out + channel, largest)
      else storeBytes(out + channel, largest, <i32>(channels - channel))
    }
    return
  }
  for (; channel < channels; channel++) {
    let largest = -128
    for (let i = 0; i < height; i++) {
      let pixel = x + <usize>i * rowBytes + channel
      for (let j = 0; j < width; j++, pixel += channels) largest = max(largest, <i32>load<i8>(pixel))
    }
    store<i8>(out + channel, <i8>min(max(largest, least), most))
  }
}

/** Windows up to this many pixels are divided by a multiplication. */
const RECIPROCAL_LIMIT: i32 = 4080
/** Bytes whose sum fits 16 bits. */
const WORD_SUM: i32 = 256

/**
 * What averageWindow multiplies by for windows of so many pixels n; 0 where it divides.
 * The magnitude a = |sum| + n div 2 is below 129·n, and (a · ceil(2^31 / n)) >> 31 is a div n while 129·n² ≤ 2^31.
 */
export function reciprocal(pixels: i32): u32 {
  return pixels > RECIPROCAL_LIMIT ? 0 : (((<u32>1) << 31) + <u32>pixels - 1) / <u32>pixels
}

/** out[c] = clamp(mean of x[..][c], half away from zero, least, most); `factor` is the reciprocal of height · width. */
export function averageWindow(
  x: usize,
  height: i32,
  width: i32,
  rowBytes: usize,
  channels: usize,
  factor: u32,
  least: i32,
  most: i32,
  out: usize,
): void {
  let channel: usize = 0
  if (ASC_FEATURE_SIMD) {
    const low = i8x16.splat(<i8>least)
    const high = i8x16.splat(<i8>most)
    const half = i32x4.splat((height * width) >> 1)
    const factors = i32x4.splat(factor)
    for (; channel < channels; channel += 8) {
      let sum0 = i32x4.splat(0)
      let sum1 = sum0
      let row = x + channel
      for (let i = 0; i < height; i++, row += rowBytes) {
        let pixel = row
        let left = width
        do {
          let words = v128.load8x8_s(pixel)
          pixel += channels
          for (let j = min(left, WORD_SUM); j > 1; j--, pixel += channels) words = i16x8.add(words, v128.load8x8_s(pixel))
          sum0 = i32x4.add(sum0, i32x4.extend_low_i16x8_s(words))
          sum1 = i32x4.add(sum1, i32x4.extend_high_i16x8_s(words))
          left -= WORD_SUM
        } while (left > 0)
      }
      if (factor === 0) {
        sum0 = divideLanes(sum0, height * width)
        sum1 = divideLanes(sum1, height * width)
      } else {
        sum0 = multiplyLanes(sum0, half, factors)
        sum1 = multiplyLanes(sum1, half, factors)
      }
      const words = i16x8.narrow_i32x4_s(sum0, sum1)
      const bytes = i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(words, words), low), high)
      if (channel + 8 <= channels) v128.store64_lane(out + channel, bytes, 0)
      else storeColumns(out + channel, i64x2.extract_lane(bytes, 0), <i32>(channels - channel))
    }
    return
  }
  for (; channel < channels; channel++) {
    let sum = 0
    for (let i = 0; i < height; i++) {
      let pixel = x + <usize>i * rowBytes + channel
      for (let j = 0; j < width; j++, pixel += channels) sum += <i32>load<i8>(pixel)
    }
    store<i8>(out + channel, <i8>clampToByte(divideOne(sum, height * width), 0, least, most))
  }
}

/** sum / pixels, half away from zero. */
function divideOne(sum: i32, pixels: i32): i32 {
  const half = pixels >> 1
  return (sum > 0 ? sum + half : sum - half) / pixels
}

function divideLanes(sum: v128, pixels: i32): v128 {
  let quotient = i32x4.splat(divideOne(i32x4.extract_lane(sum, 0), pixels))
  quotient = i32x4.replace_lane(quotient, 1, divideOne(i32x4.extract_lane(sum, 1), pixels))
  quotient = i32x4.replace_lane(quotient, 2, divideOne(i32x4.extract_lane(sum, 2), pixels))
  return i32x4.replace_lane(quotient, 3, divideOne(i32x4.extract_lane(sum, 3), pixels))
}

function multiplyLanes(sum: v128, half: v128, factors: v128): v128 {
  const sign = i32x4.shr_s(sum, 31)
  const magnitude = i32x4.add(i32x4.abs(sum), half)
  const low = i64x2.shr_u(i64x2.extmul_low_i32x4_u(magnitude, factors), 31)
  const high = i64x2.shr_u(i64x2.extmul_high_i32x4_u(magnitude, factors), 31)
  return i32x4.sub(v128.xor(v128.shuffle<i32>(low, high, 0, 2, 4, 6), sign), sign)
}

/** The lowest 1 to 15 bytes. */
function storeBytes(out: usize, bytes: v128, count: i32): void {
  if (count & 8) {
    v128.store64_lane(out, bytes, 0)
    storeColumns(out + 8, i64x2.extract_lane(bytes, 1), count & 7)
  } else {
    storeColumns(out, i64x2.extract_lane(bytes, 0), count)
  }
}

/** As maxWindow, of int16; rowBytes in bytes. */
export function maxWindow16(x: usize, height: i32, width: i32, rowBytes: usize, channels: usize, least: i32, most: i32, out: usize): void {
  for (const end = out + (channels << 1); out < end; x += 2, out += 2) {
    let largest = <i32>i16.MIN_VALUE
    for (let i = 0; i < height; i++) {
      let pixel = x + <usize>i * rowBytes
      for (let j = 0; j < width; j++, pixel += channels << 1) largest = max(largest, <i32>load<i16>(pixel))
    }
    store<i16>(out, <i16>min(max(largest, least), most))
  }
}

/** As averageWindow, of int16; rowBytes in bytes. */
export function averageWindow16(
  x: usize,
  height: i32,
  width: i32,
  rowBytes: usize,
  channels: usize,
  least: i32,
  most: i32,
  out: usize,
): void {
  const pixels = <i64>height * <i64>width
  const half = pixels >> 1
  for (const end = out + (channels << 1); out < end; x += 2, out += 2) {
    let sum: i64 = 0
    for (let i = 0; i < height; i++) {
      let pixel = x + <usize>i * rowBytes
      for (let j = 0; j < width; j++, pixel += channels << 1) sum += <i64>load<i16>(pixel)
    }
    store<i16>(out, <i16>clampSum((sum > 0 ? sum + half : sum - half) / pixels, 0, least, most))
  }
}
