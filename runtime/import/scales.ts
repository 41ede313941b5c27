/**
 * Real scales to the artifact's multipliers (docs/arithmetic.md, "Requantization"). Every step is one IEEE operation or an exact one,
 * so that an import gives the same bytes on every machine.
 */
import { floatBits, type Rounding } from '../model/types.ts'

/** A scale as the integer modes compute it (float64) and as fp32 does (a float32 value). */
export type RealScale = { readonly exact: number; readonly single: number }

/** The artifact's two parallel lists. */
export type Entries = { readonly multipliers: number[]; readonly shifts: number[] }

export type IntegerScale = { readonly multiplier: number; readonly shift: number }

const smallestNormal = 2 ** -126
const largestFinite = 3.4028234663852886e38
const fraction = new DataView(new ArrayBuffer(8))

/** Rounds to the nearest integer, ties away from zero. */
export function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/** Rounds to the nearest integer, ties to even. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** value = fraction · 2^exponent with ½ ≤ fraction < 1, for a positive normal number; by its bits. */
export function splitFloat(value: number): { fraction: number; exponent: number } {
  fraction.setFloat64(0, value)
  const high = fraction.getUint32(0)
  const exponent = ((high >>> 20) & 0x7ff) - 1022
  fraction.setUint32(0, (high & 0x800fffff) | (1022 << 20))
  return { fraction: fraction.getFloat64(0), exponent }
}

/** The exponent of a power of two whose logarithm is within a thousandth of the number's (TFLite CheckedLog2); undefined where there is none. */
export function nearestPower(value: number): number | undefined {
  const { fraction, exponent } = splitFloat(value)
  // 2^±0.001, seen from either side.
  if (fraction < 0.5003467) return exponent - 1
  return fraction > 0.9993071 ? exponent : undefined
}

/** TFLite's QuantizeMultiplier: real = multiplier · 2^(shift − 31), 2^30 ≤ multiplier < 2^31; both 0 where the scale is too small. */
export function quantizeMultiplier(real: number): IntegerScale {
  if (real === 0) return { multiplier: 0, shift: 0 }
  const parts = splitFloat(real)
  const rounded = Math.round(parts.fraction * 2 ** 31)
  const carry = rounded === 2 ** 31
  const shift = parts.exponent + (carry ? 1 : 0)
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier: carry ? 2 ** 30 : rounded, shift }
}

/** What keeps a scale out of the artifact, undefined where nothing does. */
export function scaleProblem(rounding: Rounding, { exact, single }: RealScale): string | undefined {
  if (rounding === 'fp32')
    return single >= smallestNormal && single <= largestFinite ? undefined : `the scale ${single} is not a positive normal float32`
  if (!(exact > 0 && exact < Infinity)) return `the scale ${exact} is not positive and finite`
  return splitFloat(exact).exponent > 30 ? `the scale ${exact} is 2^30 or more` : undefined
}

/** Entries of requantizations in the model's mode. */
export function scaleEntries(rounding: Rounding, scales: readonly RealScale[]): Entries {
  if (rounding === 'fp32') return { multipliers: scales.map(({ single }) => floatBits(single)), shifts: [] }
  return integerEntries(scales.map(({ exact }) => quantizeMultiplier(exact)))
}

export function integerEntries(scales: readonly IntegerScale[]): Entries {
  return { multipliers: scales.map(({ multiplier }) => multiplier), shifts: scales.map(({ shift }) => shift) }
}
