/** From a data set to prices. Nothing here is random and no function of the host's but + − · / on doubles decides a price. */
import { type PriceName, type Prices, priceNames } from '../../precompiles/gas.ts'
import { type DataSet, type Sample, worst } from './data.ts'
import { nonNegativeLeastSquares } from './nnls.ts'

export type FitOptions = {
  /** Millions of gas in a second of the worst state. */
  anchor?: number
}

export const defaultAnchor = 100
/** Of the rows that take as long as so much gas stands for … */
export const weighty = 10_000
/** … none takes longer than this many times what it pays for. */
export const allowed = 1.5
/**
 * Milli-gas. A call cannot be told from its operator where it has only one, and a price of nearly nothing could never be changed within its bounds: 2 µs for the host's own
 * part of a call.
 */
const leastPrices: Partial<Prices> = { base: 200_000n }
/** The state of a whole machine is not that of one measurement: prices are rounded up to two digits. */
const digits = 2

/**
 * Milli-gas. The least squares of all rows' relative errors, under the condition that weighty rows are not under-priced by more than what is allowed: by Uzawa's
 * method, a row that breaks it asks for more from round to round; what the last round leaves short is added to the price that pays most of it.
 */
export function fitPrices({ samples }: DataSet, { anchor = defaultAnchor }: FitOptions = {}): Prices {
  const nsPerGas = 1000 / anchor
  // A row says: units · prices = milli-gas. Divided by its right side, it asks for 1.
  const rows = samples.map((sample) => sample.units.map((units) => (units * nsPerGas) / (1000 * worst(sample))))
  const scale = priceNames.map((_, slot) => Math.max(...rows.map((row) => row[slot]!)) || 1) // unknowns of a like size
  const scaled = rows.map((row) => row.map((value, slot) => value / scale[slot]!))
  const weighted = samples.flatMap((sample, at) => (worst(sample) >= weighty * nsPerGas ? [at] : []))
  const solve = nonNegativeLeastSquares(scaled)
  const asked = rows.map(() => 1)
  let solution: number[] = []
  for (let round = 0; round < rounds; round++) {
    solution = solve(asked)
    const short = weighted.map((at) => (1 + tolerance) / allowed - dot(scaled[at]!, solution))
    for (const [index, at] of weighted.entries()) asked[at] = Math.max(1, asked[at]! + 1.9 * short[index]!)
    if (Math.max(...short) < tolerance / allowed) break
  }
  const prices = solution.map((price, slot) => Math.max(roundUp(price / scale[slot]!), Number(leastPrices[priceNames[slot]!] ?? 1n)))
  for (const at of weighted) pay(rows[at]!, prices)
  return Object.fromEntries(priceNames.map((name, slot) => [name, BigInt(prices[slot]!)])) as Record<PriceName, bigint>
}

/** Raises the price that pays most of a row until the row is not under-priced by more than what is allowed. */
function pay(row: readonly number[], prices: number[]): void {
  const short = 1 / allowed - dot(row, prices)
  if (short <= 0) return
  const parts = row.map((value, slot) => value * prices[slot]!)
  const slot = parts.indexOf(Math.max(...parts))
  prices[slot] = roundUp(prices[slot]! + short / row[slot]!)
}

const rounds = 2000
/** What is asked for beyond the condition, so that the rounds come to an end. */
const tolerance = 0.002

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0)
}

function milligas({ units }: Sample, prices: readonly number[]): number {
  return units.reduce((sum, count, slot) => sum + count * prices[slot]!, 0)
}

/** To a whole number of `digits` digits at most, and at least 1. */
function roundUp(price: number): number {
  let unit = 1
  while (price / unit > 10 ** digits) unit *= 10
  return Math.max(1, Math.ceil(price / unit - 1e-6) * unit)
}

export type Priced = { sample: Sample; gas: number; nsPerGas: number }

/** Every row at these prices, in the worst state. */
export function priced({ samples }: DataSet, prices: Prices): Priced[] {
  const vector = priceNames.map((name) => Number(prices[name]))
  return samples.map((sample) => {
    const gas = milligas(sample, vector) / 1000
    return { sample, gas, nsPerGas: worst(sample) / gas }
  })
}
