/** float32 that is a function of one int8, computed or constant: what a table of one or two int8 can be made of. */
import { numbersOf } from '../constant.ts'
import { dequantized } from '../float32.ts'
import { describe, type NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { offset, type Real, real, type Stored, type Value, type Weights } from '../value.ts'
import { broadcast } from './align.ts'
import { codeOf } from './table.ts'
import { emitted, together, type Whole } from './whole.ts'

/** `values[q + 128]` for the int8 q of `whole`. */
export type Tabled = { readonly whole: Whole; readonly values: Float32Array }

const separate = 'QuantizeLinear and DequantizeLinear before it'

export function tabled(node: NodeView, index: number): Tabled {
  const value = node.value(index)
  if (value.kind === 'real') {
    if (value.table === undefined) throw new Refusal('its operand is float32 that depends on more than one int8', separate)
    if (value.table.of.stored === 'int16') throw new Refusal('its operand is a function of one int16', 'int8 or uint8')
    return { whole: { type: 'int8', shape: value.shape, placed: value.table.of }, values: value.table.values }
  }
  const numbers = floatNumbers(value)
  if (numbers === undefined || !('shape' in value))
    throw new Refusal(`operand ${index} ("${node.node.inputs[index]}") is ${describe(value)}`, 'float32')
  const distinct = [...new Set(numbers)]
  if (distinct.length > 256)
    throw new Refusal(`its constant "${node.node.inputs[index]}" has ${distinct.length} numbers`, 'at most 256 different ones')
  const codes = new Map(distinct.map((number, at) => [number, at - 128]))
  const whole: Whole = {
    type: 'int8',
    shape: value.shape,
    name: node.node.inputs[index]!,
    numbers: numbers.map((number) => codes.get(number)!),
  }
  return { whole, values: Float32Array.from({ length: 256 }, (_, at) => distinct[at] ?? distinct[0] ?? 0) }
}

/** The numbers of a float32 constant, quantized or not. */
export function floatNumbers(value: Value): number[] | undefined {
  if (value.kind === 'constant') return value.type === 'float32' ? numbersOf(value) : undefined
  return value.kind === 'weights' ? weightNumbers(value) : undefined
}

function weightNumbers({ name, type, shape, data, scales, zeros, axis }: Weights): number[] {
  const stored = numbersOf({ kind: 'constant', name, type, typeName: type, shape: [...shape], data })!
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  return stored.map((value, at) => {
    const channel = scales.length === 1 && zeros.length === 1 ? 0 : Math.floor(at / inner) % (shape[axis] ?? 1)
    return dequantized(value, scales[scales.length === 1 ? 0 : channel]!, zeros[zeros.length === 1 ? 0 : channel]!)
  })
}

/** A tensor of table[a][b] for the operands 0 and 1; `entry` gives what the artifact's int8 is for two of their values. */
export function lookedUpPair(node: NodeView, a: Tabled, b: Tabled, entry: (a: number, b: number) => number) {
  const emitter = node.begin()
  const { tensors, ...more } = together(node, [a.whole, b.whole])
  const table = new Int8Array(65536)
  for (const [i, left] of a.values.entries()) for (const [j, right] of b.values.entries()) table[i * 256 + j] = entry(left, right)
  const constant = emitter.builder.constant(`table of ${emitter.builder.nodeName}`, 'int8', [256, 256], new Uint8Array(table.buffer))
  return { tensor: emitted(emitter, 'lookupPair', tensors, 'int8', {}, [constant]), ...more }
}

/** A float32 function of two operands, exact: every pair of int8 is computed at the import. */
export function pairFunction(node: NodeView, compute: (a: number, b: number) => number): Real {
  const [a, b] = [tabled(node, 0), tabled(node, 1)]
  const from = [node.value(0), node.value(1)].filter((value) => value.kind === 'real')
  return real(broadcast(a.whole.shape, b.whole.shape), from, (to) => {
    if (to.stored === 'int16') throw new Refusal('its result is int16', 'int8 or uint8')
    const { tensor, place } = lookedUpPair(node, a, b, (left, right) => codeOf(finite(compute(left, right)), to))
    return { kind: 'activation', ...place(tensor), stored: to.stored, meaning: { quantization: to } }
  })
}

/** QuantizeLinear of NaN is 0 here: what the standard leaves open. */
function finite(value: number): number {
  return Number.isNaN(value) ? 0 : value
}

/** The numbers of a constant by a scale, as stored. */
export function storedNumbers(numbers: readonly number[], to: { scale: number; zero: number; stored: Stored }): number[] {
  return numbers.map((number) => codeOf(number, to) + offset(to.stored))
}
