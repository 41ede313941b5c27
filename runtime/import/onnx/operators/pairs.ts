/**
 * Functions of two int8, proven over all 65,536 pairs: onnxruntime adds and multiplies in float32, the artifact in integers. Where the
 * artifact's operator gives another number for a few pairs, those are put right: two tables number the operands of such pairs, their sum
 * numbers the pair, a third table holds the difference, and an addition applies it.
 */
import { roundHalfEven, splitFloat } from '../../scales.ts'

export type PairTable = { readonly values: Int8Array; readonly a: readonly number[]; readonly b: readonly number[] }

/** expected(a, b) of all int8 that the operands can have. `values` at (a + 128) · 256 + b + 128. */
export function pairTable(a: readonly number[], b: readonly number[], expected: (a: number, b: number) => number): PairTable {
  const values = new Int8Array(65536)
  for (const p of a) for (const q of b) values[(p + 128) * 256 + q + 128] = expected(p, q)
  return { values, a, b }
}

export const allInt8: readonly number[] = Array.from({ length: 256 }, (_, index) => index - 128)

/** The operator add in fp32 (docs/arithmetic.md): two multipliers and a shift. */
export type AddTerms = {
  readonly kA: number
  readonly kB: number
  readonly shift: number
  readonly aZero: number
  readonly bZero: number
  readonly yZero: number
}

export function addOf({ kA, kB, shift, aZero, bZero, yZero }: AddTerms): (a: number, b: number) => number {
  const half = 2 ** (shift - 1)
  return (a, b) => Math.min(Math.max(yZero + ((half + (a - aZero) * kA + (b - bZero) * kB) >> shift), -128), 127)
}

/** Steps of the multipliers that are tried around the nearest ones. */
const steps = [0, 1, -1, 2, -2]
const multiplierBits = 20

/** The terms nearest to ratioA · (a − aZero) + ratioB · (b − bZero) + yZero; undefined where the ratios are out of the operator's reach. */
export function nearestAdd(
  table: PairTable,
  ratioA: number,
  ratioB: number,
  zeros: Pick<AddTerms, 'aZero' | 'bZero' | 'yZero'>,
): { terms: AddTerms; misses: Misses } | undefined {
  const shift = Math.min(multiplierBits - (splitFloat(Math.max(Math.abs(ratioA), Math.abs(ratioB))).exponent - 1), 30)
  if (shift < 13) return undefined
  let best: { terms: AddTerms; misses: Misses } | undefined
  for (const stepA of steps)
    for (const stepB of steps) {
      const terms = { kA: roundHalfEven(ratioA * 2 ** shift) + stepA, kB: roundHalfEven(ratioB * 2 ** shift) + stepB, shift, ...zeros }
      if (Math.max(Math.abs(terms.kA), Math.abs(terms.kB)) > 2 ** 21) continue
      const misses = missesOf(table, addOf(terms), best?.misses.length)
      if (best === undefined || misses.length < best.misses.length) best = { terms, misses }
      if (best.misses.length === 0) return best
    }
  return best
}

export type Misses = readonly { readonly a: number; readonly b: number; readonly difference: number }[]

/** The pairs for which a function gives another number than the table; at most `most` of them, where it is given. */
export function missesOf({ values, a, b }: PairTable, of: (a: number, b: number) => number, most = Infinity): Misses {
  const misses: { a: number; b: number; difference: number }[] = []
  for (const p of a)
    for (const q of b) {
      const difference = values[(p + 128) * 256 + q + 128]! - of(p, q)
      if (difference === 0) continue
      misses.push({ a: p, b: q, difference })
      if (misses.length >= most) return misses
    }
  return misses
}

/** Tables that number the pairs of `misses`: a number for each first operand, one for each second, and the difference at their sum. */
export type Correction = { readonly ofA: Int8Array; readonly ofB: Int8Array; readonly differences: Int8Array }

/** undefined where there are more such operands than an int8 can number. */
export function correctionOf(misses: Misses): Correction | undefined {
  const [first, second] = [[...new Set(misses.map(({ a }) => a))], [...new Set(misses.map(({ b }) => b))]]
  const columns = first.length + 1
  if (columns * (second.length + 1) > 256) return undefined
  const [ofA, ofB, differences] = [new Int8Array(256), new Int8Array(256).fill(-128), new Int8Array(256)]
  for (const [at, a] of first.entries()) ofA[a + 128] = at + 1
  for (const [at, b] of second.entries()) ofB[b + 128] = (at + 1) * columns - 128
  for (const { a, b, difference } of misses) differences[ofA[a + 128]! + ofB[b + 128]! + 128] = difference
  return { ofA, ofB, differences }
}

/** a + b of int8 that fit. */
export const plainSum: AddTerms = { kA: 2 ** 13, kB: 2 ** 13, shift: 13, aZero: 0, bZero: 0, yZero: 0 }
