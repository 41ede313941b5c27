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

/** Four accumulators with four scales (f32x4). */
// @ts-expect-error: decorator
@inline
export function requantizeFp32x4(acc: v128, scales: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(acc), scales)))
}
