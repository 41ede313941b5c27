import { clamp, multiply } from './arithmetic.ts'
import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

/** The operands are shifted left by so many bits before they are brought to one scale (TFLite). */
const leftShift = 2 ** 20

export function add({ attributes, scales, operands: [a, b], result }: Invocation): void {
  const { aZero, bZero, yZero, yMin, yMax } = attributes as Record<string, number>
  const [first, second, last] = scales
  const positionA = broadcastPosition(a!, result.shape)
  const positionB = broadcastPosition(b!, result.shape)
  // fp32 has two integer multipliers and one shift, the integer modes three requantizations.
  const sum =
    last === undefined
      ? (p: number, q: number) =>
          Math.floor((2 ** (first!.shift - 1) + p * (first!.multiplier | 0) + q * (second!.multiplier | 0)) / 2 ** first!.shift)
      : (p: number, q: number) => multiply(multiply(p * leftShift, first!) + multiply(q * leftShift, second!), last)
  for (let at = 0; at < result.values.length; at += 1) {
    const p = a!.values[positionA(at)]! - aZero!
    const q = b!.values[positionB(at)]! - bZero!
    result.values[at] = clamp(yZero! + sum(p, q), yMin!, yMax!)
  }
}
