/** Constant weights from the artifact's bytes to the order in which the kernels read them. All run once, at load. */

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
  for (let run: usize = 0; run < runs; run++, weights += runElements * depthStride) {
    for (let k: usize = 0; k < runElements; k += 2) {
      for (let column: usize = 0; column < 8; column++, panel += 4) {
        const w = weights + column * columnStride + k * depthStride
        store<i16>(panel, <i16>(column < columns ? <i32>load<i8>(w) - zero : 0))
        store<i16>(panel, <i16>(column < columns && k + 1 < runElements ? <i32>load<i8>(w + depthStride) - zero : 0), 2)
      }
    }
  }
}

/** A panel of gemv.ts: up to 16 columns of weights [columns][depth], as bytes. Beyond `columns` and an odd depth w is 0. */
export function packGemvPanel(weights: usize, columns: usize, depth: usize, panel: usize): void {
  for (let k: usize = 0; k < depth; k += 2, panel += 32) {
    for (let column: usize = 0; column < 16; column++) {
      const isLow = (column & 4) === 0
      const place = panel + ((column & 8) << 1) + ((column & 3) << 2) + ((column & 4) >> 2)
      for (let j: usize = 0; j < 2; j++) {
        const value = column < columns && k + j < depth ? <i32>load<i8>(weights + column * depth + k + j) : 0
        store<u8>(place + (j << 1), <u8>(isLow ? value + 128 : value))
      }
    }
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
