/** Shape arithmetic: operators on constants become constants. */
import { elementCount, graphTypeBytes } from '../../graph.ts'
import { type Constant, constantOf, type NumericType, numbersOf, pickedBytes } from '../constant.ts'
import { elementTypes, wholeTypes } from '../names.ts'
import { type NodeView, type Rule, typeNameOf } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { pieceOf } from './piece.ts'
import { shapeOf } from './shape.ts'

/** Constants that are computed are shapes and the like; larger ones belong into the file. */
const mostElements = 2 ** 22

export const constant: Rule = (node) => {
  const { attributes } = node.node
  const value = attributes.get('value')
  if (typeof value === 'object' && 'kind' in value) return value
  for (const [name, type] of [
    ['value_float', 'float32'],
    ['value_floats', 'float32'],
    ['value_int', 'int64'],
    ['value_ints', 'int64'],
  ] as const) {
    const numbers = attributes.get(name)
    if (typeof numbers === 'number') return constantOf(node.node.name, type, [], [numbers])
    if (Array.isArray(numbers)) return constantOf(node.node.name, type, [numbers.length], numbers as number[])
  }
  throw new Refusal('it holds no tensor and no numbers', 'a constant tensor')
}

export const shape: Rule = (node) => {
  const sizes = shapeOf(node.value(0))
  return int64s(node, sizes.slice(node.int('start', 0), node.int('end', sizes.length)))
}

export const size: Rule = (node) => constantOf(node.node.name, 'int64', [], [elementCount(shapeOf(node.value(0)))])

export const constantOfShape: Rule = (node) => {
  const sizes = node.numbers(0)
  const value = node.node.attributes.get('value')
  const filling = typeof value === 'object' && 'kind' in value ? value : constantOf('', 'float32', [1], [0])
  if (sizes.some((length) => length < 0) || !(elementCount(sizes) <= mostElements))
    throw new Refusal(`it makes a constant of shape [${sizes}]`)
  return {
    ...filling,
    name: node.node.name,
    shape: sizes,
    data: pickedBytes(filling.data, graphTypeBytes[filling.type], new Int32Array(elementCount(sizes))),
  }
}

export function constantGather(node: NodeView): Constant {
  const x = node.constant(0)
  const axis = node.axis(node.int('axis', 0), x.shape.length)
  const indices = node.constant(1)
  const length = x.shape[axis]!
  const picked = node.numbers(1).map((index) => (index < 0 ? index + length : index))
  if (picked.some((index) => !(Number.isInteger(index) && index >= 0 && index < length)))
    throw new Refusal(`it gathers [${picked}] of ${length}`)
  return selected(node, x, axis, picked, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)])
}

export function constantSlice(node: NodeView): Constant {
  const x = node.constant(0)
  const starts = node.listed('starts', 1) ?? []
  const ends = node.listed('ends', 2) ?? []
  const axes = (node.listed('axes', 3) ?? [...starts.keys()]).map((axis) => node.axis(axis, x.shape.length))
  const steps = node.has(4) ? node.numbers(4) : axes.map(() => 1)
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    throw new Refusal(`it slices [${x.shape}] from [${starts}] to [${ends}]`)
  let result = x
  for (const [at, axis] of axes.entries()) {
    const length = result.shape[axis]!
    const picked = sliced(length, starts[at]!, ends[at]!, steps[at]!)
    result = selected(
      node,
      result,
      axis,
      picked,
      result.shape.map((sizes, dimension) => (dimension === axis ? picked.length : sizes)),
    )
  }
  return result
}

function sliced(length: number, start: number, end: number, step: number): number[] {
  const { begin, stride, size: count } = pieceOf(length, start, end, step)
  return Array.from({ length: count }, (_, index) => begin + index * stride)
}

/** The indices of one dimension. */
function selected(node: NodeView, x: Constant, axis: number, indices: readonly number[], sizes: readonly number[]): Constant {
  const [outer, inner] = [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis + 1))]
  if (!(outer * inner * indices.length <= mostElements)) throw new Refusal(`it makes a constant of shape [${sizes}]`)
  const elements = new Int32Array(outer * indices.length * inner)
  let at = 0
  for (let row = 0; row < outer; row += 1)
    for (const index of indices)
      for (let column = 0; column < inner; column += 1) elements[at++] = (row * x.shape[axis]! + index) * inner + column
  return { ...x, name: node.node.name, shape: [...sizes], data: pickedBytes(x.data, bytesOf(x), elements) }
}

export function concatConstants(node: NodeView, constants: readonly Constant[]): Constant {
  const first = constants[0]!
  const axis = node.axis(node.int('axis', 0), first.shape.length)
  if (
    constants.some(
      ({ type, shape: sizes }) =>
        type !== first.type || sizes.length !== first.shape.length || sizes.some((length, at) => at !== axis && length !== first.shape[at]),
    )
  )
    throw new Refusal(`it joins constants of ${constants.map((value) => `${value.typeName} [${value.shape}]`).join(', ')}`)
  const sizes = first.shape.map((length, at) => (at === axis ? constants.reduce((sum, value) => sum + value.shape[axis]!, 0) : length))
  if (!(elementCount(sizes) <= mostElements)) throw new Refusal(`it makes a constant of shape [${sizes}]`)
  const outer = elementCount(first.shape.slice(0, axis))
  const data = new Uint8Array(elementCount(sizes) * bytesOf(first))
  let at = 0
  for (let row = 0; row < outer; row += 1)
    for (const value of constants) {
      const length = value.data.length / outer
      data.set(value.data.subarray(row * length, (row + 1) * length), at)
      at += length
    }
  return { ...first, name: node.node.name, shape: sizes, data }
}

