/**
 * The transforms of Winograd's minimal filtering F(2×2, 3×3) in integers (Lavin and Gray 2015, section 4.1): the four results of a tile from 16
 * products where the sum itself takes 36.
 *
 *   U = (2G) w (2G)ᵀ of each weight's 3×3 taps, V = Bᵀ x B of each tile of 4×4 pixels; Aᵀ [U ⊙ V, summed over the channels] A is four times the result.
 *
 * G is doubled, so that everything is an integer. int16 holds |U| ≤ 9 · 255 and |V| ≤ 4 · 255. The sums are exact modulo 2³², and so is
 * their last division by four wherever four times the result fits int32.
 */

/** Products of a tile: the planes of U, V and their sums. */
export const PLANES: usize = 16

/**
 * Eight input channels of up to 8 output channels: taps [3][3] of int8 − zero, `tapStride` bytes from one to the next and `columnStride` from one output
 * channel to the next, to 16 planes of a gemm panel, `planeBytes` apart. Weights beyond `channels` of the 8 are zero. Up to 7 bytes behind the last tap may be read.
 */
export function winogradWeights(
  weights: usize,
  channels: usize,
  tapStride: usize,
  columns: usize,
  columnStride: usize,
  zero: i32,
  panel: usize,
  planeBytes: usize,
): void {
  for (let column: usize = 0; column < columns; column++, weights += columnStride, panel += 4) {
    for (let channel: usize = 0; channel < channels; channel++) {
      const out = panel + ((channel >> 1) << 5) + ((channel & 1) << 1)
      // Columns of w first: rows of (2G) w, then of its product with (2G)ᵀ.
      for (let row: usize = 0; row < 4; row++) {
        const t0 = doubledRow(weights + channel, row, 3 * tapStride, zero)
        const t1 = doubledRow(weights + channel + tapStride, row, 3 * tapStride, zero)
        const t2 = doubledRow(weights + channel + 2 * tapStride, row, 3 * tapStride, zero)
        const plane = out + (row << 2) * planeBytes
        store<i16>(plane, <i16>(t0 << 1))
        store<i16>(plane + planeBytes, <i16>(t0 + t1 + t2))
        store<i16>(plane + 2 * planeBytes, <i16>(t0 - t1 + t2))
        store<i16>(plane + 3 * planeBytes, <i16>(t2 << 1))
      }
    }
  }
}

/** Row `row` of 2G = [2 0 0; 1 1 1; 1 −1 1; 0 0 2] times one column of taps. */
function doubledRow(tap: usize, row: usize, stride: usize, zero: i32): i32 {
  const w0 = <i32>load<i8>(tap) - zero
  const w1 = <i32>load<i8>(tap + stride) - zero
  const w2 = <i32>load<i8>(tap + 2 * stride) - zero
  if (row === 0) return w0 << 1
  if (row === 1) return w0 + w1 + w2
  return row === 2 ? w0 - w1 + w2 : w2 << 1
}

/**
 * V of one tile: 4×4 pixels of `channels` int16 at x, their rows rowBytes and their columns columnBytes apart, to 16 planes `planeBytes` apart.
 * `channels` is a multiple of 8; what is read behind a pixel's own channels meets weights of zero.
 */
export function winogradTile(x: usize, rowBytes: usize, columnBytes: usize, channels: usize, out: usize, planeBytes: usize): void {
  const x1 = x + rowBytes
  const x2 = x1 + rowBytes
  const x3 = x2 + rowBytes
  if (ASC_FEATURE_SIMD) {
    subtractRows(x, x2, columnBytes, channels, out, planeBytes)
    addRows(x1, x2, columnBytes, channels, out + (planeBytes << 2), planeBytes)
    subtractRows(x2, x1, columnBytes, channels, out + (planeBytes << 3), planeBytes)
    subtractRows(x1, x3, columnBytes, channels, out + 12 * planeBytes, planeBytes)
  } else {
    tileRowScalar(x, x2, -1, columnBytes, channels, out, planeBytes)
    tileRowScalar(x1, x2, 1, columnBytes, channels, out + (planeBytes << 2), planeBytes)
    tileRowScalar(x2, x1, -1, columnBytes, channels, out + (planeBytes << 3), planeBytes)
    tileRowScalar(x1, x3, -1, columnBytes, channels, out + 12 * planeBytes, planeBytes)
  }
}

/** A row of V from the difference of two rows of pixels, a − b. */
function subtractRows(a: usize, b: usize, columnBytes: usize, channels: usize, out: usize, planeBytes: usize): void {
  const end = a + (channels << 1)
  const a2 = columnBytes << 1
  const a3 = a2 + columnBytes
  for (; a < end; a += 16, b += 16, out += 16) {
    const t1 = i16x8.sub(v128.load(a + columnBytes), v128.load(b + columnBytes))
    const t2 = i16x8.sub(v128.load(a + a2), v128.load(b + a2))
    v128.store(out, i16x8.sub(i16x8.sub(v128.load(a), v128.load(b)), t2))
    v128.store(out + planeBytes, i16x8.add(t1, t2))
    v128.store(out + (planeBytes << 1), i16x8.sub(t2, t1))
    v128.store(out + 3 * planeBytes, i16x8.sub(t1, i16x8.sub(v128.load(a + a3), v128.load(b + a3))))
  }
}

