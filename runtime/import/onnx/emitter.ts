/** Operators of the artifact over placed tensors: each function adds to the builder and gives what the graph's operator would. */
import type { OperatorName } from '../../model/operators.ts'
import type { TensorType } from '../../model/types.ts'
import { elementCount } from '../graph.ts'
import { overflowingChannel } from '../lower/accumulator.ts'
import { Builder } from '../lower/builder.ts'
import type { RealScale } from '../scales.ts'
import { type Layout, liesAs, permutationOf, permutedLayout, straight, transposition } from './layout.ts'
import { Refusal } from './refusal.ts'
import { type Activation, type Placed, type Quantization, type Stored, tensorType } from './value.ts'

const mostElements = 2 ** 26
const mostDimension = 2 ** 24

export class Emitter {
  readonly builder = new Builder({ tensors: [], nodes: [], inputs: [], outputs: [] }, 'fp32')
  readonly #views = new Map<string, number>()
  readonly #transposes = new Map<string, number>()

  /** Names the source of the operators to come. */
  set node(name: string) {
    this.builder.nodeName = name
  }

  /** A new tensor of the artifact in the given order of the dimensions. */
  place(name: string, type: TensorType, shape: readonly number[], permutation: readonly number[]): Placed {
    return this.placeAs(
      name,
      type,
      shape,
      permutedLayout(shape, permutation),
      permutation.map((dimension) => shape[dimension]!),
    )
  }

  placeAs(name: string, type: TensorType, shape: readonly number[], layout: Layout, physical: readonly number[]): Placed {
    checkSize(shape)
    return { tensor: this.builder.intermediate(name, type, physical), physical: physical.length === 0 ? [1] : physical, shape, layout }
  }

  /** The tensor's bytes read as another shape of as many elements. */
  view({ tensor, physical }: Placed, shape: readonly number[]): number {
    const wanted = shape.length === 0 ? [1] : shape
    if (wanted.length > 6) throw new Refusal(`it needs a tensor of rank ${wanted.length}`, 'rank 6 or less')
    if (wanted.join() === physical.join()) return tensor
    const key = `${tensor}:${wanted.join()}`
    const known = this.#views.get(key)
    if (known !== undefined) return known
    const { tensors, tensorNames } = this.builder
    const { type, data } = tensors[tensor]!
    const name = tensorNames[tensor]!
    if (data.length > 0) return this.builder.constant(name, type, wanted, data)
    const view = this.builder.intermediate(name, type, wanted)
    this.builder.operator('reshape', [tensor], view)
    this.#views.set(key, view)
    return view
  }

  /** The tensor with groups of the graph's dimensions as its dimensions, transposed where memory has them in another order. */
  arrange(placed: Placed, groups: readonly (readonly number[])[]): number {
    const sizes = groups.map((group) => elementCount(group.map((dimension) => placed.shape[dimension]!)))
    return liesAs(placed.layout, groups) ? this.view(placed, sizes) : this.#transposed(placed, groups.flat(), sizes)
  }

  /** The tensor with the graph's dimensions in the graph's order. */
  straightened<T extends Placed>(placed: T): T {
    const { shape } = placed
    const order = straight(shape.length)
    if (liesAs(placed.layout, [order])) return placed
    const tensor = this.arrange(
      placed,
      order.map((dimension) => [dimension]),
    )
    return { ...placed, tensor, physical: shape.length === 0 ? [1] : shape, layout: permutedLayout(shape, order) }
  }

