import { pairwiseKinds } from '../model/operators.ts'
import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

/** Of two int32; a divisor of 0 gives 0, and so does a shift past the width of the numbers. */
const functions: Readonly<Record<keyof typeof pairwiseKinds, (a: number, b: number, bits: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => Math.imul(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, b, bits) => (b >>> 0 < bits ? a << b : 0),
  shiftRight: (a, b, bits) => (b >>> 0 < bits ? Math.floor(unsigned(a, bits) / 2 ** b) : 0),
  quotient: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  remainder: (a, b) => (b === 0 ? 0 : a % b),
  modulo: (a, b) => (b === 0 ? 0 : a - b * Math.floor(a / b)),
  quotientUnsigned: (a, b) => (b === 0 ? 0 : Math.floor((a >>> 0) / (b >>> 0))),
  remainderUnsigned: (a, b) => (b === 0 ? 0 : (a >>> 0) % (b >>> 0)),
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  lessUnsigned: (a, b) => Number(a >>> 0 < b >>> 0),
}

function unsigned(value: number, bits: number): number {
  return value < 0 ? value + 2 ** bits : value
}

/** The typed array of the result keeps the low bits. */
export function pairwise({ attributes, operands: [a, b], result }: Invocation): void {
  const [name] = Object.entries(pairwiseKinds).find(([, kind]) => kind === attributes.kind)!
  const compute = functions[name as keyof typeof pairwiseKinds]
  const bits = 8 * a!.values.BYTES_PER_ELEMENT
  const [positionA, positionB] = [broadcastPosition(a!, result.shape), broadcastPosition(b!, result.shape)]
  for (const at of result.values.keys()) result.values[at] = compute(a!.values[positionA(at)]!, b!.values[positionB(at)]!, bits)
}
