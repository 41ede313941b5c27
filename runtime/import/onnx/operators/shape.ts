/** Transpose, Reshape, Flatten, Squeeze, Unsqueeze, Identity: the same bytes, read otherwise. */
import { elementCount, graphTypeBytes } from '../../graph.ts'
import { transposedBytes } from '../constant.ts'
import { checkSize } from '../emitter.ts'
import { permutedLayout, reshaped, straight, transposed } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Placed, real, type Value } from '../value.ts'
import { tableReal } from './table.ts'

export const identity: Rule = (node) => node.value(0)

/** Dropout gives its operand; its mask is all true. */
export const dropout: Rule = (node) => {
  if (node.has(2) && node.number(2) !== 0) throw new Refusal('it is in training mode', 'inference')
  return node.value(0)
}

export const transpose: Rule = (node) => {
  const x = node.value(0)
  const rank = shapeOf(x).length
  const permutation = node.ints('perm') ?? Array.from({ length: rank }, (_, dimension) => rank - 1 - dimension)
  if (
    permutation.length !== rank ||
    new Set(permutation).size !== rank ||
    permutation.some((dimension) => !(dimension >= 0 && dimension < rank))
  )
    throw new Refusal(`it permutes [${shapeOf(x)}] by [${permutation}]`)
  if (x.kind === 'constant' || x.kind === 'weights') {
    const data = transposedBytes(x.data, graphTypeBytes[x.type], x.shape, permutation)
    const shape = permutation.map((dimension) => x.shape[dimension]!)
    return x.kind === 'constant'
      ? { ...x, shape, data }
      : { ...x, shape, data, axis: x.scales.length === 1 ? 0 : permutation.indexOf(x.axis) }
  }
  const shape = permutation.map((dimension) => shapeOf(x)[dimension]!)
  return rearranged(node, x, shape, (placed) => ({ ...placed, shape, layout: transposed(placed.layout, permutation) }))
}

export const reshape: Rule = (node) => {
  const x = node.value(0)
  const from = shapeOf(x)
  const wanted = (node.listed('shape', 1) ?? []).map((size, axis) =>
    size === 0 && node.int('allowzero', 0) === 0 ? (from[axis] ?? 0) : size,
  )
  const known = elementCount(wanted.filter((size) => size !== -1))
  if (wanted.filter((size) => size === -1).length > 1 || wanted.some((size) => size < -1))
    throw new Refusal(`it reshapes [${from}] to [${wanted}]`)
  return viewed(
    node,
    x,
    wanted.map((size) => (size === -1 ? elementCount(from) / known : size)),
  )
}

export const flatten: Rule = (node) => {
  const x = node.value(0)
  const from = shapeOf(x)
  const given = node.int('axis', 1)
  const axis = given === from.length ? given : node.axis(given, from.length)
  return viewed(node, x, [elementCount(from.slice(0, axis)), elementCount(from.slice(axis))])
}

export const squeeze: Rule = (node) => {
  const x = node.value(0)
  const from = shapeOf(x)
  const axes = node.listed('axes', 1)?.map((axis) => node.axis(axis, from.length)) ?? [...from.keys()].filter((axis) => from[axis] === 1)
  if (axes.some((axis) => from[axis] !== 1)) throw new Refusal(`it removes the dimensions [${axes}] of [${from}]`)
  return viewed(
    node,
    x,
    from.filter((_, axis) => !axes.includes(axis)),
  )
}

export const unsqueeze: Rule = (node) => {
  const x = node.value(0)
  const from = [...shapeOf(x)]
  const given = node.listed('axes', 1) ?? []
  const axes = given.map((axis) => node.axis(axis, from.length + given.length)).sort((a, b) => a - b)
  for (const axis of axes) from.splice(axis, 0, 1)
  return viewed(node, x, from)
}

export function shapeOf(value: Value): readonly number[] {
  if (value.kind === 'unknown') throw new Refusal('its operand is unknown')
  return value.shape
}

/** The same elements in the graph's order under another shape. */
export function viewed(node: NodeView, x: Value, shape: readonly number[]): Value {
  const from = shapeOf(x)
  if (shape.some((size) => !Number.isInteger(size) || size < 0) || elementCount(shape) !== elementCount(from))
    throw new Refusal(`it makes [${shape}] of [${from}]`)
  if (x.kind === 'constant') return { ...x, shape: [...shape] }
  if (x.kind === 'weights') {
    if (x.scales.length > 1 && shape[x.axis] !== from[x.axis])
      throw new Refusal(`it reshapes weights with ${x.scales.length} scales from [${from}] to [${shape}]`)
    return { ...x, shape }
  }
  checkSize(shape)
  return rearranged(node, x, shape, (placed) => {
    const layout = reshaped(placed.layout, shape)
    if (layout !== undefined) return { ...placed, shape, layout }
    // Dimensions that do not lie whole are torn apart: first into the graph's order.
    return { ...node.begin().straightened(placed), shape, layout: permutedLayout(shape, straight(shape.length)) }
  })
}

type Rearrange = <T extends Placed>(placed: T) => T

/** A value whose elements go to other places, each for itself. */
export function rearranged(node: NodeView, x: Value, shape: readonly number[], place: Rearrange): Value {
  if (x.kind === 'activation' || x.kind === 'floats') return place(x)
  if (x.kind === 'accumulator') return { kind: 'accumulator', source: x.source, shape, emit: () => place(x.emit()) }
  if (x.kind !== 'real') throw new Refusal('its operand is unknown')
  if (x.table !== undefined) return tableReal(node, place(x.table.of), x.table.values, [x], x.table.plain)
  const { sums } = x
  const more = sums?.scales.length === 1 ? { sums: { scales: sums.scales, emit: () => place(sums.emit()) } } : {}
  return real(shape, [x], (to) => place(x.quantize(to)), more)
}
