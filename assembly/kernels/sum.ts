/** Sums of bytes into int32. */

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
