/** The lesser or the greater of two operands, element by element. */
export const LESSER: u32 = 0
export const GREATER: u32 = 1

/** out[i] = the lesser or greater of a[i] and b[i], all int16. Up to 7 elements more may be read and written. */
export function extremeWords(kind: u32, a: usize, b: usize, count: i32, out: usize): void {
  const end = a + ((<usize>count) << 1)
  if (ASC_FEATURE_SIMD) {
    for (; a < end; a += 16, b += 16, out += 16) {
      const left = v128.load(a)
      const right = v128.load(b)
      v128.store(out, kind === LESSER ? i16x8.min_s(left, right) : i16x8.max_s(left, right))
    }
  } else {
    for (; a < end; a += 2, b += 2, out += 2) {
      const left = <i32>load<i16>(a)
      const right = <i32>load<i16>(b)
      store<i16>(out, <i16>(kind === LESSER ? min(left, right) : max(left, right)))
    }
  }
}

/** As extremeWords, of int32; writes exactly `count` elements. */
export function extremeInts(kind: u32, a: usize, b: usize, count: i32, out: usize): void {
  const end = a + ((<usize>count) << 2)
  for (; a < end; a += 4, b += 4, out += 4) {
    const left = load<i32>(a)
    const right = load<i32>(b)
    store<i32>(out, kind === LESSER ? min(left, right) : max(left, right))
  }
}

/** out[i] = the low byte of words[i]: of int16 within int8. Writes exactly `count` bytes; up to 15 words more may be read. */
export function narrowWords(words: usize, count: i32, out: usize): void {
  const end = out + <usize>count
  if (ASC_FEATURE_SIMD) {
    for (; out + 16 <= end; out += 16, words += 32) v128.store(out, i8x16.narrow_i16x8_s(v128.load(words), v128.load(words, 16)))
  }
  for (; out < end; out++, words += 2) store<u8>(out, load<u8>(words))
}
