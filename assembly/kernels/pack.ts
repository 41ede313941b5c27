/** Weights to the order in which the kernels read them. Those of constants run once, at load. */

/**
 * A panel of gemm.ts: up to 8 columns, [runs][ceil(runElements / 2)][8][2] int16 of w − zero, zero beyond `columns` and the end of a run.
 * Weight k of a column is at weights + column · columnStride + k · depthStride.
 */
export function packGemmPanel(
  weights: usize,
  columns: usize,
  columnStride: usize,
  depthStride: usize,
  runs: usize,
  runElements: usize,
  zero: i32,
  panel: usize,
): void {
  const runBytes = ((runElements + 1) >> 1) << 5
  if (columns < 8 || runElements & 1) memory.fill(panel, 0, runs * runBytes)
  for (let column: usize = 0; column < columns; column++) {
    let w = weights + column * columnStride
    for (let run: usize = 0; run < runs; run++) {
      const start = panel + run * runBytes + (column << 2)
      for (let k: usize = 0; k < runElements; k++, w += depthStride)
        store<i16>(start + ((k >> 1) << 5) + ((k & 1) << 1), <i16>(<i32>load<i8>(w) - zero))
    }
  }
}

/** A panel of gemm.ts of one run: up to 8 columns of a matrix [depth][stride] of int8. Up to 7 bytes behind the matrix may be read. */
export function packMatrixPanel(matrix: usize, columns: usize, stride: usize, depth: usize, zero: i32, panel: usize): void {
  if (ASC_FEATURE_SIMD) {
    const zeros = i16x8.splat(<i16>zero)
    for (let k: usize = 0; k < depth; k += 2, matrix += stride << 1, panel += 32) {
      const upper = i16x8.sub(v128.load8x8_s(matrix), zeros)
      const lower = k + 1 < depth ? i16x8.sub(v128.load8x8_s(matrix + stride), zeros) : i16x8.splat(0)
      v128.store(panel, v128.shuffle<i16>(upper, lower, 0, 8, 1, 9, 2, 10, 3, 11))
      v128.store(panel, v128.shuffle<i16>(upper, lower, 4, 12, 5, 13, 6, 14, 7, 15), 16)
    }
  } else packGemmPanel(matrix, columns, 1, stride, 1, depth, zero, panel)
}

/** Weights of 0 in a panel of gemv.ts: the low byte of each int16 is 128 more than its weight. */
const NO_WEIGHTS: u64 = 0x0080_0080_0080_0080

/** A panel of gemv.ts: up to 16 columns of weights [columns][depth], as bytes. Beyond `columns` and an odd depth w is 0. */
export function packGemvPanel(weights: usize, columns: usize, depth: usize, panel: usize): void {
  const end = panel + (((depth + 1) >> 1) << 5)
  if (columns < 16 || depth & 1) for (let at = panel; at < end; at += 8) store<u64>(at, NO_WEIGHTS)
  for (let column: usize = 0; column < columns; column++) {
    const offset: i32 = (column & 4) === 0 ? 128 : 0
    const start = panel + ((column & 8) << 1) + ((column & 3) << 2) + ((column & 4) >> 2)
    for (let k: usize = 0; k < depth; k++, weights++)
      store<u8>(start + ((k >> 1) << 5) + ((k & 1) << 1), <u8>(<i32>load<i8>(weights) + offset))
  }
}

/** Eight channels of depthwise.ts: [ceil(taps / 2)][8][2] int16 of w − zero from weights [taps][channelStride], zero beyond `channels` and the last tap. */
export function packDepthwisePanel(weights: usize, channels: usize, channelStride: usize, taps: usize, zero: i32, panel: usize): void {
  for (let tap: usize = 0; tap < taps; tap += 2) {
    for (let channel: usize = 0; channel < 8; channel++, panel += 4) {
      const w = weights + tap * channelStride + channel
      store<i16>(panel, <i16>(channel < channels ? <i32>load<i8>(w) - zero : 0))
      store<i16>(panel, <i16>(channel < channels && tap + 1 < taps ? <i32>load<i8>(w + channelStride) - zero : 0), 2)
    }
  }
}
