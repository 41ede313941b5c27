/**
 * What a value of the graph is while nodes are evaluated.
 *
 * Constant            known now (constant.ts)
 * Weights             a constant that DequantizeLinear has read
 * Activation          an int8 or uint8 tensor: an int8 tensor of the artifact; or an int16 tensor
 * Accumulator         whole numbers of another type: an int32 tensor of the artifact, of bool an int8 one of 0 and 1
 * Floats              a float32 tensor of a classical model: its bits as an int32 tensor of the artifact
 * Real                a float32 tensor. The artifact has none: a Real waits for the QuantizeLinear that makes it an Activation
 * Unknown             what a refused node gives
 */
import type { Constant } from './constant.ts'
import type { Layout } from './layout.ts'
import type { WholeType } from './names.ts'

export type Stored = 'int8' | 'uint8' | 'int16'

/** real = scale · (q − zero), q and zero as the graph stores them. `scale` is a float32 value. */
export type Quantization = { readonly scale: number; readonly zero: number; readonly stored: Stored }

/** A tensor of the artifact: `tensor` is the builder's index, `physical` its shape there, `layout` how the graph's `shape` lies in it. */
export type Placed = {
  readonly tensor: number
  readonly physical: readonly number[]
  readonly shape: readonly number[]
  readonly layout: Layout
}

/** `meaning` is shared by all activations with the same numbers in another order: what the graph says of their scale, once it has said it. */
export type Activation = Placed & {
  readonly kind: 'activation'
  readonly stored: Stored
  readonly meaning: { quantization?: Quantization }
}

/** Where a Real is wanted: `separate` where the node and the QuantizeLinear stay two kernels in onnxruntime. */
export type Target = Quantization & { readonly separate?: boolean }

/**
 * The Real as a function of one number: `values[q + 128]`, of int16 `values[q + 32768]`, float32 values. `plain`: it is the DequantizeLinear of `of`, so read.
 * `approximate`: onnxruntime's own values are near these.
 */
export type RealTable = {
  readonly of: Activation
  readonly values: Float32Array
  readonly plain?: Quantization
  readonly approximate?: true
}

/** What a layer of int8 sums, before its scale; scales[c] for each index of the dimension `axis`, or one. */
export type Sums = { readonly emit: () => Placed; readonly scales: readonly number[] }

export type Real = {
  readonly kind: 'real'
  readonly shape: readonly number[]
  /** float operators between the last quantized tensor and this. */
  readonly depth: number
  readonly quantize: (to: Target) => Activation
  readonly table?: RealTable
  readonly sums?: Sums
  /** A model input as bits, which it then is for every reader. */
  readonly bits?: () => Floats
  /** A clamp and the QuantizeLinear after it become part of its kernel in onnxruntime. */
  readonly fusable?: true
}

export type Weights = {
  readonly kind: 'weights'
  readonly name: string
  readonly type: 'int8' | 'uint8' | 'int16' | 'int32'
  readonly shape: readonly number[]
  /** As stored. */
  readonly data: Uint8Array
  /** One for all, or one for each index of dimension `axis`. */
  readonly scales: readonly number[]
  readonly zeros: readonly number[]
  readonly axis: number
}

/** `source`: its type in the file. `plus` adds a constant to each index of the last dimension. */
export type Accumulator = {
  readonly kind: 'accumulator'
  readonly source: Exclude<WholeType, 'int8' | 'uint8'>
  readonly shape: readonly number[]
  readonly emit: () => Placed
  readonly plus?: (bias: readonly number[]) => Accumulator
}

/** Classical models compute with the bits of float32 (docs/arithmetic.md). `largest`: no magnitude is greater, where that is known.
 * `isExact`: it leaves the model as it is. */
export type Floats = Placed & { readonly kind: 'floats'; readonly largest?: number; readonly isExact?: true }

export type Unknown = { readonly kind: 'unknown' }

export type Value = Constant | Weights | Activation | Accumulator | Real | Floats | Unknown

export const unknown: Unknown = { kind: 'unknown' }

/** How much less the artifact's int8 is than the stored number. */
export function offset(stored: Stored): 0 | 128 {
  return stored === 'uint8' ? 128 : 0
}

/** The artifact's type of a stored one. */
export function tensorType(stored: Stored): 'int8' | 'int16' {
  return stored === 'int16' ? 'int16' : 'int8'
}

/** All numbers of the artifact's type. */
export function typeBounds(stored: Stored): { yMin: number; yMax: number } {
  return stored === 'int16' ? { yMin: -(2 ** 15), yMax: 2 ** 15 - 1 } : { yMin: -128, yMax: 127 }
}

/** The zero point among the artifact's numbers. */
export function int8Zero({ zero, stored }: Quantization): number {
  return zero - offset(stored)
}

export function sameQuantization(a: Quantization, b: Quantization): boolean {
  return a.scale === b.scale && int8Zero(a) === int8Zero(b) && tensorType(a.stored) === tensorType(b.stored)
}

const mostDepth = 64

/** A Real that is made once for each target. */
export function real(
  shape: readonly number[],
  from: readonly Real[],
  quantize: (to: Target) => Activation,
  more: Pick<Real, 'table' | 'sums' | 'fusable' | 'bits'> = {},
): Real {
  const made = new Map<string, Activation>()
  return {
    kind: 'real',
    shape,
    depth: Math.min(1 + Math.max(0, ...from.map(({ depth }) => depth)), mostDepth + 1),
    quantize(to) {
      const key = [to.scale, to.zero, to.stored, to.separate].join()
      const known = made.get(key)
      if (known !== undefined) return known
      const activation = quantize(to)
      made.set(key, activation)
      return activation
    },
    ...more,
  }
}

export function tooDeep({ depth }: Real): boolean {
  return depth > mostDepth
}
