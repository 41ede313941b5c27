/**
 * QuantizeLinear of float32 that the artifact takes as bits, DequantizeLinear into such, DynamicQuantizeLinear: exact to the bit, for scales
 * that no port has room for (several, or computed) and for types beside int8 and uint8.
 */
import { elementCount } from '../../graph.ts'
import { combined, constantValues, fixedPoint, floatsAt, orderOf } from '../classical/floats.ts'
import type { Emitter } from '../emitter.ts'
import { elementTypes, type WholeType } from '../names.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Floats, Placed, Value } from '../value.ts'
import { emitted, narrowed, number, pair, straightPlace, straightResult, straightTensor, wholeAt, widened } from './whole.ts'

const ranges: Readonly<Partial<Record<WholeType, readonly [low: number, high: number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int4: [-8, 7],
  uint4: [0, 15],
  int2: [-2, 1],
  uint2: [0, 3],
}

/** The scale or zero point of every element: of one, of an axis, or of blocks along it. */
function spread(node: NodeView, numbers: readonly number[], shape: readonly number[], x: readonly number[]): readonly number[] {
  if (numbers.length === 1) return new Array<number>(elementCount(x)).fill(numbers[0]!)
  const axis = node.axis(node.int('axis', 1), x.length)
  const block = node.int('block_size', 0)
  const sizes = block === 0 ? x.map((size, at) => (at === axis ? size : 1)) : shape
  if (block === 0 && numbers.length !== x[axis])
    throw new Refusal(`it has ${numbers.length} scales for [${x}]`, `one for each index of dimension ${axis}`)
  return Array.from({ length: elementCount(x) }, (_, at) => {
    let [rest, place, stride] = [at, 0, 1]
    for (let dimension = x.length - 1; dimension >= 0; dimension -= 1) {
      const index = rest % x[dimension]!
      const own = block > 0 && dimension === axis ? Math.floor(index / block) : sizes[dimension] === 1 ? 0 : index
      place += own * stride
      stride *= sizes[dimension]!
      rest = Math.floor(rest / x[dimension]!)
    }
    return numbers[place]!
  })
}

/** Numbers of an operand for every element of x, as a tensor of one element where they are alike. */
function spreadAt(node: NodeView, index: number, x: readonly number[]): { numbers: readonly number[]; shape: readonly number[] } {
  const all = spread(node, node.numbers(index), node.constant(index).shape, x)
  return all.every((value) => value === all[0]) ? { numbers: all.slice(0, 1), shape: x.map(() => 1) } : { numbers: all, shape: x }
}

/** Whether a QuantizeLinear or DequantizeLinear needs these forms. */
export function isBeyondPorts(node: NodeView, stored: string): boolean {
  return !['int8', 'uint8', 'int16'].includes(stored) || elementCount(node.constant(1).shape) !== 1
}

/** The type that QuantizeLinear gives. */
export function storedType(node: NodeView): string {
  if (node.has(2)) return node.constant(2).typeName
  return elementTypes[node.int('output_dtype', 2)]?.name ?? 'uint8'
}

/** saturate(rne(x / scale) + zero). */
export function quantizedBits(node: NodeView, x: Floats): Value {
  const emitter = node.begin()
  const type = storedType(node) as WholeType
  const range = ranges[type]
  if (range === undefined) throw new Refusal(`it quantizes to ${type}`, Object.keys(ranges).join(', '))
  const scales = spreadAt(node, 1, x.shape)
  const zeros = node.has(2) ? spreadAt(node, 2, x.shape) : { numbers: [0], shape: x.shape.map(() => 1) }
  const steps = fixedPoint(
    emitter,
    combined(emitter, 'div', emitter.straightened(x), constantValues(emitter, scales.shape, scales.numbers)),
    0,
  )
  return withZero(emitter, type, steps, intsOf(emitter, zeros.shape, zeros.numbers), range)
}

function intsOf(emitter: Emitter, shape: readonly number[], numbers: readonly number[]): number {
  const sizes = shape.length === 0 ? [1] : shape
  return emitter.builder.constant('zero points', 'int32', sizes, new Uint8Array(Int32Array.from(numbers).buffer))
}

