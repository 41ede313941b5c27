/**
 * The functions of int16 through tables with interpolation (docs/arithmetic.md, "Functions of int16"). The tables are computed here, from
 * e^x of 96-bit fixed point.
 */
const bits = 96n
const one = 1n << bits

/** e^(−numerator / denominator) with `bits` fraction bits. */
function expOfNegative(numerator: number, denominator: number): bigint {
  const x = (BigInt(numerator) << bits) / BigInt(denominator)
  // Halved until the series is short, squared as often.
  let term = one
  let sum = one
  for (let n = 1n; term > 0n; n += 1n) {
    term = (term * (x >> 6n)) / (n << bits)
    sum += term
  }
  for (let squaring = 0; squaring < 6; squaring += 1) sum = (sum * sum) >> bits
  return (one << bits) / sum
}

/** Rounds to the nearest integer, ties away from zero. */
function round(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/** 513 entries of a function given at 1024 half steps: each takes half of the interpolation's error at the next midpoint on itself. */
function tableOf(at: (half: number) => number): number[] {
  const entries = Array.from({ length: 512 }, (_, index) => {
    const sample = round(at(2 * index))
    const interpolated = round((at(2 * index + 2) + sample) / 2)
    return sample - round((interpolated - round(at(2 * index + 1))) / 2)
  })
  return [...entries, round(at(1024))].map((entry) => Math.min(entry, 32767))
}

/** e^x in Q0.15 for x from −10 to 0. */
const expTable = tableOf((half) => Number(expOfNegative(10 * (1024 - half), 1024)) / 2 ** (96 - 15))

/** 1 / (1 + x) in Q0.15 for x from 0 to 1. */
const reciprocalTable = tableOf((half) => (32768 * 1024) / (1024 + half))

/** Where TFLite's table of the sigmoid has one more than the nearest integer. */
const raised = new Set([
  ...[4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50, 54, 62],
  ...[63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255],
])

/** 1 / (1 + e^−x) in Q0.16 for x = index / 24. */
const sigmoidTable = Array.from({ length: 256 }, (_, index) => {
  const value = Number((one << (bits + 16n)) / (one + expOfNegative(index, 24))) / 2 ** 96
  return round(value) + (raised.has(index) ? 1 : 0)
})

function interpolate(table: readonly number[], value: number): number {
  const index = 256 + Math.floor(value / 128)
  const slope = table[index + 1]! - table[index]!
  return table[index]! + Math.floor((slope * (value & 127) + 64) / 128)
}

/** e^x of x = 10 · value / 65535, value ≤ 0, in Q0.15. */
export function expInt16(value: number): number {
  return interpolate(expTable, Math.max(value + 32767, -32768))
}

/** 1 / (1 + x) of x = value / 65536 in Q0.15. */
export function reciprocalInt16(value: number): number {
  return interpolate(reciprocalTable, Math.min(value - 32768, 32767))
}

/** The sigmoid of x = a / (3 · 4096) in Q0.15. */
export function logisticInt16(a: number): number {
  const sum = sigmoidSteps(Math.abs(a), 512) ?? 0x7fff * 1024
  return Math.floor((a >= 0 ? sum + 512 : 2 ** 25 - sum + 511) / 1024)
}

/** tanh of x = a / (3 · 4096) in Q0.15. */
export function tanhInt16(a: number): number {
  const sum = sigmoidSteps(Math.abs(a), 256) ?? 0xffff * 256
  return Math.floor((a >= 0 ? sum - 2 ** 23 + 128 : 2 ** 23 - sum + 127) / 256)
}

/** The table between two entries, `steps` apart, times `steps`; undefined behind its end. */
function sigmoidSteps(magnitude: number, steps: number): number | undefined {
  const index = Math.floor(magnitude / steps)
  if (index >= 255) return undefined
  return sigmoidTable[index]! * steps + (magnitude % steps) * (sigmoidTable[index + 1]! - sigmoidTable[index]!)
}
