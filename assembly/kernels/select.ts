/** out[i] = condition[i] ? a[i] : b[i], all int16. Up to 7 elements more may be read and written. */
export function selectWords(condition: usize, a: usize, b: usize, count: i32, out: usize): void {
  const end = out + ((<usize>count) << 1)
  if (ASC_FEATURE_SIMD) {
    for (; out < end; out += 16, condition += 16, a += 16, b += 16) {
      const isFalse = i16x8.eq(v128.load(condition), i16x8.splat(0))
      v128.store(out, v128.bitselect(v128.load(b), v128.load(a), isFalse))
    }
  } else {
    for (; out < end; out += 2, condition += 2, a += 2, b += 2) store<i16>(out, load<i16>(condition) !== 0 ? load<i16>(a) : load<i16>(b))
  }
}

/** As selectWords of a condition of int16, a and b of int32; writes exactly `count` elements. */
export function selectInts(condition: usize, a: usize, b: usize, count: i32, out: usize): void {
  const end = out + ((<usize>count) << 2)
  if (ASC_FEATURE_SIMD) {
    for (; out + 16 <= end; out += 16, condition += 8, a += 16, b += 16) {
      const isFalse = i32x4.eq(v128.load16x4_s(condition), i32x4.splat(0))
      v128.store(out, v128.bitselect(v128.load(b), v128.load(a), isFalse))
    }
  }
  for (; out < end; out += 4, condition += 2, a += 4, b += 4) store<i32>(out, load<i16>(condition) !== 0 ? load<i32>(a) : load<i32>(b))
}
