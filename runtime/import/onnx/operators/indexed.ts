/** Elements by index: Gather of computed indices, GatherElements, GatherND, and with constant indices ScatterElements and ScatterND. */
import { elementCount } from '../../graph.ts'
import type { Emitter } from '../emitter.ts'
import { straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, type Placed, real, type Value } from '../value.ts'
import { rearranged, shapeOf } from './shape.ts'
import { plainReal } from './table.ts'
import {
  emitted,
  isWhole,
  number,
  pair,
  straightPlace,
  straightTensor,
  type Whole,
  wholeAt,
  wholeOf,
  wholeResult,
  widened,
} from './whole.ts'

/** Indices as int32 in the graph's order: constant numbers, or a tensor. */
type Indices = { readonly shape: readonly number[] } & ({ readonly numbers: readonly number[] } | { readonly tensor: number })

function indicesAt(node: NodeView, index: number): Indices {
  const whole = wholeAt(node, index)
  if (!('placed' in whole)) return { shape: whole.shape, numbers: whole.numbers }
  return { shape: whole.shape, tensor: widened(node.begin(), whole.type, straightTensor(node.begin(), whole)) }
}

/** From 0 on: negative ones count from the end; what is computed is brought into the dimension, what is constant lies there. */
function counted(emitter: Emitter, indices: Indices, size: number): Indices {
  if ('numbers' in indices) {
    const numbers = indices.numbers.map((index) => (index < 0 ? index + size : index))
    const outside = numbers.find((index) => !(index >= 0 && index < size))
    if (outside !== undefined) throw new Refusal(`its index ${outside} lies outside a dimension of ${size}`)
    return { shape: indices.shape, numbers }
  }
  const { tensor, shape } = indices
  const of = (value: number) => number(emitter, tensor, value)
  const isNegative = emitted(emitter, 'cast', [pair(emitter, 'less', tensor, of(0))], 'int32')
  const positive = pair(emitter, 'add', tensor, pair(emitter, 'multiply', isNegative, of(size)))
  const least = emitted(emitter, 'maximum', [positive, of(0)], 'int32')
  return { shape, tensor: emitted(emitter, 'minimum', [least, of(size - 1)], 'int32') }
}

/** a · factor + b. */
function plus(emitter: Emitter, a: Indices, factor: number, b: Indices): Indices {
  if ('numbers' in a && 'numbers' in b) return { shape: a.shape, numbers: a.numbers.map((value, at) => value * factor + b.numbers[at]!) }
  const [x, y] = [tensorOf(emitter, a), tensorOf(emitter, b)]
  const scaled = factor === 1 ? x : pair(emitter, 'multiply', x, number(emitter, x, factor))
  return { shape: a.shape, tensor: pair(emitter, 'add', scaled, y) }
}

function tensorOf(emitter: Emitter, indices: Indices): number {
  if ('tensor' in indices) return indices.tensor
  const sizes = indices.shape.length === 0 ? [1] : indices.shape
  return emitter.builder.constant('indices', 'int32', sizes, new Uint8Array(Int32Array.from(indices.numbers).buffer))
}

/** Rows of x, [rows, row], by their numbers, as a value of `shape`. */
function rowsOf(node: NodeView, x: Value, row: number, indices: Indices, shape: readonly number[]): Value {
  const gathered = <T extends Placed>(placed: T): T => {
    const emitter = node.begin()
    const from = emitter.straightened(placed)
    const rows = elementCount(from.shape) / row
    const matrix = emitter.view(from, row === 1 ? [rows] : [rows, row])
    const numbers = tensorOf(emitter, indices)
    const sizes = [...emitter.builder.tensors[numbers]!.shape, ...(row === 1 ? [] : [row])]
    const { type } = emitter.builder.tensors[placed.tensor]!
    const y = emitter.builder.intermediate(node.node.outputs[0]!, type, sizes)
    emitter.builder.operator('gather', [matrix, numbers], y, { axis: 0 })
    const straightY = straightPlace(y, sizes)
    return { ...placed, ...straightPlace(emitter.view(straightY, shape), shape) }
  }
  if (x.kind === 'constant' && isWhole(x)) return constantRows(node, x, gathered)
  if (x.kind === 'weights') return weightRows(node, x, gathered)
  return rearranged(node, x, shape, gathered)
}

