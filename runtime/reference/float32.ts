/** Float32 tensors (docs/arithmetic.md): their bits lie in int32. JavaScript's numbers hold every float32 and round to it with Math.fround. */
import { bitsFloat, floatBits } from '../model/types.ts'

const nan = 0x7fc00000

export function floatOf(bits: number): number {
  return bitsFloat(bits >>> 0)
}

/** Of the float32 nearest to a number. */
export function bitsOf(value: number): number {
  return Number.isNaN(value) ? nan : floatBits(value) | 0
}

/** An integer whose order is that of the numbers: −0 is 0, NaN the greatest. */
export function order(bits: number): number {
  const value = floatOf(bits)
  if (Number.isNaN(value)) return 2 ** 31 - 1
  return value < 0 ? -(bits & 0x7fffffff) - 1 : bits & 0x7fffffff
}

/** The integer nearest to a number, ties to even, within int32; the least for NaN. */
export function toInteger(value: number): number {
  if (Number.isNaN(value)) return -(2 ** 31)
  const low = Math.floor(value)
  const isUp = value - low > 0.5 || (value - low === 0.5 && low % 2 !== 0)
  return Math.min(Math.max(low + (isUp ? 1 : 0), -(2 ** 31)), 2 ** 31 - 1)
}

const ln2 = 24973259072661437n
const log2e = 1549082005n
const one = 1n << 55n

function mul55(a: bigint, b: bigint): bigint {
  const low = (value: bigint) => value & 0xfffffffn
  return 2n * (a >> 28n) * (b >> 28n) + (((a >> 28n) * low(b) + low(a) * (b >> 28n)) >> 27n)
}

/** e^x. */
export function exponential(x: number): number {
  if (Number.isNaN(x)) return x
  if (Math.abs(x) >= 104) return x < 0 ? 0 : Infinity
  // |x| < 2^7: 24 bits times 2^55 are below 2^62, and the product with 2^31 is exact.
  const magnitude = BigInt(Math.trunc(Math.abs(x) * 2 ** 55))
  const fixed = x < 0 ? -magnitude : magnitude
  const n = ((fixed >> 35n) * log2e + (1n << 49n)) >> 50n
  const r = fixed - n * ln2
  let sum = one
  for (let k = 13n; k > 0n; k -= 1n) sum = one + mul55(r, sum) / k
  return nearestFloat(sum, Number(n) - 55)
}

/** The float32 nearest to significand · 2^exponent. */
function nearestFloat(significand: bigint, exponent: number): number {
  // Where the least bit of the result stands: 24 bits from the highest, and not below 2^−149.
  const drop = BigInt(Math.max(significand.toString(2).length - 24, -149 - exponent))
  const kept = significand >> drop
  const twice = (significand - (kept << drop)) * 2n
  const isUp = twice > 1n << drop || (twice === 1n << drop && kept % 2n === 1n)
  return Math.fround(Number(isUp ? kept + 1n : kept) * 2 ** (exponent + Number(drop)))
}

/** 1 / (1 + e^−x), as 1 − 1 / (1 + e^x) for x < 0. */
export function logistic(x: number): number {
  const p = Math.fround(1 / Math.fround(1 + exponential(-Math.abs(x))))
  return x < 0 ? Math.fround(1 - p) : p
}
