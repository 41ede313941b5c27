/**
 * Depthwise convolution of 8 channels into int32.
 *
 * Activations: a zero-padded NHWC picture of int16 x − xZero, its channels rounded up to 8. Weights of 8 channels: [taps / 2][8][2] int16 of w − wZero:
 * taps go in pairs, an odd last tap is paired with a zero weight. `taps` holds the byte offset of each tap from the window's first pixel (u32, an even number).
 * `pixels` holds a pointer to the first pixel of each window (8 channels at `channelBytes` behind it).
 */

/** accumulators[count rounded up to 4][8] int32. `pixels` holds as many pointers. */
export function depthwisePanel(
  pixels: usize,
  count: i32,
  channelBytes: usize,
  taps: usize,
  tapPairs: i32,
  weights: usize,
  accumulators: usize,
): void {
  const end = pixels + ((<usize>count) << 2)
  if (ASC_FEATURE_SIMD) {
    for (; pixels < end; pixels += 16, accumulators += 128) {
      const x0 = <usize>load<u32>(pixels) + channelBytes
      const x1 = <usize>load<u32>(pixels, 4) + channelBytes
      const x2 = <usize>load<u32>(pixels, 8) + channelBytes
      const x3 = <usize>load<u32>(pixels, 12) + channelBytes
      fourWindows(x0, x1, x2, x3, taps, tapPairs, weights, accumulators)
    }
  } else {
    for (; pixels < end; pixels += 4, accumulators += 32)
      windowScalar(<usize>load<u32>(pixels) + channelBytes, taps, tapPairs, weights, accumulators)
  }
}

/**
 * Four windows at once share the loads of offsets and weights. Two taps are interleaved channel by channel, then multiplied and added in one instruction.
 * Eight accumulators and five temporaries fit V8's registers; unrolled over the taps they would not.
 */
function fourWindows(x0: usize, x1: usize, x2: usize, x3: usize, taps: usize, tapPairs: i32, weights: usize, accumulators: usize): void {
  let c00 = i32x4.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  const end = taps + ((<usize>tapPairs) << 3)
  do {
    const first = <usize>load<u32>(taps)
    const second = <usize>load<u32>(taps, 4)
    const w0 = v128.load(weights)
    const w1 = v128.load(weights, 16)
    let a = v128.load(x0 + first)
    let b = v128.load(x0 + second)
    c00 = i32x4.add(c00, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w0))
    c01 = i32x4.add(c01, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w1))
    a = v128.load(x1 + first)
    b = v128.load(x1 + second)
    c10 = i32x4.add(c10, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w0))
    c11 = i32x4.add(c11, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w1))
    a = v128.load(x2 + first)
    b = v128.load(x2 + second)
    c20 = i32x4.add(c20, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w0))
    c21 = i32x4.add(c21, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w1))
    a = v128.load(x3 + first)
    b = v128.load(x3 + second)
    c30 = i32x4.add(c30, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w0))
    c31 = i32x4.add(c31, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w1))
    taps += 8
    weights += 32
  } while (taps !== end)
  v128.store(accumulators, c00)
  v128.store(accumulators, c01, 16)
  v128.store(accumulators, c10, 32)
  v128.store(accumulators, c11, 48)
  v128.store(accumulators, c20, 64)
  v128.store(accumulators, c21, 80)
  v128.store(accumulators, c30, 96)
  v128.store(accumulators, c31, 112)
}

function windowScalar(x: usize, taps: usize, tapPairs: i32, weights: usize, accumulators: usize): void {
  for (let channel: usize = 0; channel < 8; channel++) {
    let sum = 0
    for (let pair: usize = 0; pair < <usize>tapPairs; pair++) {
      const tap = taps + (pair << 3)
      const w = weights + (pair << 5) + (channel << 2)
      const element = x + (channel << 1)
      sum +=
        <i32>load<i16>(element + load<u32>(tap)) * <i32>load<i16>(w) + <i32>load<i16>(element + load<u32>(tap, 4)) * <i32>load<i16>(w, 2)
    }
    store<i32>(accumulators + (channel << 2), sum)
  }
}