/** Arithmetic of two float32 constants, broadcast where one of them has one element. */
export function arithmetic(node: NodeView, compute: (a: number, b: number) => number): Constant {
  const [a, b] = [node.constant(0), node.constant(1)]
  const [x, y] = [node.numbers(0), node.numbers(1)]
  if (a.type !== b.type || (x.length !== 1 && y.length !== 1 && a.shape.join() !== b.shape.join()))
    throw new Refusal(
      `it computes with constants of ${a.typeName} [${a.shape}] and ${b.typeName} [${b.shape}]`,
      'equal types and shapes, or one number',
    )
  if (a.type !== 'float32') throw new Refusal(`it computes with constants of ${a.typeName}`, 'whole numbers or float32')
  const larger = y.length > x.length ? b : a
  const values = Array.from({ length: Math.max(x.length, y.length) }, (_, index) =>
    compute(x[x.length === 1 ? 0 : index]!, y[y.length === 1 ? 0 : index]!),
  )
  return constantOf(node.node.name, 'float32', a.shape.length > larger.shape.length ? a.shape : larger.shape, values)
}

function int64s(node: NodeView, values: readonly number[]): Constant {
  return constantOf(node.node.name, 'int64', [values.length], values)
}

function bytesOf(constant: Constant): number {
  if (numbersOf({ ...constant, data: new Uint8Array() }) === undefined)
    throw new Refusal(`it computes with a constant of ${constant.typeName}`)
  return graphTypeBytes[constant.type]
}

/** Numbers from a start up to a limit, by steps. */
export const range: Rule = (node) => {
  const [start, limit, delta] = [node.number(0), node.number(1), node.number(2)]
  const count = Math.max(Math.ceil((limit - start) / delta), 0)
  if (!(count <= mostElements)) throw new Refusal(`it counts from ${start} to ${limit} by ${delta}`, 'at most 2^22 numbers')
  const { type } = node.constant(0)
  if (type !== 'float32' && type !== 'int16' && type !== 'int32' && type !== 'int64')
    throw new Refusal(`it counts by ${node.constant(0).typeName}`, 'int16, int32, int64 or float32')
  return constantOf(
    node.node.name,
    type,
    [count],
    Array.from({ length: count }, (_, step) => start + step * delta),
  )
}

/** Ones on a diagonal of a matrix that has the operand's shape. */
export const eyeLike: Rule = (node) => {
  const x = node.value(0)
  const sizes = shapeOf(x)
  if (sizes.length !== 2 || !(elementCount(sizes) <= mostElements)) throw new Refusal(`it is like [${sizes}]`, 'a matrix')
  const wanted = elementTypes[node.int('dtype', 0)]?.name ?? typeNameOf(x)
  const type = ([...wholeTypes, 'float32'] as const).find((known) => known === wanted)
  if (type === undefined) throw new Refusal(`it makes a matrix of ${wanted}`, 'float32 or whole numbers')
  const [rows, columns] = sizes as [number, number]
  const above = node.int('k', 0)
  const ones = Array.from({ length: rows * columns }, (_, at) => Number((at % columns) - Math.floor(at / columns) === above))
  return constantOf(node.node.name, type, sizes, ones)
}

/** Whether an optional operand is there: a graph of tensors has them or has not. */
export const hasElement: Rule = (node) => constantOf(node.node.name, 'bool', [], [Number(node.has(0))])

/** Where a constant is not 0: a row of indices for each of its dimensions. */
export const nonZero: Rule = (node) => {
  const { shape: sizes } = node.constant(0)
  const places = node.numbers(0).flatMap((value, at) => (value === 0 ? [] : [at]))
  const rows = sizes.map((size, axis) => places.map((at) => Math.floor(at / elementCount(sizes.slice(axis + 1))) % size))
  return constantOf(node.node.name, 'int64', [sizes.length, places.length], rows.flat())
}

/** The different numbers of a constant, where each stands first, which one each is, and how often it occurs. */
export const unique: Rule = (node) => {
  if (node.node.attributes.has('axis')) throw new Refusal('it compares slices', 'Unique without an axis')
  const values = node.numbers(0)
  const distinct = [...new Set(values)]
  if (node.int('sorted', 1) !== 0) distinct.sort((a, b) => a - b)
  const { type, typeName } = node.constant(0)
  const known = ([...wholeTypes, 'float32'] as const).find((name) => name === type)
  if (known === undefined) throw new Refusal(`its operand is ${typeName}`, 'float32 or whole numbers')
  const list = (name: NumericType, numbers: readonly number[]) => constantOf(node.node.name, name, [numbers.length], numbers)
  return [
    list(known, distinct),
    list(
      'int64',
      distinct.map((value) => values.indexOf(value)),
    ),
    list(
      'int64',
      values.map((value) => distinct.indexOf(value)),
    ),
    list(
      'int64',
      distinct.map((value) => values.filter((other) => other === value).length),
    ),
  ]
}
