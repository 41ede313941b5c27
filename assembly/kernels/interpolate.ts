/** Bilinear interpolation of int8 pixels. */
import { storeColumns } from './requantize'

/**
 * out[c] = ((x00·(unit − right) + x01·right)·(unit − below) + (x10·(unit − right) + x11·right)·below), divided by unit² and rounded: half up,
 * or half away from zero where `away` is 1. unit = 2^bits, at most 2^11. Eight channels at a time; up to 7 bytes behind each pixel may be read.
 */
export function interpolate(
  x00: usize,
  x01: usize,
  x10: usize,
  x11: usize,
  channels: usize,
  bits: i32,
  right: i32,
  below: i32,
  away: i32,
  out: usize,
): void {
  const left = (1 << bits) - right
  const above = (1 << bits) - below
  const shift = bits << 1
  const half = 1 << (shift - 1)
  if (ASC_FEATURE_SIMD) {
    const sides = i32x4.splat((right << 16) | left)
    const weightAbove = i32x4.splat(above)
    const weightBelow = i32x4.splat(below)
    const rounding = i32x4.splat(half)
    const signs = i32x4.splat(-away)
    for (let channel: usize = 0; channel < channels; channel += 8) {
      const a = v128.load8x8_s(x00 + channel)
      const b = v128.load8x8_s(x01 + channel)
      const c = v128.load8x8_s(x10 + channel)
      const d = v128.load8x8_s(x11 + channel)
      const low = mix(interleaveLow(a, b), interleaveLow(c, d), sides, weightAbove, weightBelow)
      const high = mix(interleaveHigh(a, b), interleaveHigh(c, d), sides, weightAbove, weightBelow)
      const words = i16x8.narrow_i32x4_s(round(low, rounding, signs, shift), round(high, rounding, signs, shift))
      const bytes = i8x16.narrow_i16x8_s(words, words)
      if (channel + 8 <= channels) v128.store64_lane(out + channel, bytes, 0)
      else storeColumns(out + channel, i64x2.extract_lane(bytes, 0), <i32>(channels - channel))
    }
    return
  }
  for (let channel: usize = 0; channel < channels; channel++) {
    const top = <i32>load<i8>(x00 + channel) * left + <i32>load<i8>(x01 + channel) * right
    const bottom = <i32>load<i8>(x10 + channel) * left + <i32>load<i8>(x11 + channel) * right
    const sum = top * above + bottom * below
    store<i8>(out + channel, <i8>((sum + half + ((sum >> 31) & -away)) >> shift))
  }
}

function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Four channels: pairs of pixels side by side above and below. */
function mix(top: v128, bottom: v128, sides: v128, above: v128, below: v128): v128 {
  return i32x4.add(i32x4.mul(i32x4.dot_i16x8_s(top, sides), above), i32x4.mul(i32x4.dot_i16x8_s(bottom, sides), below))
}

function round(sum: v128, half: v128, signs: v128, shift: i32): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(sum, half), v128.and(i32x4.shr_s(sum, 31), signs)), shift)
}
