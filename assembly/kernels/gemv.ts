/**
 * Vector times matrix into int32: a fully connected layer of one row. Bound by memory, therefore the weights stay bytes.
 *
 * A panel is 16 columns, [pairs][2 halves][4][2] int16. A half is 8 columns: each int16 holds column c (0 to 3) of the half as an unsigned low byte
 * w + 128 and column c + 4 as a signed high byte. With v the int16 and a the activation, modulo 2^32:
 *   high = Σ (v >> 8)·a      low = Σ v·a − 256·high − 128·Σa
 * and the weights' zero point takes off wZero·Σa. Activations: int16 of x − xZero, an odd depth is followed by a zero.
 */

export const gemvColumns: i32 = 16

/** accumulators[16] int32; `sum` is Σa, over all pairs as they are read. */
export function gemvPanel(x: usize, pairs: i32, panel: usize, sum: i32, weightsZero: i32, accumulators: usize): void {
  if (ASC_FEATURE_SIMD) gemvPanelSimd(x, pairs, panel, sum, weightsZero, accumulators)
  else gemvPanelScalar(x, pairs, panel, sum, weightsZero, accumulators)
}

function gemvPanelSimd(x: usize, pairs: i32, panel: usize, sum: i32, weightsZero: i32, accumulators: usize): void {
  let full0 = i32x4.splat(0)
  let full1 = full0
  let high0 = full0
  let high1 = full0
  const end = x + ((<usize>pairs) << 2)
  do {
    const a = v128.load32_splat(x)
    const v0 = v128.load(panel)
    const v1 = v128.load(panel, 16)
    full0 = i32x4.add(full0, i32x4.dot_i16x8_s(v0, a))
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(i16x8.shr_s(v0, 8), a))
    full1 = i32x4.add(full1, i32x4.dot_i16x8_s(v1, a))
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(i16x8.shr_s(v1, 8), a))
    x += 4
    panel += 32
  } while (x !== end)
  const low = i32x4.splat(sum * (weightsZero + 128))
  const high = i32x4.splat(sum * weightsZero)
  v128.store(accumulators, i32x4.sub(i32x4.sub(full0, i32x4.shl(high0, 8)), low))
  v128.store(accumulators, i32x4.sub(high0, high), 16)
  v128.store(accumulators, i32x4.sub(i32x4.sub(full1, i32x4.shl(high1, 8)), low), 32)
  v128.store(accumulators, i32x4.sub(high1, high), 48)
}

function gemvPanelScalar(x: usize, pairs: i32, panel: usize, sum: i32, weightsZero: i32, accumulators: usize): void {
  for (let column: usize = 0; column < 16; column++) {
    const place = panel + ((column & 8) << 1) + ((column & 3) << 2) + ((column & 4) >> 2)
    const isLow = (column & 4) === 0
    let total = -sum * weightsZero
    for (let pair: usize = 0; pair < <usize>pairs; pair++) {
      const a = x + (pair << 2)
      const w = place + (pair << 5)
      const w0 = isLow ? <i32>load<u8>(w) - 128 : <i32>load<i8>(w)
      const w1 = isLow ? <i32>load<u8>(w, 2) - 128 : <i32>load<i8>(w, 2)
      total += w0 * <i32>load<i16>(a) + w1 * <i32>load<i16>(a, 2)
    }
    store<i32>(accumulators + (column << 2), total)
  }
}

/** Σ over 2 · pairs int16. */
export function sumPairs(x: usize, pairs: i32): i32 {
  let sum = 0
  const end = x + ((<usize>pairs) << 2)
  if (ASC_FEATURE_SIMD) {
    let sums = i32x4.splat(0)
    for (; x + 16 <= end; x += 16) sums = i32x4.add(sums, i32x4.dot_i16x8_s(v128.load(x), i16x8.splat(1)))
    sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  }
  for (; x < end; x += 2) sum += <i32>load<i16>(x)
  return sum
}
