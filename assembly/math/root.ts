/** Square roots of 64-bit integers: docs/arithmetic.md, "Inverse square root". */

/** The largest integer whose square is at most `value`, digit by digit. */
export function squareRoot(value: u64): u64 {
  let root: u64 = 0
  let rest = value
  for (let bit: u64 = (<u64>1) << 62; bit !== 0; bit >>= 2) {
    const trial = root + bit
    root >>= 1
    if (rest >= trial) {
      rest -= trial
      root += bit
    }
  }
  return root
}

/** Places, an even number, that `value` > 0 moves left by until it is 2^62 or more. */
export function evenShift(value: u64): i32 {
  return <i32>clz(value) & ~1
}

/** 2^62 / √(value · 2^evenShift(value)) of value > 0, 31 bits. */
export function inverseRoot(value: u64): i32 {
  const root = squareRoot(value << evenShift(value))
  return <i32>min(((<u64>1) << 62) / root, <u64>i32.MAX_VALUE)
}
