/** Operators of the artifact over float32 bits (docs/arithmetic.md, "Float32 tensors"). */
import { numbersOf } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { permutedLayout, straight } from '../layout.ts'
import { describe, type NodeView } from '../node.ts'
import { isUnsigned, widened } from '../operators/whole.ts'
import { Refusal } from '../refusal.ts'
import type { Accumulator, Floats, Placed } from '../value.ts'

/** In the order of the attribute `function` of floatBinary. */
const pairs = ['add', 'sub', 'mul', 'div', 'minimum', 'maximum', 'otherwise'] as const
export type Pair = (typeof pairs)[number]

/** In the order of the attribute `function` of floatUnary. */
const functions = ['order', 'toInteger', 'fromInteger', 'logistic', 'exponential'] as const

/** In the order of the attribute `norm` of floatNormalize. */
const norms = ['largest', 'magnitudes', 'squares', 'softmax'] as const

/** An int32 tensor of a shape, row-major. */
export function ints(emitter: Emitter, shape: readonly number[]): Placed {
  return emitter.place(emitter.builder.nodeName, 'int32', shape, straight(shape.length))
}

export function constantInts(emitter: Emitter, shape: readonly number[], values: readonly number[]): number {
  const sizes = shape.length === 0 ? [1] : shape
  return emitter.builder.constant(`constant of ${emitter.builder.nodeName}`, 'int32', sizes, bytesOf(Int32Array.from(values)))
}

/** Float32 constants, each number rounded to the nearest. */
export function constantFloats(emitter: Emitter, shape: readonly number[], values: readonly number[]): number {
  const sizes = shape.length === 0 ? [1] : shape
  return emitter.builder.constant(`constant of ${emitter.builder.nodeName}`, 'int32', sizes, bytesOf(Float32Array.from(values)))
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer)
}

/** An operand as float32 bits in the graph's order: integers that the graph computes are converted, constants become tensors. */
export function floatsAt(node: NodeView, index: number): Floats {
  const value = node.value(index)
  if (value.kind === 'floats') return node.begin().straightened(value)
  if (value.kind === 'accumulator' && !isUnsigned(value.source)) return fromIntegers(node.begin(), value)
  const numbers = value.kind === 'constant' ? numbersOf(value) : undefined
  if (value.kind !== 'constant' || numbers === undefined)
    throw new Refusal(`operand ${index} is ${describe(value)}`, 'float32 that the graph computes')
  return constantValues(node.begin(), value.shape, numbers)
}

/** Constant float32. */
export function constantValues(emitter: Emitter, shape: readonly number[], numbers: readonly number[]): Floats {
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0)
  return { kind: 'floats', ...placeOf(shape), tensor: constantFloats(emitter, shape, numbers), largest }
}

/** As floatsAt, as a matrix [N,F]. One row of numbers is [1,F]. */
export function rowsAt(node: NodeView, index: number): Floats {
  const x = floatsAt(node, index)
  if (x.shape.length === 2) return x
  if (x.shape.length !== 1) throw new Refusal(`operand ${index} has the shape [${x.shape}]`, 'rows of features, [N,F]')
  return viewed(node.emitter, x, [1, x.shape[0]!])
}

export function viewed<T extends Placed>(emitter: Emitter, x: T, shape: readonly number[]): T {
  const tensor = emitter.view(x, shape)
  return { ...x, ...placeOf(shape), tensor }
}

/** Where a row-major tensor of a shape lies, but for the tensor itself. */
function placeOf(shape: readonly number[]): Omit<Placed, 'tensor'> {
  return { shape, physical: shape.length === 0 ? [1] : shape, layout: permutedLayout(shape, straight(shape.length)) }
}

function fromIntegers(emitter: Emitter, { source, emit }: Accumulator): Floats {
  const x = emitter.straightened(emit())
  const tensor = widened(emitter, source, emitter.view(x, x.shape))
  return { kind: 'floats', ...applied(emitter, { ...placeOf(x.shape), tensor }, 'fromInteger', 0) }
}

function applied(emitter: Emitter, x: Placed, name: (typeof functions)[number], bits: number): Placed {
  const y = ints(emitter, x.shape)
  emitter.operator('floatUnary', [emitter.view(x, x.shape)], y, { function: functions.indexOf(name), bits })
  return y
}

export function orderOf(emitter: Emitter, x: Floats): Placed {
  return applied(emitter, x, 'order', 0)
}

