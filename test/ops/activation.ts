/** Models and input of the operators on all int8 values, and on Q16.16. */

import type { Model, Rounding } from '../../runtime/model/types.ts'
import { operatorModel } from '../module/harness.ts'

type Name = 'logistic' | 'tanh' | 'gelu'

export function int8Activation(name: Name, rounding: Rounding, attributes: number[], multipliers: number[], shifts: number[]): Model {
  const shape = [256]
  return operatorModel({ name, rounding, operands: [{ shape }], result: { shape }, attributes, multipliers, shifts })
}

export const everyInt8 = Uint8Array.from({ length: 256 }, (_, i) => i)

export function q16Activation(name: Name, length: number): Model {
  const operand = { type: 'int32' as const, shape: [length] }
  return operatorModel({ name, operands: [operand], result: { ...operand } })
}

/** Extremes, the ends of every range and both sides of them, and a sweep of ±20. */
export const q16Input = Int32Array.from([
  ...[0, 1, 65536, 8 * 65536, 16 * 65536, 2 ** 31 - 1, 20 * 65536].flatMap((v) => [v - 1, v, v + 1, -v - 1, -v, 1 - v]),
  -(2 ** 31),
  ...Array.from({ length: 2001 }, (_, i) => (i - 1000) * 1310 + (i % 7)),
])

export const q16Bytes = new Uint8Array(q16Input.buffer)

export function int16Activation(name: Name, rounding: Rounding, multiplier: number, shift: number): Model {
  const operand = { type: 'int16' as const, shape: [65536] }
  return operatorModel({ name, rounding, operands: [operand], result: { ...operand }, multipliers: [multiplier], shifts: [shift] })
}

export const everyInt16 = new Uint8Array(Int16Array.from({ length: 65536 }, (_, i) => i - 32768).buffer)
