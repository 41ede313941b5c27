/** Sums and sums of squares of rows of int8 or int16. */
import { sumBytes } from './sum'

/** Σ x[i] of `count` ≤ 2^15 int8, or int16 where `isWide`. */
export function sumRow(x: usize, count: usize, isWide: bool): i64 {
  return isWide ? sumWords(x, count) : <i64>sumBytes(x, count)
}

/** Σ x[i]² of `count` ≤ 2^15 int8, or int16 where `isWide`. */
export function sumSquares(x: usize, count: usize, isWide: bool): i64 {
  return isWide ? sumSquaresWords(x, count) : <i64>sumSquaresBytes(x, count)
}

function sumWords(x: usize, count: usize): i32 {
  let sum = 0
  const end = x + (count << 1)
  if (ASC_FEATURE_SIMD) {
    let sums = i32x4.splat(0)
    for (; x + 16 <= end; x += 16) sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(v128.load(x)))
    sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  }
  for (; x < end; x += 2) sum += <i32>load<i16>(x)
  return sum
}

function sumSquaresBytes(x: usize, count: usize): i32 {
  let sum = 0
  const end = x + count
  if (ASC_FEATURE_SIMD) {
    let sums = i32x4.splat(0)
    for (; x + 8 <= end; x += 8) {
      const words = v128.load8x8_s(x)
      sums = i32x4.add(sums, i32x4.dot_i16x8_s(words, words))
    }
    sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  }
  for (; x < end; x++) sum += <i32>load<i8>(x) * <i32>load<i8>(x)
  return sum
}

function sumSquaresWords(x: usize, count: usize): i64 {
  let sum: i64 = 0
  const end = x + (count << 1)
  if (ASC_FEATURE_SIMD) {
    let sums = i64x2.splat(0)
    for (; x + 16 <= end; x += 16) {
      const words = v128.load(x)
      // Two squares of −2^15 make 2^31, which is right without a sign.
      const pairs = i32x4.dot_i16x8_s(words, words)
      sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(pairs), i64x2.extend_high_i32x4_u(pairs)))
    }
    sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1)
  }
  for (; x < end; x += 2) sum += <i64>(<i32>load<i16>(x) * <i32>load<i16>(x))
  return sum
}
