/** ReduceMax, ReduceMin, ReduceMean, ReduceSum, ReduceProd. */
import { elementCount } from '../../graph.ts'
import type { RealScale } from '../../scales.ts'
import { permutationIn } from '../emitter.ts'
import { permutedLayout, straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, int8Zero, type Placed, type Quantization, type Real, real } from '../value.ts'
import { shapeOf } from './shape.ts'
import { plainReal } from './table.ts'
import {
  emitted,
  isUnsigned,
  isWhole,
  narrowed,
  number,
  pair,
  straightResult,
  straightTensor,
  wholeAt,
  wholeResult,
  widened,
} from './whole.ts'

/** `shape`: of the result. `kept`: its dimensions' numbers in the operand. */
type Reduction = { readonly axes: readonly number[]; readonly shape: readonly number[]; readonly keep: boolean }

/** undefined where nothing is reduced. */
function reductionOf(node: NodeView, from: readonly number[]): Reduction | undefined {
  const given = node.listed('axes', 1) ?? []
  if (given.length === 0 && node.int('noop_with_empty_axes', 0) !== 0) return undefined
  const axes = given.length === 0 ? straight(from.length) : given.map((axis) => node.axis(axis, from.length))
  const keep = node.int('keepdims', 1) !== 0
  const shape = keep ? from.map((size, axis) => (axes.includes(axis) ? 1 : size)) : from.filter((_, axis) => !axes.includes(axis))
  return { axes, shape, keep }
}

/** The operand in memory's order, the bits of its reduced dimensions, and a result in the order of those that stay. */
function arranged(node: NodeView, x: Placed, { axes, shape, keep }: Reduction, type: 'int8' | 'int32') {
  const emitter = node.begin()
  const order = permutationIn(x)
  const input = emitter.arrange(
    x,
    order.map((dimension) => [dimension]),
  )
  const bits = order.reduce((mask, dimension, place) => (axes.includes(dimension) ? mask | (1 << place) : mask), 0)
  const after = order.filter((dimension) => keep || !axes.includes(dimension))
  // Dimensions behind those that go count less.
  const renumbered = keep ? after : after.map((dimension) => dimension - axes.filter((axis) => axis < dimension).length)
  const physical = renumbered.map((dimension) => shape[dimension]!)
  const y = emitter.placeAs(node.node.outputs[0]!, type, shape, permutedLayout(shape, renumbered), physical)
  return { input, bits, y }
}

export const reduceMax = extreme('reduceMax')
export const reduceMin = extreme('reduceMin')

function extreme(name: 'reduceMax' | 'reduceMin'): Rule {
  return (node) => {
    const x = node.value(0)
    const reduction = reductionOf(node, shapeOf(x))
    if (reduction === undefined) return x
    if (isWhole(x)) return wholeExtreme(node, name, reduction)
    const from = node.real(0)
    const reduced = (activation: Activation): Activation => {
      const { input, bits, y } = arranged(node, activation, reduction, 'int8')
      node.emitter.operator(name, [input], y, { axes: bits })
      return { kind: 'activation', ...y, stored: activation.stored, meaning: activation.meaning }
    }
    const { table } = from
    if (table?.plain !== undefined) return plainReal(node, reduced(table.of), table.plain)
    // QuantizeLinear never falls, so that the largest stays the largest.
    return real(reduction.shape, [from], (to) => reduced(from.quantize(to)))
  }
}

function wholeExtreme(node: NodeView, name: 'reduceMax' | 'reduceMin', reduction: Reduction) {
  const x = wholeAt(node, 0)
  const emitter = node.begin()
  // The highest bit turned over, unsigned numbers stand in the order of signed ones.
  const ordered = (tensor: number) => (isUnsigned(x.type) ? pair(emitter, 'xor', tensor, number(emitter, tensor, -(2 ** 31))) : tensor)
  const placed = 'placed' in x && !isUnsigned(x.type) ? x.placed : straightOf(ordered(straightTensor(emitter, x)), x.shape)
  const { input, bits, y } = arranged(node, placed, reduction, emitter.builder.tensors[placed.tensor]!.type === 'int8' ? 'int8' : 'int32')
  emitter.operator(name, [input], y, { axes: bits })
  return wholeResult(x.type, { ...y, tensor: ordered(y.tensor) })
}

