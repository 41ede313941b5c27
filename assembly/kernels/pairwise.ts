/** Whole functions of two int32, element by element, in two's complement of 32 bits. The numbers are those of the artifact (docs/model-format.md). */
export const ADD: u32 = 0
export const SUBTRACT: u32 = 1
export const MULTIPLY: u32 = 2
export const AND: u32 = 3
export const OR: u32 = 4
export const XOR: u32 = 5
export const SHIFT_LEFT: u32 = 6
export const SHIFT_RIGHT: u32 = 7
export const QUOTIENT: u32 = 8
export const REMAINDER: u32 = 9
export const MODULO: u32 = 10
export const QUOTIENT_UNSIGNED: u32 = 11
export const REMAINDER_UNSIGNED: u32 = 12
/** From here on the results are 0 or 1. */
export const EQUAL: u32 = 13
export const LESS: u32 = 14
export const LESS_UNSIGNED: u32 = 15

/** Those up to here have a vector form. */
const LAST_VECTOR: u32 = XOR

/** out[i] = f(a[i], b[i]), all int32; `bits` is the width of the numbers that they stand for, 8, 16 or 32. Writes exactly `count` elements. */
export function pairInts(kind: u32, a: usize, b: usize, count: i32, bits: u32, out: usize): void {
  const end = a + ((<usize>count) << 2)
  if (ASC_FEATURE_SIMD) {
    if (kind <= LAST_VECTOR) for (; a + 16 <= end; a += 16, b += 16, out += 16) v128.store(out, vector(kind, v128.load(a), v128.load(b)))
  }
  for (; a < end; a += 4, b += 4, out += 4) store<i32>(out, scalar(kind, load<i32>(a), load<i32>(b), bits))
}

function vector(kind: u32, a: v128, b: v128): v128 {
  if (kind === ADD) return i32x4.add(a, b)
  if (kind === SUBTRACT) return i32x4.sub(a, b)
  if (kind === MULTIPLY) return i32x4.mul(a, b)
  if (kind === AND) return v128.and(a, b)
  return kind === OR ? v128.or(a, b) : v128.xor(a, b)
}

function scalar(kind: u32, a: i32, b: i32, bits: u32): i32 {
  switch (kind) {
    case ADD:
      return a + b
    case SUBTRACT:
      return a - b
    case MULTIPLY:
      return a * b
    case AND:
      return a & b
    case OR:
      return a | b
    case XOR:
      return a ^ b
    case SHIFT_LEFT:
      return <u32>b < bits ? a << b : 0
    case SHIFT_RIGHT:
      return <u32>b < bits ? <i32>((<u32>a & (<u32>-1 >>> (32 - bits))) >>> b) : 0
    case QUOTIENT:
      return quotient(a, b)
    case REMAINDER:
      return remainder(a, b)
    case MODULO: {
      const rest = remainder(a, b)
      return rest !== 0 && (rest ^ b) < 0 ? rest + b : rest
    }
    case QUOTIENT_UNSIGNED:
      return b === 0 ? 0 : <i32>(<u32>a / <u32>b)
    default:
      return b === 0 ? 0 : <i32>(<u32>a % <u32>b)
  }
}

/** Toward zero; 0 for a divisor of 0. The machine traps on −2^31 / −1, which is −2^31 here. */
function quotient(a: i32, b: i32): i32 {
  if (b === 0) return 0
  return b === -1 ? 0 - a : a / b
}

function remainder(a: i32, b: i32): i32 {
  return b === 0 || b === -1 ? 0 : a % b
}

/** out[i] = 1 where the comparison holds, else 0: bytes. Writes exactly `count` of them. */
export function compareInts(kind: u32, a: usize, b: usize, count: i32, out: usize): void {
  const end = out + <usize>count
  if (kind === EQUAL) for (; out < end; a += 4, b += 4, out++) store<u8>(out, load<i32>(a) === load<i32>(b) ? 1 : 0)
  else if (kind === LESS) for (; out < end; a += 4, b += 4, out++) store<u8>(out, load<i32>(a) < load<i32>(b) ? 1 : 0)
  else for (; out < end; a += 4, b += 4, out++) store<u8>(out, load<u32>(a) < load<u32>(b) ? 1 : 0)
}

/** int16 to int32. Writes exactly `count` elements; up to 14 bytes behind the words may be read. */
export function extendWords(words: usize, count: i32, out: usize): void {
  const end = out + ((<usize>count) << 2)
  if (ASC_FEATURE_SIMD) for (; out + 16 <= end; out += 16, words += 8) v128.store(out, v128.load16x4_s(words))
  for (; out < end; out += 4, words += 2) store<i32>(out, load<i16>(words))
}
