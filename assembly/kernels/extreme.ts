/** Largest elements; with `flip` −1 the smallest: the complement turns the order round. */

/** out[i] = the larger of out[i] and x[i]. */
export function extremeStrip<T>(x: usize, count: usize, flip: i32, out: usize): void {
  const end = x + count * sizeof<T>()
  if (ASC_FEATURE_SIMD) {
    if (sizeof<T>() === 1 && isSigned<T>()) {
      const flips = i8x16.splat(<i8>flip)
      for (; x + 16 <= end; x += 16, out += 16) {
        const larger = i8x16.max_s(v128.xor(v128.load(x), flips), v128.xor(v128.load(out), flips))
        v128.store(out, v128.xor(larger, flips))
      }
    }
  }
  for (; x < end; x += sizeof<T>(), out += sizeof<T>()) store<T>(out, <T>(max(<i32>load<T>(x) ^ flip, <i32>load<T>(out) ^ flip) ^ flip))
}

/** out[0] = the largest of out[0] and all x. */
export function extremeRun<T>(x: usize, count: usize, flip: i32, out: usize): void {
  const end = x + count * sizeof<T>()
  let best = <i32>load<T>(out) ^ flip
  if (ASC_FEATURE_SIMD) {
    if (sizeof<T>() === 1 && isSigned<T>() && count >= 16) {
      const flips = i8x16.splat(<i8>flip)
      let largest = i8x16.splat(-128)
      for (; x + 16 <= end; x += 16) largest = i8x16.max_s(largest, v128.xor(v128.load(x), flips))
      largest = i8x16.max_s(largest, v128.shuffle<i64>(largest, largest, 1, 0))
      largest = i8x16.max_s(largest, v128.shuffle<i32>(largest, largest, 1, 0, 3, 2))
      largest = i8x16.max_s(largest, v128.shuffle<i16>(largest, largest, 1, 0, 3, 2, 5, 4, 7, 6))
      largest = i8x16.max_s(largest, i16x8.shr_s(largest, 8))
      best = max(best, <i32>i8x16.extract_lane_s(largest, 0))
    }
  }
  for (; x < end; x += sizeof<T>()) best = max(best, <i32>load<T>(x) ^ flip)
  store<T>(out, <T>(best ^ flip))
}
