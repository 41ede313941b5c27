/** Sums of bytes into int32. */

/** accumulators[i] = 0, int32: for a few, where memory.fill is a call. */
export function clear(accumulators: usize, count: usize): void {
  const end = accumulators + (count << 2)
  if (ASC_FEATURE_SIMD) for (; accumulators + 16 <= end; accumulators += 16) v128.store(accumulators, i32x4.splat(0))
  for (; accumulators < end; accumulators += 4) store<i32>(accumulators, 0)
}

/** accumulators[i] += x[i] for `count` int8. */
export function accumulate(x: usize, count: usize, accumulators: usize): void {
  const end = x + count
  if (ASC_FEATURE_SIMD) {
    for (; x + 8 <= end; x += 8, accumulators += 32) {
      const words = v128.load8x8_s(x)
      v128.store(accumulators, i32x4.add(v128.load(accumulators), i32x4.extend_low_i16x8_s(words)))
      v128.store(accumulators, i32x4.add(v128.load(accumulators, 16), i32x4.extend_high_i16x8_s(words)), 16)
    }
  }
  for (; x < end; x++, accumulators += 4) store<i32>(accumulators, load<i32>(accumulators) + <i32>load<i8>(x))
}

/** Σ x[i] of `count` int8. */
export function sumBytes(x: usize, count: usize): i32 {
  let sum = 0
  const end = x + count
  if (ASC_FEATURE_SIMD) {
    let sums = i32x4.splat(0)
    for (; x + 16 <= end; x += 16) sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load(x))))
    sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  }
  for (; x < end; x++) sum += <i32>load<i8>(x)
  return sum
}

/** Bytes whose magnitudes, at most 255 each, add up in 32 bits. */
const MAGNITUDE_CHUNK: usize = 1 << 20

/** Σ |x[i] − zero| of `count` int8. */
export function sumMagnitudes(x: usize, count: usize, zero: i32): i64 {
  let sum: i64 = 0
  const end = x + count
  if (ASC_FEATURE_SIMD) {
    const zeros = i16x8.splat(<i16>zero)
    while (x + 16 <= end) {
      const chunkEnd = x + min((end - x) & ~15, MAGNITUDE_CHUNK)
      let sums = i32x4.splat(0)
      for (; x < chunkEnd; x += 16) {
        const bytes = v128.load(x)
        const low = i16x8.abs(i16x8.sub(i16x8.extend_low_i8x16_s(bytes), zeros))
        const high = i16x8.abs(i16x8.sub(i16x8.extend_high_i8x16_s(bytes), zeros))
        sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)))
      }
      sum += <i64>i32x4.extract_lane(sums, 0) + <i64>i32x4.extract_lane(sums, 1)
      sum += <i64>i32x4.extract_lane(sums, 2) + <i64>i32x4.extract_lane(sums, 3)
    }
  }
  for (; x < end; x++) sum += <i64>abs(<i32>load<i8>(x) - zero)
  return sum
}
