// IEEE 754 binary32 arithmetic on the bits, in integers: docs/arithmetic.md, Float32 tensors. Results are rounded to nearest, ties to even; the one
// NaN that is given is 0x7fc00000.

const SIGN: u32 = 0x80000000
const INFINITY: u32 = 0x7f800000
export const NAN: u32 = 0x7fc00000
export const ONE: u32 = 0x3f800000

export function isNan(a: u32): bool {
  return (a & ~SIGN) > INFINITY
}

/** Significand of a finite number: its magnitude is significand · 2^exponentOf. */
export function significandOf(a: u32): u64 {
  const fraction = <u64>(a & 0x7fffff)
  return (a & INFINITY) === 0 ? fraction : fraction | (1 << 23)
}

export function exponentOf(a: u32): i32 {
  return max(<i32>((a >>> 23) & 255), 1) - 150
}

/** The number nearest to significand · 2^exponent, with a sign of 0 or 1; the significand is below 2^63. */
export function rounded(sign: u32, exponent: i32, significand: u64): u32 {
  if (significand === 0) return sign << 31
  const lead = <i32>clz(significand) - 1
  let bits = significand << lead
  // bits · 2^(field − 189), the highest bit being 62; the least field stands for subnormal numbers too.
  let field = exponent - lead + 189
  if (field > 254) return (sign << 31) | INFINITY
  if (field < 1) {
    bits = shiftedWithSticky(bits, 1 - field)
    field = 1
  }
  const rest = bits & 0x7fffffffff
  const half: u64 = 0x4000000000
  let kept = bits >> 39
  if (rest > half || (rest === half && (kept & 1) !== 0)) kept++
  return (sign << 31) | (((<u32>field - 1) << 23) + <u32>kept)
}

/** Shifted right, the last bit set where a bit was lost. */
export function shiftedWithSticky(bits: u64, count: i32): u64 {
  if (count > 62) return bits === 0 ? 0 : 1
  const kept = bits >> count
  return kept << count === bits ? kept : kept | 1
}

/** Whether an operand is infinite or NaN. */
function isSpecial(a: u32, b: u32): bool {
  return max(a & ~SIGN, b & ~SIGN) >= INFINITY
}

export function add(a: u32, b: u32): u32 {
  if (isSpecial(a, b)) {
    if (isNan(a) || isNan(b) || (a ^ b) === SIGN) return NAN
    return (a & ~SIGN) === INFINITY ? a : b
  }
  if (exponentOf(a) < exponentOf(b)) {
    const other = a
    a = b
    b = other
  }
  const large = <i64>(significandOf(a) << 38)
  const small = <i64>shiftedWithSticky(significandOf(b) << 38, exponentOf(a) - exponentOf(b))
  const sum = (a & SIGN ? -large : large) + (b & SIGN ? -small : small)
  // Zeros of one sign keep it; otherwise a sum of nothing is +0.
  if (sum === 0) return a & b & SIGN
  return rounded(<u32>(sum < 0), exponentOf(a) - 38, <u64>abs(sum))
}

export function negated(a: u32): u32 {
  return a ^ SIGN
}

export function sub(a: u32, b: u32): u32 {
  return add(a, b ^ SIGN)
}

export function mul(a: u32, b: u32): u32 {
  const sign = (a ^ b) & SIGN
  if (isSpecial(a, b)) {
    if (isNan(a) || isNan(b) || (a & ~SIGN) === 0 || (b & ~SIGN) === 0) return NAN
    return sign | INFINITY
  }
  return rounded(sign >>> 31, exponentOf(a) + exponentOf(b), significandOf(a) * significandOf(b))
}

export function div(a: u32, b: u32): u32 {
  const sign = (a ^ b) & SIGN
  const dividend = a & ~SIGN
  const divisor = b & ~SIGN
  if (isSpecial(a, b)) {
    if (isNan(a) || isNan(b) || dividend === divisor) return NAN
    return dividend === INFINITY ? sign | INFINITY : sign
  }
  if (divisor === 0) return dividend === 0 ? NAN : sign | INFINITY
  if (dividend === 0) return sign
  // Both with their highest bit in place 62 and 23: the quotient has 39 bits or more.
  const shiftA = <i32>clz(significandOf(a)) - 1
  const shiftB = <i32>clz(significandOf(b)) - 40
  const n = significandOf(a) << shiftA
  const d = significandOf(b) << shiftB
  const quotient = n / d
  const sticky: u64 = quotient * d === n ? 0 : 1
  return rounded(sign >>> 31, exponentOf(a) - shiftA - exponentOf(b) + shiftB, quotient | sticky)
}

