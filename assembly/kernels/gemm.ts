/**
 * Matrix multiplication of packed int16 operands into int32, without im2col.
 *
 * Weights: a panel is 8 columns, [runs][pairs][8][2] int16 of w − wZero, zero padded (pack.ts).
 * Activations: int16 of x − xZero. A row of the matrix is `runs` stretches of `pairs` · 2 elements: for a convolution the kernel's rows in a
 * padded NHWC picture, for a fully connected layer one run. A stretch of odd length reads one element past its end and multiplies it by zero.
 * `rows` holds a pointer to the first stretch of each row; `gaps` holds, for each run, the bytes from its end to the start of the next (u32; the last is not used).
 */

/** Rows and columns of the register tile. */
export const tileRows: i32 = 4
export const tileColumns: i32 = 8

/** Bytes of a row of accumulators: 8 × int32. */
const accumulatorRow: i32 = 32

/**
 * One panel over `count` rows: accumulators[count rounded up to 4][8] int32 are written. `rows` holds as many pointers: a caller
 * rounds up with pointers that may be read.
 */
export function gemmPanel(rows: usize, count: i32, runs: i32, gaps: usize, pairs: i32, panel: usize, accumulators: usize): void {
  if (ASC_FEATURE_SIMD) gemmPanelSimd(rows, count, runs, gaps, pairs, panel, accumulators)
  else gemmPanelScalar(rows, count, runs, gaps, pairs, panel, accumulators)
}

function gemmPanelSimd(rows: usize, count: i32, runs: i32, gaps: usize, pairs: i32, panel: usize, accumulators: usize): void {
  const end = rows + ((<usize>count) << 2)
  for (; rows < end; rows += 16, accumulators += 4 * accumulatorRow) {
    gemmTileSimd(load<u32>(rows), load<u32>(rows, 4), load<u32>(rows, 8), load<u32>(rows, 12), runs, gaps, pairs, panel, accumulators)
  }
}

/**
 * The tile of 4 rows × 8 columns: 8 accumulators and 4 temporaries fit V8's 15 vector registers.
 * Not unrolled over the depth, and every splat at offset 0: both were measured to cost a third of the speed.
 */
function gemmTileSimd(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  runs: i32,
  gaps: usize,
  pairs: i32,
  panel: usize,
  accumulators: usize,
): void {
  let c00 = i32x4.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  const runPairs = (<usize>pairs) << 2
  const last = gaps + ((<usize>runs) << 2)
  do {
    const end = x0 + runPairs
    do {
      const w0 = v128.load(panel)
      const w1 = v128.load(panel, 16)
      let x = v128.load32_splat(x0)
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x, w0))
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x, w1))
      x = v128.load32_splat(x1)
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x, w0))
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x, w1))
      x = v128.load32_splat(x2)
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(x, w0))
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(x, w1))
      x = v128.load32_splat(x3)
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(x, w0))
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(x, w1))
      panel += 32
      x0 += 4
      x1 += 4
      x2 += 4
      x3 += 4
    } while (x0 !== end)
    const gap = <usize>load<u32>(gaps)
    x0 += gap
    x1 += gap
    x2 += gap
    x3 += gap
    gaps += 4
  } while (gaps !== last)
  v128.store(accumulators, c00)
  v128.store(accumulators, c01, 16)
  v128.store(accumulators, c10, 32)
  v128.store(accumulators, c11, 48)
  v128.store(accumulators, c20, 64)
  v128.store(accumulators, c21, 80)
  v128.store(accumulators, c30, 96)
  v128.store(accumulators, c31, 112)
}

function gemmPanelScalar(rows: usize, count: i32, runs: i32, gaps: usize, pairs: i32, panel: usize, accumulators: usize): void {
  for (let row = 0; row < count; row++, rows += 4, accumulators += accumulatorRow) {
    for (let column: usize = 0; column < 8; column++) {
      let sum = 0
      let x = <usize>load<u32>(rows)
      let w = panel + (column << 2)
      for (let run: usize = 0; run < <usize>runs; run++) {
        for (let pair = 0; pair < pairs; pair++, x += 4, w += 32)
          sum += <i32>load<i16>(x) * <i32>load<i16>(w) + <i32>load<i16>(x, 2) * <i32>load<i16>(w, 2)
        x += <usize>load<u32>(gaps + (run << 2))
      }
      store<i32>(accumulators + (column << 2), sum)
    }
  }
}