  #transposed(placed: Placed, dimensions: readonly number[], sizes: readonly number[]): number {
    const key = `${placed.tensor}:${dimensions}:${JSON.stringify(placed.layout)}`
    const tensor = this.#transposes.get(key)
    const { before, from } = transposition(placed.layout, dimensions)
    const after = from.map((dimension) => before[dimension]!)
    if (tensor !== undefined) return this.view({ ...placed, tensor, physical: after }, sizes)
    const input = this.view(placed, before)
    const { type } = this.builder.tensors[placed.tensor]!
    const y = this.builder.intermediate(this.builder.tensorNames[placed.tensor]!, type, after)
    this.builder.operator('transpose', [input], y, Object.fromEntries(from.map((dimension, at) => [`from${at}`, dimension])))
    this.#transposes.set(key, y)
    return this.view({ ...placed, tensor: y, physical: after }, sizes)
  }

  operator(
    name: OperatorName,
    inputs: number[],
    output: Placed,
    attributes: Readonly<Record<string, number>>,
    scales: readonly RealScale[] = [],
  ): void {
    const types = [...inputs, output.tensor].map((tensor) => this.builder.tensors[tensor]!.type)
    const entries = () =>
      types.includes('int16') ? this.builder.wholeEntries(scales.map(({ exact }) => exact)) : this.builder.entries(scales)
    this.builder.operator(name, inputs, output.tensor, attributes, scales.length === 0 ? undefined : entries())
  }

  /** A tensor of the same shape, layout and memory. */
  like(x: Activation, name: string, more: Partial<Activation> = {}): Activation {
    const stored = more.stored ?? x.stored
    return { ...x, ...this.placeAs(name, tensorType(stored), x.shape, x.layout, x.physical), meaning: {}, ...more }
  }

  clamp(x: Activation, low: number, high: number): Activation {
    const y = this.like(x, this.builder.nodeName, { meaning: x.meaning })
    this.operator('clamp', [x.tensor], y, { yMin: low, yMax: high })
    return y
  }

  /** y = table[q + 128], of int16 table[q + 32768]; a clamp, or nothing at all, where the table is no more than that. */
  lookup(x: Activation, table: Int8Array | Int16Array, quantization: Quantization): Activation {
    const more = { stored: quantization.stored, meaning: { quantization } }
    const half = table.length / 2
    const [low, high] = [table[0]!, table.at(-1)!]
    const sameType = tensorType(x.stored) === tensorType(quantization.stored)
    if (sameType && table.every((value, index) => value === Math.min(Math.max(index - half, low), high)))
      return low === -half && high === half - 1 ? { ...x, ...more } : { ...this.clamp(x, low, high), ...more }
    const y = this.like(x, this.builder.nodeName, more)
    if (sameType && table instanceof Int8Array) this.builder.operator('lookup', [x.tensor, this.table(table)], y.tensor)
    else this.#gathered(x, table, y)
    return y
  }

  /** A table of another size than 256 int8: its elements are gathered by the numbers of x, counted from 0. */
  #gathered(x: Activation, table: Int8Array | Int16Array, y: Activation): void {
    const { builder } = this
    const indices = builder.intermediate(`indices of ${builder.nodeName}`, 'int32', x.physical)
    const whole = { xZero: -table.length / 2, yZero: 0, yMin: -(2 ** 31), yMax: 2 ** 31 - 1 }
    builder.operator('requantize', [x.tensor], indices, whole, builder.wholeEntries([1]))
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength)
    const constant = builder.constant(`table of ${builder.nodeName}`, tensorType(y.stored), [table.length], bytes)
    builder.operator('gather', [constant, indices], y.tensor, { axis: 0 })
  }

  table(values: Int8Array): number {
    return this.builder.constant(`table of ${this.builder.nodeName}`, 'int8', [256], new Uint8Array(values.buffer, values.byteOffset, 256))
  }

  int8s(name: string, shape: readonly number[], data: Uint8Array): number {
    return this.builder.constant(name, 'int8', shape, data)
  }

  int32s(name: string, values: readonly number[]): number {
    return this.builder.constant(name, 'int32', [values.length], new Uint8Array(Int32Array.from(values).buffer))
  }
}

/** The order of the graph's dimensions in memory, or the graph's where a dimension does not lie whole. */
export function permutationIn({ shape, layout }: Placed): number[] {
  return permutationOf(layout) ?? straight(shape.length)
}

export function checkSize(shape: readonly number[]): void {
  if (shape.some((size) => size < 1 || size > mostDimension) || elementCount(shape) > mostElements)
    throw new Refusal(`it makes a tensor of shape [${shape}]`, 'at least 1 and at most 2^26 elements')
}

/** Refuses a layer whose sums could leave int32, on int16 47 bits. `weights`: int8 with `channelAxis` the dimension of output channels. */
export function checkSums(
  stored: Stored,
  xZero: number,
  weights: { shape: number[]; data: Uint8Array; zero: number },
  bias: readonly number[] | undefined,
  channelAxis: number,
): void {
  const affine = (zero: number) => ({ scales: [1], zeroPoints: [zero], axis: 0 })
  const channel = overflowingChannel(
    { name: '', type: tensorType(stored), shape: [], quantization: affine(xZero) },
    { name: '', type: 'int8', shape: weights.shape, quantization: affine(weights.zero), data: weights.data },
    bias === undefined ? undefined : { name: '', type: 'int32', shape: [bias.length], data: new Uint8Array(Int32Array.from(bias).buffer) },
    channelAxis,
  )
  if (channel !== undefined)
    throw new Refusal(
      `the accumulator of its output channel ${channel} could pass 2^${stored === 'int16' ? 47 : 31}`,
      'smaller weights, or fewer of them',
    )
}