/** Steps within 2^24, so that the zero point fits behind them, then the zero point and the type's own bounds. */
function withZero(
  emitter: Emitter,
  type: WholeType,
  steps: Placed,
  zero: number,
  [low, high]: readonly [low: number, high: number],
): Value {
  const within = (x: number, least: number, most: number) => {
    const bounded = emitted(emitter, 'maximum', [x, number(emitter, x, least)], 'int32')
    return emitted(emitter, 'minimum', [bounded, number(emitter, x, most)], 'int32')
  }
  const near = within(emitter.view(steps, steps.shape), -(2 ** 24), 2 ** 24)
  const y = within(pair(emitter, 'add', near, zero), low, high)
  return straightResult(type, narrowed(emitter, type, y), steps.shape)
}

/** (x − zero) · scale. */
export function dequantizedBits(node: NodeView): Value {
  const whole = wholeAt(node, 0)
  if (ranges[whole.type] === undefined && whole.type !== 'int32')
    throw new Refusal(`it dequantizes ${whole.type}`, Object.keys(ranges).join(', '))
  const emitter = node.begin()
  const scales = spreadAt(node, 1, whole.shape)
  const zeros = node.has(2) ? spreadAt(node, 2, whole.shape) : undefined
  const wide = widened(emitter, whole.type, straightTensor(emitter, whole))
  const centred = zeros === undefined ? wide : pair(emitter, 'subtract', wide, intsOf(emitter, zeros.shape, zeros.numbers))
  const floats = realBits(emitter, straightPlace(centred, whole.shape))
  return { ...combined(emitter, 'mul', floats, constantValues(emitter, scales.shape, scales.numbers)), isExact: true }
}

function realBits(emitter: Emitter, x: Placed): Floats {
  const y = emitter.place(
    emitter.builder.nodeName,
    'int32',
    x.shape,
    x.shape.map((_, at) => at),
  )
  emitter.operator('floatUnary', [x.tensor], y, { function: 2, bits: 0 })
  return { kind: 'floats', ...y }
}

/** y, its scale and its zero point, from the range of x with 0 in it. */
export const dynamicQuantizeLinear: Rule = (node) => {
  const value = node.value(0)
  const x = value.kind === 'real' && value.bits !== undefined ? node.begin().straightened(value.bits()) : floatsAt(node, 0)
  const emitter = node.begin()
  const constant = (value: number) => constantValues(emitter, [], [value])
  const high = combined(emitter, 'maximum', extreme(emitter, x, 'reduceMax'), constant(0))
  const low = combined(emitter, 'minimum', extreme(emitter, x, 'reduceMin'), constant(0))
  const scale = combined(emitter, 'div', combined(emitter, 'sub', high, low), constant(255))
  const start = combined(emitter, 'div', combined(emitter, 'sub', constant(0), low), scale)
  const bounded = combined(emitter, 'minimum', combined(emitter, 'maximum', start, constant(0)), constant(255))
  const zero = fixedPoint(emitter, bounded, 0)
  const steps = fixedPoint(emitter, combined(emitter, 'div', x, scale), 0)
  const y = withZero(emitter, 'uint8', steps, zero.tensor, [0, 255])
  return [y, { ...scale, isExact: true }, straightResult('uint8', narrowed(emitter, 'uint8', emitter.view(zero, [1])), [])]
}

/** The order of float32 is that of integers, and is its own inverse. */
function extreme(emitter: Emitter, x: Floats, name: 'reduceMax' | 'reduceMin'): Floats {
  const ordered = orderOf(emitter, x)
  const y = emitter.place(emitter.builder.nodeName, 'int32', [], [])
  emitter.operator(name, [emitter.view(ordered, x.shape)], y, { axes: 2 ** Math.max(x.shape.length, 1) - 1 })
  return { kind: 'floats', ...orderOf(emitter, { kind: 'floats', ...y }) }
}
