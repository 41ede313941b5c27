/** Matrices with rows and columns exchanged. Tiles of 8 × 8 keep what is read and what is written in the first-level cache. */

const TILE: usize = 8

/**
 * to[column · toStride + row] = from[row · fromStride + column] for elements of 1, 2 or 4 bytes; strides in bytes, elements of a row (of a
 * column in the result) side by side. Writes exactly rows · columns elements.
 */
export function transposeMatrix(
  from: usize,
  rows: usize,
  columns: usize,
  fromStride: usize,
  elementBytes: usize,
  to: usize,
  toStride: usize,
): void {
  for (let column: usize = 0; column < columns; column += TILE) {
    const wide = min(columns - column, TILE)
    for (let row: usize = 0; row < rows; row += TILE) {
      const high = min(rows - row, TILE)
      const source = from + row * fromStride + column * elementBytes
      const target = to + column * toStride + row * elementBytes
      if (ASC_FEATURE_SIMD) {
        if (elementBytes === 1 && wide === TILE && high === TILE) {
          transposeBytes8x8(source, fromStride, target, toStride)
          continue
        }
      }
      if (elementBytes === 1) transposeBytes(source, high, wide, fromStride, target, toStride)
      else if (elementBytes === 2) transposeHalves(source, high, wide, fromStride, target, toStride)
      else transposeWords(source, high, wide, fromStride, target, toStride)
    }
  }
}

function transposeBytes8x8(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const from4 = from + (fromStride << 2)
  const stride3 = fromStride * 3
  const r01 = interleaveBytes(from, from + fromStride)
  const r23 = interleaveBytes(from + (fromStride << 1), from + stride3)
  const r45 = interleaveBytes(from4, from4 + fromStride)
  const r67 = interleaveBytes(from4 + (fromStride << 1), from4 + stride3)
  // Rows 0 to 3, and 4 to 7, of the columns 0 to 3 and 4 to 7.
  const upperLow = v128.shuffle<i16>(r01, r23, 0, 8, 1, 9, 2, 10, 3, 11)
  const upperHigh = v128.shuffle<i16>(r01, r23, 4, 12, 5, 13, 6, 14, 7, 15)
  const lowerLow = v128.shuffle<i16>(r45, r67, 0, 8, 1, 9, 2, 10, 3, 11)
  const lowerHigh = v128.shuffle<i16>(r45, r67, 4, 12, 5, 13, 6, 14, 7, 15)
  storeColumnPair(v128.shuffle<i32>(upperLow, lowerLow, 0, 4, 1, 5), to, toStride)
  to += toStride << 1
  storeColumnPair(v128.shuffle<i32>(upperLow, lowerLow, 2, 6, 3, 7), to, toStride)
  to += toStride << 1
  storeColumnPair(v128.shuffle<i32>(upperHigh, lowerHigh, 0, 4, 1, 5), to, toStride)
  to += toStride << 1
  storeColumnPair(v128.shuffle<i32>(upperHigh, lowerHigh, 2, 6, 3, 7), to, toStride)
}

function interleaveBytes(a: usize, b: usize): v128 {
  return v128.shuffle<i8>(v128.load64_zero(a), v128.load64_zero(b), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

function storeColumnPair(pair: v128, to: usize, toStride: usize): void {
  v128.store64_lane(to, pair, 0)
  v128.store64_lane(to + toStride, pair, 1)
}

function transposeBytes(from: usize, rows: usize, columns: usize, fromStride: usize, to: usize, toStride: usize): void {
  for (let column: usize = 0; column < columns; column++, from++, to += toStride) {
    let source = from
    for (let row: usize = 0; row < rows; row++, source += fromStride) store<u8>(to + row, load<u8>(source))
  }
}

function transposeHalves(from: usize, rows: usize, columns: usize, fromStride: usize, to: usize, toStride: usize): void {
  for (let column: usize = 0; column < columns; column++, from += 2, to += toStride) {
    let source = from
    for (let row: usize = 0; row < rows; row++, source += fromStride) store<u16>(to + (row << 1), load<u16>(source))
  }
}

function transposeWords(from: usize, rows: usize, columns: usize, fromStride: usize, to: usize, toStride: usize): void {
  for (let column: usize = 0; column < columns; column++, from += 4, to += toStride) {
    let source = from
    for (let row: usize = 0; row < rows; row++, source += fromStride) store<u32>(to + (row << 2), load<u32>(source))
  }
}
