/**
 * Requantization in rounding mode fp32: rne(f32(acc) · scale). The only source of floating-point instructions in the module.
 * docs/arithmetic.md clamps before it rounds; the bounds are integers and rounding is monotonous, so that clamping the rounded number is the same.
 * The conversion saturates; the scale is finite, positive and normal, so that the product is never NaN.
 */

/** Whether the bits are those of a finite, positive, normal float32. */
export function isScale(bits: u32): bool {
  return bits >= 0x00800000 && bits < 0x7f800000
}

/** One accumulator; `scale` points to the float32. */
export function requantizeFp32(acc: i32, scale: usize): i32 {
  return <i32>nearest<f32>(<f32>acc * load<f32>(scale))
}

/**
 * Rows of 8 accumulators with 8 biases and 8 scales, in vectors: leaves in the first 16 bytes of each row 8 int16, the rounded numbers saturated.
 * What saturates is clamped in the end whatever the zero point.
 */
export function requantizeFp32Rows(accumulators: usize, count: i32, bias: usize, scales: usize): void {
  const bias0 = v128.load(bias)
  const bias1 = v128.load(bias, 16)
  const scale0 = v128.load(scales)
  const scale1 = v128.load(scales, 16)
  const end = accumulators + ((<usize>count) << 5)
  for (; accumulators < end; accumulators += 32) {
    const low = round(i32x4.add(v128.load(accumulators), bias0), scale0)
    const high = round(i32x4.add(v128.load(accumulators, 16), bias1), scale1)
    v128.store(accumulators, i16x8.narrow_i32x4_s(low, high))
  }
}

function round(acc: v128, scales: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(acc), scales)))
}
