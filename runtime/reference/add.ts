import { clamp, multiply } from './arithmetic.ts'
import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

export function add(invocation: Invocation): void {
  addSigned(invocation, 1)
}

/** a + sign · b, the sign taken after b has its scale. */
export function addSigned({ attributes, scales, operands: [a, b], result }: Invocation, sign: 1 | -1): void {
  const { aZero, bZero, yZero, yMin, yMax } = attributes as Record<string, number>
  const [first, second, last] = scales
  const positionA = broadcastPosition(a!, result.shape)
  const positionB = broadcastPosition(b!, result.shape)
  // The operands are shifted left by so many bits before they are brought to one scale (TFLite).
  const leftShift = a!.type === 'int16' ? 2 ** 15 : 2 ** 20
  // fp32 on int8 has two integer multipliers and one shift, the others three requantizations.
  const sum =
    last === undefined
      ? (p: number, q: number) =>
          Math.floor((2 ** (first!.shift - 1) + p * (first!.multiplier | 0) + sign * q * (second!.multiplier | 0)) / 2 ** first!.shift)
      : (p: number, q: number) => multiply(multiply(p * leftShift, first!) + sign * multiply(q * leftShift, second!), last)
  for (let at = 0; at < result.values.length; at += 1) {
    const p = a!.values[positionA(at)]! - aZero!
    const q = b!.values[positionB(at)]! - bZero!
    result.values[at] = clamp(yZero! + sum(p, q), yMin!, yMax!)
  }
}