function straightOf(tensor: number, shape: readonly number[]): Placed {
  return { tensor, shape, layout: permutedLayout(shape, straight(shape.length)), physical: shape.length === 0 ? [1] : shape }
}

export const reduceMean: Rule = (node) => averaged(node, 'mean')
export const reduceSum: Rule = (node) => (isWhole(node.value(0)) ? accumulated(node, 0) : averaged(node, 'sum'))

export const reduceProd: Rule = (node) => {
  if (!isWhole(node.value(0))) throw new Refusal('it multiplies float32', 'Mul of its slices')
  return accumulated(node, 1)
}

/** An exact sum, requantized once. */
function averaged(node: NodeView, kind: 'mean' | 'sum') {
  const from = node.real(0)
  const reduction = reductionOf(node, from.shape)
  if (reduction === undefined) return from
  const count = elementCount(reduction.axes.map((axis) => from.shape[axis]!))
  if (count > 2 ** 22) throw new Refusal(`it sums ${count} elements`, 'at most 2^22')
  const make = (to: Quantization): Activation => {
    const { x, quantization } = plainOf(node, from)
    if (kind === 'mean') tellRounding(node)
    const { input, bits, y } = arranged(node, x, reduction, 'int8')
    const attributes = { axes: bits, xZero: int8Zero(quantization), yZero: int8Zero(to), yMin: -128, yMax: 127 }
    node.emitter.operator('mean', [input], y, attributes, [scaleOf(quantization, to, kind === 'mean' ? count : 1)])
    return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
  }
  return real(reduction.shape, [from], make)
}

function tellRounding(node: NodeView): void {
  node.tellOnce('averages: onnxruntime sums float32 values; a result on the edge between two int8 may differ')
}

function scaleOf(from: Quantization, to: Quantization, count: number): RealScale {
  return { exact: from.scale / (to.scale * count), single: Math.fround(from.scale / Math.fround(to.scale * count)) }
}

/** The Real as int8 of one scale: as it is, or by the range of its table. */
export function plainOf(node: NodeView, from: Real): { x: Activation; quantization: Quantization } {
  const { table } = from
  if (table === undefined)
    throw new Refusal('its operand is float32 that depends on more than one int8', 'QuantizeLinear and DequantizeLinear before it')
  if (table.plain !== undefined) return { x: table.of, quantization: table.plain }
  const finite = table.values.filter(Number.isFinite)
  const low = finite.reduce((least, value) => Math.min(least, value), 0)
  const high = finite.reduce((most, value) => Math.max(most, value), 0)
  const scale = Math.fround(Math.max((high - low) / 255, 2 ** -100))
  const quantization: Quantization = { scale, zero: Math.min(Math.round(-low / scale), 255), stored: 'uint8' }
  node.tellOnce('float32 that only one int8 decides is rounded to 256 steps before it is summed')
  return { x: from.quantize(quantization), quantization }
}

/** Sums (products) of whole numbers: the last of those up to each element. */
function accumulated(node: NodeView, product: 0 | 1) {
  const x = wholeAt(node, 0)
  const reduction = reductionOf(node, x.shape)
  if (reduction === undefined) return node.value(0)
  const emitter = node.begin()
  const stay = straight(x.shape.length).filter((axis) => !reduction.axes.includes(axis))
  const count = elementCount(reduction.axes.map((axis) => x.shape[axis]!))
  const rows = elementCount(x.shape) / count
  const placed = straightOf(straightTensor(emitter, x), x.shape)
  const matrix = emitter.arrange(placed, [stay, reduction.axes])
  const sums = emitted(emitter, 'scan', [widened(emitter, x.type, matrix)], 'int32', { axis: 1, product, exclusive: 0, reverse: 0 })
  const last = emitter.builder.intermediate(node.node.name, 'int32', [rows, 1])
  emitter.builder.operator('slice', [sums], last, { begin0: 0, stride0: 1, begin1: count - 1, stride1: 1 })
  const y = emitter.view(straightOf(last, [rows, 1]), reduction.shape)
  return straightResult(x.type, narrowed(emitter, x.type, y), reduction.shape)
}