function constantRows(node: NodeView, x: Value, gathered: <T extends Placed>(placed: T) => T): Value {
  const whole = wholeOf(x, 'its data')
  return wholeResult(whole.type, gathered(straightPlace(straightTensor(node.begin(), whole), whole.shape)))
}

/** An embedding: rows of a quantized constant. */
function weightRows(node: NodeView, x: Extract<Value, { kind: 'weights' }>, gathered: <T extends Placed>(placed: T) => T): Value {
  const [scale, zero] = [x.scales[0]!, x.zeros[0]!]
  if (x.scales.length > 1 || x.zeros.length > 1 || x.type === 'int32')
    throw new Refusal(`its constant "${x.name}" is ${x.type} with ${x.scales.length} scales`, 'int8 or uint8 with one scale')
  const placed = gathered(straightPlace(weightTensor(node.begin(), x), x.shape))
  const quantization = { scale, zero, stored: x.type }
  const activation: Activation = { kind: 'activation', ...placed, stored: x.type, meaning: { quantization } }
  return plainReal(node, activation, quantization)
}

/** A quantized constant as a tensor in the graph's order: int16 as it is, uint8 128 less. */
function weightTensor({ builder }: Emitter, { name, type, shape, data }: Extract<Value, { kind: 'weights' }>): number {
  if (type === 'int16') return builder.constant(name, 'int16', shape, data)
  return builder.constant(name, 'int8', shape, type === 'uint8' ? data.map((value) => value ^ 0x80) : data)
}

/** Slices along one dimension by indices that the graph computes. */
export function gatherComputed(node: NodeView): Value {
  const x = node.value(0)
  const from = shapeOf(x)
  const axis = node.axis(node.int('axis', 0), from.length)
  const indices = indicesAt(node, 1)
  const shape = [...from.slice(0, axis), ...indices.shape, ...from.slice(axis + 1)]
  if (axis === 0) return rowsOf(node, x, elementCount(from.slice(1)), counted(node.begin(), indices, from[0]!), shape)
  const gathered = <T extends Placed>(placed: T): T => {
    const emitter = node.begin()
    const source = emitter.straightened(placed)
    const numbers = tensorOf(emitter, indices)
    const sizes = [...from.slice(0, axis), ...emitter.builder.tensors[numbers]!.shape, ...from.slice(axis + 1)]
    const y = emitter.builder.intermediate(node.node.outputs[0]!, emitter.builder.tensors[placed.tensor]!.type, sizes)
    emitter.builder.operator('gather', [emitter.view(source, from), numbers], y, { axis })
    return { ...placed, ...straightPlace(emitter.view(straightPlace(y, sizes), shape), shape) }
  }
  if (x.kind === 'constant' && isWhole(x)) return constantRows(node, x, gathered)
  return x.kind === 'weights' ? weightRows(node, x, gathered) : rearranged(node, x, shape, gathered)
}

/** y[i][j]… = x with the index in the place of one dimension's. */
export const gatherElements: Rule = (node) => {
  const x = node.value(0)
  const indices = indicesAt(node, 1)
  return rowsOf(node, x, 1, elementNumbers(node, indices, shapeOf(x)), indices.shape)
}

/** Numbers of the elements that indices along the attribute's dimension name. */
function elementNumbers(node: NodeView, indices: Indices, from: readonly number[]): Indices {
  const axis = node.axis(node.int('axis', 0), from.length)
  if (indices.shape.length !== from.length) throw new Refusal(`it takes indices [${indices.shape}] of [${from}]`, 'equal ranks')
  const strides = from.map((_, dimension) => elementCount(from.slice(dimension + 1)))
  const others = Array.from({ length: elementCount(indices.shape) }, (_, at) => {
    let [rest, place] = [at, 0]
    for (let dimension = from.length - 1; dimension >= 0; dimension -= 1) {
      if (dimension !== axis) place += (rest % indices.shape[dimension]!) * strides[dimension]!
      rest = Math.floor(rest / indices.shape[dimension]!)
    }
    return place
  })
  const emitter = node.begin()
  return plus(emitter, counted(emitter, indices, from[axis]!), strides[axis]!, { shape: indices.shape, numbers: others })
}