/** Integers with so many bits behind the point. */
export function fixedPoint(emitter: Emitter, x: Floats, bits: number): Placed {
  return applied(emitter, emitter.straightened(x), 'toInteger', bits)
}

export function logistic(emitter: Emitter, x: Floats): Floats {
  return { kind: 'floats', ...applied(emitter, x, 'logistic', 0), largest: 1 }
}

export function exponential(emitter: Emitter, x: Floats): Floats {
  return { kind: 'floats', ...applied(emitter, x, 'exponential', 0) }
}

/** Along the last dimension. */
export function normalized(emitter: Emitter, x: Floats, norm: (typeof norms)[number]): Floats {
  const y = ints(emitter, x.shape)
  emitter.operator('floatNormalize', [emitter.view(x, x.shape)], y, { norm: norms.indexOf(norm) })
  return { kind: 'floats', ...y, ...(norm === 'largest' ? {} : { largest: 1 }) }
}

export function combined(emitter: Emitter, kind: Pair, a: Floats, b: Floats): Floats {
  const shape = broadcast(a.shape, b.shape)
  const y = ints(emitter, shape)
  const operands = [a, b].map((operand) => emitter.view(operand, operand.shape))
  emitter.operator('floatBinary', operands, y, { function: pairs.indexOf(kind) })
  return { kind: 'floats', ...y, ...largestOf(kind, a, b) }
}

function largestOf(kind: Pair, { largest: a }: Floats, { largest: b }: Floats): { largest?: number } {
  if (a === undefined || b === undefined || kind === 'div') return {}
  return { largest: kind === 'mul' ? a * b : kind === 'add' || kind === 'sub' ? a + b : Math.max(a, b) }
}

/** Combined with one number. */
export function withNumber(emitter: Emitter, kind: Pair, x: Floats, number: number, side: 'left' | 'right' = 'right'): Floats {
  const scalar = constantValues(emitter, [1], [number])
  return side === 'left' ? combined(emitter, kind, scalar, x) : combined(emitter, kind, x, scalar)
}

export function negated(emitter: Emitter, x: Floats): Floats {
  return { ...withNumber(emitter, 'mul', x, -1), ...(x.largest === undefined ? {} : { largest: x.largest }) }
}

/** The tensors one behind the other along the last dimension. */
export function joined(emitter: Emitter, parts: readonly Floats[]): Floats {
  const [first] = parts
  if (first === undefined) throw new Refusal('it joins nothing')
  const axis = first.shape.length - 1
  const shape = [...first.shape.slice(0, -1), parts.reduce((sum, part) => sum + part.shape.at(-1)!, 0)]
  const y = ints(emitter, shape)
  emitter.operator(
    'concat',
    parts.map((part) => part.tensor),
    y,
    { axis },
  )
  const bounds = parts.map(({ largest }) => largest)
  return { kind: 'floats', ...y, ...(bounds.includes(undefined) ? {} : { largest: Math.max(...(bounds as number[])) }) }
}

/** y = x · weightsᵀ + bias; weights [O,F] row-major. */
export function linear(emitter: Emitter, x: Floats, weights: readonly number[], bias: readonly number[]): Floats {
  const [rows, features] = x.shape as [number, number]
  const y = ints(emitter, [rows, bias.length])
  const constants = [constantFloats(emitter, [bias.length, features], weights), constantFloats(emitter, [bias.length], bias)]
  emitter.operator('floatLinear', [x.tensor, ...constants], y, {})
  return { kind: 'floats', ...y }
}

/** As in NumPy. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const aligned = (shape: readonly number[], axis: number) => shape[axis - rank + shape.length] ?? 1
  return straight(rank).map((axis) => {
    const [x, y] = [aligned(a, axis), aligned(b, axis)]
    if (x !== y && x !== 1 && y !== 1) throw new Refusal(`its operands are [${a}] and [${b}]`, 'shapes that broadcast')
    return Math.max(x, y)
  })
}

export function checkFinite(what: string, values: readonly number[]): void {
  const wrong = values.find((value) => !Number.isFinite(Math.fround(value)))
  if (wrong !== undefined) throw new Refusal(`its ${what} have the value ${wrong}`, 'finite float32 numbers')
}

export function checkCount(what: string, values: readonly unknown[], wanted: number): void {
  if (values.length !== wanted) throw new Refusal(`it has ${values.length} ${what}`, `${wanted}`)
}