export function squareRoot(a: u32): u32 {
  if ((a & ~SIGN) === 0) return a
  if (isNan(a) || (a & SIGN) !== 0) return NAN
  if (a === INFINITY) return a
  let shift = <i32>clz(significandOf(a)) - 2
  // The power of two under the root is even.
  if (((exponentOf(a) - shift) & 1) !== 0) shift--
  const radicand = significandOf(a) << shift
  let root: u64 = 0
  for (let bit: u64 = 1 << 30; bit !== 0; bit >>= 1) {
    const tried = root | bit
    if (tried * tried <= radicand) root = tried
  }
  const sticky: u64 = root * root === radicand ? 0 : 1
  return rounded(0, ((exponentOf(a) - shift) >> 1) - 1, (root << 1) | sticky)
}

/** An integer whose order is that of the numbers: −0 is 0, and NaN the greatest. */
export function order(a: u32): i32 {
  if (isNan(a)) return i32.MAX_VALUE
  return a === SIGN ? 0 : <i32>(a & SIGN ? a ^ ~SIGN : a)
}

/** The number nearest to value · 2^−bits. */
export function fromInteger(value: i32, bits: i32): u32 {
  return value < 0 ? rounded(1, -bits, <u64>-(<i64>value)) : rounded(0, -bits, <u64>value)
}

/** The integer nearest to a · 2^bits, ties to even, within int32; the least for NaN. */
export function toInteger(a: u32, bits: i32): i32 {
  if (isNan(a)) return i32.MIN_VALUE
  const magnitude = nearestInteger(significandOf(a), exponentOf(a) + bits)
  return <i32>((a & SIGN) !== 0 ? -min(magnitude, (<i64>1) << 31) : min(magnitude, <i64>i32.MAX_VALUE))
}

/** significand · 2^exponent rounded; past 2^31 any number that is. */
function nearestInteger(significand: u64, exponent: i32): i64 {
  if (exponent >= 0) return <i64>(significand << min(exponent, 8))
  if (exponent < -40) return 0
  const kept = <i64>(significand >> -exponent)
  const half = (<i64>1) << (-exponent - 1)
  const rest = <i64>significand - (kept << -exponent)
  return rest > half || (rest === half && (kept & 1) !== 0) ? kept + 1 : kept
}

const LN2: i64 = 24973259072661437
const LOG2E: i64 = 1549082005
const ONE55: i64 = 1 << 55

/** a · b · 2^−55, the lowest parts' product left out; |a| < 2^54, 0 < b < 2^56. */
function mul55(a: i64, b: i64): i64 {
  const highA = a >> 28
  const highB = b >> 28
  const lowA = a & 0xfffffff
  const lowB = b & 0xfffffff
  return ((highA * highB) << 1) + ((highA * lowB + lowA * highB) >> 27)
}

/** e^a: Taylor's series to the 13th power around the nearest multiple of ln 2, in 55 bits behind the point. */
export function exponential(a: u32): u32 {
  if (isNan(a)) return NAN
  const magnitude = a & ~SIGN
  const isNegative = (a & SIGN) !== 0
  // e^104 and e^−104 are past the range.
  if (magnitude >= 0x42d00000) return isNegative ? 0 : INFINITY
  const shift = exponentOf(a) + 55
  const x = <i64>(shift >= 0 ? significandOf(a) << shift : shift > -24 ? significandOf(a) >> -shift : 0)
  const signed = isNegative ? -x : x
  const n = ((signed >> 35) * LOG2E + ((<i64>1) << 49)) >> 50
  const r = signed - n * LN2
  let sum = ONE55
  for (let k: i64 = 13; k > 0; k--) sum = ONE55 + mul55(r, sum) / k
  return rounded(0, <i32>n - 55, <u64>sum)
}

/** 1 / (1 + e^−a), as 1 − 1 / (1 + e^a) for a < 0. */
export function logistic(a: u32): u32 {
  if (isNan(a)) return NAN
  const p = div(ONE, add(ONE, exponential(a | SIGN)))
  return (a & SIGN) !== 0 && a !== SIGN ? sub(ONE, p) : p
}
