/** Rows of int8 or int16 times an inverse square root, a factor and a summand for each element: docs/arithmetic.md, layerNorm. */

// Constants of a row.
const COUNT: usize = 0 // i32: n
const OFFSET: usize = 4 // i32: taken from n · x
const INVERSE: usize = 8 // i32
const PLACES: usize = 12 // i32: bits that d · inverse has more than Q.15
const SHIFT: usize = 16 // i32: fraction bits of gamma
const ZERO: usize = 20 // i32
const LEAST: usize = 24 // i32
const MOST: usize = 28 // i32
export const ROW_CONSTANTS_BYTES: usize = 32

/** What holds for all rows. */
export function packNormalization(constants: usize, count: i32, shift: i32, zero: i32, least: i32, most: i32): void {
  store<i32>(constants, count, COUNT)
  store<i32>(constants, shift, SHIFT)
  store<i32>(constants, zero, ZERO)
  store<i32>(constants, least, LEAST)
  store<i32>(constants, most, MOST)
}

/** What differs between rows. */
export function packRow(constants: usize, offset: i32, inverse: i32, places: i32): void {
  store<i32>(constants, offset, OFFSET)
  store<i32>(constants, inverse, INVERSE)
  store<i32>(constants, places, PLACES)
}

/** Of `count` elements; the factors lie `step` bytes apart: 4, or 0 where one serves all. */
export function normalizeRun(
  constants: usize,
  x: usize,
  isWideX: bool,
  y: usize,
  isWideY: bool,
  count: usize,
  gamma: usize,
  beta: usize,
  step: usize,
): void {
  const n = load<i32>(constants, COUNT)
  const offset = load<i32>(constants, OFFSET)
  const inverse = load<i32>(constants, INVERSE)
  const places = load<i32>(constants, PLACES)
  const shift = load<i32>(constants, SHIFT)
  const zero = load<i32>(constants, ZERO)
  const least = load<i32>(constants, LEAST)
  const most = load<i32>(constants, MOST)
  const halfPlace = (<i64>1) << (places - 1)
  const halfStep = (<i64>1) << (shift + 14)
  const sizeX: usize = isWideX ? 2 : 1
  const sizeY: usize = isWideY ? 2 : 1
  const end = x + count * sizeX
  if (ASC_FEATURE_SIMD) {
    const zeros = i64x2.splat(<i64>zero)
    const leasts = i64x2.splat(<i64>least)
    const mosts = i64x2.splat(<i64>most)
    for (; x + (sizeX << 2) <= end; x += sizeX << 2, y += sizeY << 2, gamma += step << 2, beta += step << 2) {
      const q = isWideX ? v128.load16x4_s(x) : i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(x)))
      const d = i32x4.sub(i32x4.mul(q, i32x4.splat(n)), i32x4.splat(offset))
      const low = scaled(i64x2.extmul_low_i32x4_s(d, i32x4.splat(inverse)), halfPlace, places)
      const high = scaled(i64x2.extmul_high_i32x4_s(d, i32x4.splat(inverse)), halfPlace, places)
      const v = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
      const g = step === 0 ? v128.load32_splat(gamma) : v128.load(gamma)
      const b = step === 0 ? v128.load32_splat(beta) : v128.load(beta)
      const sumLow = i64x2.add(i64x2.extmul_low_i32x4_s(v, g), i64x2.shl(i64x2.extend_low_i32x4_s(b), shift))
      const sumHigh = i64x2.add(i64x2.extmul_high_i32x4_s(v, g), i64x2.shl(i64x2.extend_high_i32x4_s(b), shift))
      const yLow = bounded(i64x2.add(scaled(sumLow, halfStep, shift + 15), zeros), leasts, mosts)
      const yHigh = bounded(i64x2.add(scaled(sumHigh, halfStep, shift + 15), zeros), leasts, mosts)
      const words = i16x8.narrow_i32x4_s(v128.shuffle<i32>(yLow, yHigh, 0, 2, 4, 6), i32x4.splat(0))
      if (isWideY) v128.store64_lane(y, words, 0)
      else v128.store32_lane(y, i8x16.narrow_i16x8_s(words, words), 0)
    }
  }
  for (; x < end; x += sizeX, y += sizeY, gamma += step, beta += step) {
    const q = isWideX ? <i32>load<i16>(x) : <i32>load<i8>(x)
    const v = (<i64>(q * n - offset) * <i64>inverse + halfPlace) >> places
    const sum = v * <i64>load<i32>(gamma) + ((<i64>load<i32>(beta)) << shift)
    const value = ((sum + halfStep) >> (shift + 15)) + <i64>zero
    const result = min(max(value, <i64>least), <i64>most)
    if (isWideY) store<i16>(y, <i16>result)
    else store<i8>(y, <i8>result)
  }
}

/** Rounded half up. */
function scaled(value: v128, half: i64, places: i32): v128 {
  return i64x2.shr_s(i64x2.add(value, i64x2.splat(half)), places)
}

function bounded(value: v128, least: v128, most: v128): v128 {
  const above = v128.bitselect(least, value, i64x2.lt_s(value, least))
  return v128.bitselect(most, above, i64x2.gt_s(above, most))
}
