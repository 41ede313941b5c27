/**
 * Requantization and fixed-point multiplication, straight from the formulas of docs/arithmetic.md, with exact integers.
 */
import type { Scale, ValueTensor } from './tensor.ts'

const int32Max = 2 ** 31 - 1
const int32Min = -(2 ** 31)

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

export function saturate(value: number): number {
  return clamp(value, int32Min, int32Max)
}

/** Rounds to the nearest integer, ties to even. */
export function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest < 0.5) return below
  if (rest > 0.5) return below + 1
  return below % 2 === 0 ? below : below + 1
}

/** Integer division truncating toward zero. */
export function divide(dividend: number, divisor: number): number {
  return Math.trunc(dividend / divisor)
}

/** Saturating rounding doubling high multiply. */
export function srdhm(a: number, b: number): number {
  return saturate(Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n))
}

/** Rounding divide by a power of two, ties away from zero. */
export function rdpot(value: number, exponent: number): number {
  if (exponent === 0) return value
  const nudge = (1n << BigInt(exponent - 1)) - (value < 0 ? 1n : 0n)
  return Number((BigInt(value) + nudge) >> BigInt(exponent))
}

/** An accumulator to the scale of the result, without zero point, within low … high (bounds less the zero point). */
export function requantize(accumulator: number, scale: Scale, low: number, high: number): number {
  if (scale.mode === 'fp32') return roundToEven(clamp(Math.fround(Math.fround(accumulator) * scale.multiplier), low, high))
  return clamp(multiply(accumulator, scale), low, high)
}

/** The integer forms of requantization, unclamped. */
export function multiply(accumulator: number, { mode, multiplier, shift }: Scale): number {
  if (mode === 'double') return rdpot(srdhm(accumulator * 2 ** Math.max(shift, 0), multiplier), Math.max(-shift, 0))
  const total = BigInt(31 - shift)
  return Number((BigInt(accumulator) * BigInt(multiplier) + (1n << (total - 1n))) >> total)
}

/** The wide requantization of int16 layers: 15 bits of the multiplier, one rounding. */
export function multiplyWide(accumulator: number, { multiplier, shift }: Scale): number {
  const factor = multiplier < 0x7fff0000 ? (multiplier + 2 ** 15) >> 16 : 0x7fff
  return Number((BigInt(accumulator) * BigInt(factor) + (1n << BigInt(14 - shift))) >> BigInt(15 - shift))
}

/** The bias of each channel; [O, 2] holds int64 in two words, the low one first. */
export function biasOf(bias: ValueTensor | undefined): (channel: number) => number {
  if (bias === undefined) return () => 0
  if (bias.shape.length === 1) return (channel) => bias.values[channel]!
  return (channel) => bias.values[2 * channel + 1]! * 2 ** 32 + (bias.values[2 * channel]! >>> 0)
}

/** As layerOutput, of a layer on int16. */
export function layerOutput16(
  scales: readonly Scale[],
  attributes: Readonly<Record<string, number>>,
  bias: ValueTensor | undefined,
): (accumulator: number, channel: number) => number {
  if (bias?.shape.length === 2) return wideOutput(scales, attributes)
  const { yMin, yMax } = attributes
  return (accumulator, channel) => clamp(multiply(saturate(accumulator), scaleOf(scales, channel)), yMin!, yMax!)
}

/** As layerOutput, by the wide requantization. */
export function wideOutput(
  scales: readonly Scale[],
  { yMin, yMax }: Readonly<Record<string, number>>,
): (accumulator: number, channel: number) => number {
  return (accumulator, channel) => clamp(multiplyWide(accumulator, scaleOf(scales, channel)), yMin!, yMax!)
}

/** One scale serves all channels, or each has its own. */
function scaleOf(scales: readonly Scale[], channel: number): Scale {
  return scales[scales.length === 1 ? 0 : channel]!
}

/**
 * The last step of a layer: accumulator and channel → result. One scale serves all channels, or each has its own;
 * without any the accumulator is the result.
 */
export function layerOutput(
  scales: readonly Scale[],
  { yZero, yMin, yMax }: Readonly<Record<string, number>>,
): (accumulator: number, channel: number) => number {
  if (scales.length === 0) return (accumulator) => accumulator
  return (accumulator, channel) =>
    yZero! + requantize(accumulator, scales[scales.length === 1 ? 0 : channel]!, yMin! - yZero!, yMax! - yZero!)
}