/** The last dimension of the indices names a slice. */
export const gatherND: Rule = (node) => {
  const x = node.value(0)
  const from = shapeOf(x)
  if (node.int('batch_dims', 0) !== 0) throw new Refusal(`it has ${node.int('batch_dims', 0)} batch dimensions`, 'batch_dims = 0')
  const { numbers, row, shape } = sliceNumbers(node, from)
  return rowsOf(node, x, row, numbers, [...shape, ...from.slice(from.length - tailOf(from, row))])
}

/** How many of the last dimensions make up a row. */
function tailOf(from: readonly number[], row: number): number {
  let [count, size] = [0, 1]
  while (size < row) size *= from[from.length - 1 - count++]!
  return count
}

/** Numbers of the slices that operand 1 names, and the elements of one. */
function sliceNumbers(node: NodeView, from: readonly number[]) {
  const indices = indicesAt(node, 1)
  const depth = indices.shape.at(-1) ?? 0
  if (!(depth >= 1 && depth <= from.length)) throw new Refusal(`it takes indices [${indices.shape}] of [${from}]`)
  const shape = indices.shape.slice(0, -1)
  const count = elementCount(shape)
  const emitter = node.begin()
  const column = (at: number): Indices => {
    if ('numbers' in indices) return { shape: [count], numbers: Array.from({ length: count }, (_, i) => indices.numbers[i * depth + at]!) }
    const matrix = emitter.view(straightPlace(indices.tensor, indices.shape), [count, depth])
    const y = emitter.builder.intermediate('column of indices', 'int32', [count, 1])
    emitter.builder.operator('slice', [matrix], y, { begin0: 0, stride0: 1, begin1: at, stride1: 1 })
    return { shape: [count], tensor: emitter.view(straightPlace(y, [count, 1]), [count]) }
  }
  const numbers = Array.from({ length: depth }, (_, at) => counted(emitter, column(at), from[at]!)).reduce((sum, next, at) =>
    plus(emitter, sum, from[at]!, next),
  )
  return { numbers, row: elementCount(from.slice(depth)), shape }
}

export const scatterElements: Rule = (node) => scattered(node, elementNumbers(node, indicesAt(node, 1), shapeOf(node.value(0))), 1)

export const scatterND: Rule = (node) => {
  const { numbers, row } = sliceNumbers(node, shapeOf(node.value(0)))
  return scattered(node, numbers, row)
}

/** Rows of the data, and of the updates the last that goes to each place. */
function scattered(node: NodeView, numbers: Indices, row: number): Value {
  const [x, updates] = [node.value(0), node.value(2)]
  if (node.text('reduction', 'none') !== 'none') throw new Refusal(`its reduction is ${node.text('reduction', '')}`, 'none')
  if (!('numbers' in numbers)) throw new Refusal('its indices are computed', 'constant indices')
  const shape = shapeOf(x)
  const rows = elementCount(shape) / row
  const places = straight(rows)
  for (const [update, place] of numbers.numbers.entries()) places[place] = rows + update
  const joined = (a: Placed, b: Placed): Placed => {
    const emitter = node.begin()
    const [data, news] = [a, b].map((placed) => {
      const one = emitter.straightened(placed)
      return emitter.view(one, [elementCount(one.shape) / row, row])
    })
    const total = rows + elementCount(b.shape) / row
    const { type } = emitter.builder.tensors[a.tensor]!
    const all = emitter.builder.intermediate('data and updates', type, [total, row])
    emitter.builder.operator('concat', [data!, news!], all, { axis: 0 })
    const y = emitter.builder.intermediate(node.node.outputs[0]!, type, [rows, row])
    emitter.builder.operator('gather', [all, emitter.int32s('places', places)], y, { axis: 0 })
    return straightPlace(emitter.view(straightPlace(y, [rows, row]), shape), shape)
  }
  if (isWhole(x) && isWhole(updates)) {
    const [p, q] = [wholeOf(x, 'its data'), wholeOf(updates, 'its updates')]
    if (p.type !== q.type) throw new Refusal(`it puts ${q.type} into ${p.type}`, 'one type')
    const placed = (whole: Whole) => straightPlace(straightTensor(node.begin(), whole), whole.shape)
    return wholeResult(p.type, joined(placed(p), placed(q)))
  }
  const [p, q] = [node.real(0), node.real(2)]
  return real(shape, [p, q], (to) => ({
    kind: 'activation',
    ...joined(p.quantize(to), q.quantize(to)),
    stored: to.stored,
    meaning: { quantization: to },
  }))
}
