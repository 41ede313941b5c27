/**
 * The table of TFLite's integer hard-swish, x · relu6(x + 3) / 6 (reference_ops HardSwish): 16-bit fixed point, one entry for each int8.
 */
import { quantizeMultiplier } from '../scales.ts'
import type { Affine } from './affine.ts'

const int16Max = 2 ** 15 - 1

export function hardSwishTable(x: Affine, y: Affine): Int8Array {
  const fineScale = Math.fround(x.scale / 128)
  const toOutput = narrow(quantizeMultiplier(Math.fround(fineScale / y.scale)))
  const toRelu = narrow(quantizeMultiplier(Math.fround(fineScale / Math.fround(3 / 32768))))
  return Int8Array.from({ length: 256 }, (_, index) => {
    const fine = (index - 128 - x.zero) * 128
    const preshift = roundedHigh(fine, toOutput.multiplier)
    let relu = saturate(fine * 2 ** Math.max(toRelu.shift - 1, 0))
    relu = roundedHigh(relu, toRelu.multiplier)
    if (toRelu.shift > 0) relu = saturate(relu * 2)
    if (toRelu.shift < 0) relu = dividePower(relu, -toRelu.shift)
    const gate = (relu + 2 ** 15) >> 1
    const value = y.zero + dividePower(truncatedHigh(gate, preshift), -toOutput.shift)
    return Math.min(Math.max(value, -128), 127)
  })
}

/** A 31-bit multiplier to 15 bits. */
function narrow({ multiplier, shift }: { multiplier: number; shift: number }): { multiplier: number; shift: number } {
  const rounded = multiplier >= 2 ** 31 - 1 - 2 ** 15 ? int16Max : (multiplier + 2 ** 15) >> 16
  return { multiplier: rounded, shift }
}

function saturate(value: number): number {
  return Math.min(Math.max(value, -(2 ** 15)), int16Max)
}

/** High half of the doubled product, rounded half away from zero. */
function roundedHigh(a: number, b: number): number {
  const product = a * b
  return saturate(Math.trunc((product + (product >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15))
}

/** High half of the doubled product, truncated toward zero. */
function truncatedHigh(a: number, b: number): number {
  return saturate(Math.trunc((a * b) / 2 ** 15))
}

/** Rounding divide by a power of two, ties away from zero. */
function dividePower(value: number, exponent: number): number {
  if (exponent === 0) return value
  return Math.floor((value + 2 ** (exponent - 1) - (value < 0 ? 1 : 0)) / 2 ** exponent)
}