/** A row of V from the sum of two rows of pixels. */
function addRows(a: usize, b: usize, columnBytes: usize, channels: usize, out: usize, planeBytes: usize): void {
  const end = a + (channels << 1)
  const a2 = columnBytes << 1
  const a3 = a2 + columnBytes
  for (; a < end; a += 16, b += 16, out += 16) {
    const t1 = i16x8.add(v128.load(a + columnBytes), v128.load(b + columnBytes))
    const t2 = i16x8.add(v128.load(a + a2), v128.load(b + a2))
    v128.store(out, i16x8.sub(i16x8.add(v128.load(a), v128.load(b)), t2))
    v128.store(out + planeBytes, i16x8.add(t1, t2))
    v128.store(out + (planeBytes << 1), i16x8.sub(t2, t1))
    v128.store(out + 3 * planeBytes, i16x8.sub(t1, i16x8.add(v128.load(a + a3), v128.load(b + a3))))
  }
}

/** A row of V from a + sign · b. */
function tileRowScalar(a: usize, b: usize, sign: i32, columnBytes: usize, channels: usize, out: usize, planeBytes: usize): void {
  for (const end = a + (channels << 1); a < end; a += 2, b += 2, out += 2) {
    const t0 = <i32>load<i16>(a) + sign * <i32>load<i16>(b)
    const t1 = <i32>load<i16>(a + columnBytes) + sign * <i32>load<i16>(b + columnBytes)
    const t2 = <i32>load<i16>(a + 2 * columnBytes) + sign * <i32>load<i16>(b + 2 * columnBytes)
    const t3 = <i32>load<i16>(a + 3 * columnBytes) + sign * <i32>load<i16>(b + 3 * columnBytes)
    store<i16>(out, <i16>(t0 - t2))
    store<i16>(out + planeBytes, <i16>(t1 + t2))
    store<i16>(out + 2 * planeBytes, <i16>(t2 - t1))
    store<i16>(out + 3 * planeBytes, <i16>(t1 - t3))
  }
}

/**
 * The four results of `count` neighbouring tiles from their sums, planes [count][8] int32 `planeBytes` apart: accumulators [2][…][2 · count][8],
 * their second row rowBytes behind the first.
 */
export function winogradResults(sums: usize, planeBytes: usize, count: usize, accumulators: usize, rowBytes: usize): void {
  for (const end = sums + (count << 5); sums < end; sums += 32, accumulators += 64) {
    if (ASC_FEATURE_SIMD) {
      resultsSimd(sums, planeBytes, accumulators, rowBytes)
      resultsSimd(sums + 16, planeBytes, accumulators + 16, rowBytes)
    } else for (let lane: usize = 0; lane < 32; lane += 4) resultsScalar(sums + lane, planeBytes, accumulators + lane, rowBytes)
  }
}

function resultsSimd(sums: usize, planeBytes: usize, out: usize, rowBytes: usize): void {
  // Aᵀ = [1 1 1 0; 0 1 −1 −1]: down each column of planes, then along the rows.
  let upper1 = columnUpper(sums + planeBytes, planeBytes)
  let lower1 = columnLower(sums + planeBytes, planeBytes)
  let upper2 = columnUpper(sums + 2 * planeBytes, planeBytes)
  let lower2 = columnLower(sums + 2 * planeBytes, planeBytes)
  const upper0 = columnUpper(sums, planeBytes)
  const lower0 = columnLower(sums, planeBytes)
  v128.store(out, i32x4.shr_s(i32x4.add(i32x4.add(upper0, upper1), upper2), 2))
  v128.store(out + rowBytes, i32x4.shr_s(i32x4.add(i32x4.add(lower0, lower1), lower2), 2))
  upper1 = i32x4.sub(upper1, upper2)
  lower1 = i32x4.sub(lower1, lower2)
  upper2 = columnUpper(sums + 3 * planeBytes, planeBytes)
  lower2 = columnLower(sums + 3 * planeBytes, planeBytes)
  v128.store(out, i32x4.shr_s(i32x4.sub(upper1, upper2), 2), 32)
  v128.store(out + rowBytes, i32x4.shr_s(i32x4.sub(lower1, lower2), 2), 32)
}

function columnUpper(sums: usize, planeBytes: usize): v128 {
  return i32x4.add(i32x4.add(v128.load(sums), v128.load(sums + (planeBytes << 2))), v128.load(sums + (planeBytes << 3)))
}

function columnLower(sums: usize, planeBytes: usize): v128 {
  return i32x4.sub(i32x4.sub(v128.load(sums + (planeBytes << 2)), v128.load(sums + (planeBytes << 3))), v128.load(sums + 12 * planeBytes))
}

function resultsScalar(sums: usize, planeBytes: usize, out: usize, rowBytes: usize): void {
  let y00 = 0
  let y01 = 0
  let y10 = 0
  let y11 = 0
  for (let column: usize = 0; column < 4; column++, sums += planeBytes) {
    const s1 = load<i32>(sums + (planeBytes << 2))
    const s2 = load<i32>(sums + (planeBytes << 3))
    const upper = load<i32>(sums) + s1 + s2
    const lower = s1 - s2 - load<i32>(sums + 12 * planeBytes)
    if (column < 3) {
      y00 += upper
      y10 += lower
    }
    if (column === 1) {
      y01 += upper
      y11 += lower
    } else if (column > 1) {
      y01 -= upper
      y11 -= lower
    }
  }
  store<i32>(out, y00 >> 2)
  store<i32>(out, y01 >> 2, 32)
  store<i32>(out + rowBytes, y10 >> 2)
  store<i32>(out + rowBytes, y11 >> 2, 32)
}
