import { elementBytes, type Rounding, type TensorType } from '../model/types.ts'

export type Values = Int8Array | Uint8Array | Int16Array | Int32Array

/** A tensor with its values, row-major. */
export type ValueTensor = { readonly type: TensorType; readonly shape: readonly number[]; readonly values: Values }

/** What an operator's file computes with: the artifact's fields by name, the operands, and the results to fill; `result` is the first. */
export type Invocation = {
  readonly attributes: Readonly<Record<string, number>>
  readonly scales: readonly Scale[]
  readonly operands: readonly ValueTensor[]
  readonly result: ValueTensor
  readonly rounding: Rounding
  readonly results: readonly ValueTensor[]
}

/** One requantization: `multiplier` is a float32 value in fp32, an int32 otherwise. */
export type Scale = { readonly mode: Rounding; readonly multiplier: number; readonly shift: number }

export function elements(shape: readonly number[]): number {
  return shape.reduce((count, dimension) => count * dimension, 1)
}

const arrays = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array } as const

/** Values of a type from little-endian bytes, copied. */
export function valuesFromBytes(type: TensorType, bytes: Uint8Array): Values {
  return new arrays[type](Uint8Array.from(bytes).buffer)
}

export function emptyValues(type: TensorType, shape: readonly number[]): Values {
  return new arrays[type](elements(shape))
}

/** Little-endian bytes of values. */
export function valuesBytes(values: Values): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

export function tensorBytes({ type, shape }: { type: TensorType; shape: readonly number[] }): number {
  return elements(shape) * elementBytes[type]
}
