/** Rows of a matrix of bytes times a vector of int16, for recurrent layers. */
import { STRETCH_PAIRS } from './int16'

/** Σ w[i] · x[i] of `count` int8 and int16; the sum fits int32. */
export function dotRow(w: usize, x: usize, count: usize): i32 {
  let sum = 0
  const end = w + count
  if (ASC_FEATURE_SIMD) {
    let sums = i32x4.splat(0)
    for (; w + 8 <= end; w += 8, x += 16) sums = i32x4.add(sums, i32x4.dot_i16x8_s(v128.load8x8_s(w), v128.load(x)))
    sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  }
  for (; w < end; w++, x += 2) sum += <i32>load<i8>(w) * <i32>load<i16>(x)
  return sum
}

/** As dotRow, whatever the sum: in stretches that fit int32. */
export function dotRowWide(w: usize, x: usize, count: usize): i64 {
  let sum: i64 = 0
  for (let done: usize = 0; done < count; done += 2 * STRETCH_PAIRS) {
    const stretch = min(count - done, 2 * STRETCH_PAIRS)
    sum += dotRow(w + done, x + (done << 1), stretch)
  }
  return sum
}

/** Σ |w[i]| of `count` int8, stride 1. */
export function magnitude(w: usize, count: usize): i64 {
  let sum: i64 = 0
  for (const end = w + count; w < end; w++) sum += abs(<i32>load<i8>(w))
  return sum
}
