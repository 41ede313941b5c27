/** Add, Sub, Mul, Div; com.microsoft QLinearAdd, QLinearMul. */
import { elementCount } from '../../graph.ts'
import { integerEntries, quantizeMultiplier, roundHalfEven } from '../../scales.ts'
import { type Constant, numbersOf } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { dequantized, fusedMultiplyAdd, quantized } from '../float32.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import {
  type Activation,
  int8Zero,
  offset,
  type Placed,
  type Quantization,
  type Real,
  real,
  type Stored,
  type Target,
  typeBounds,
  type Value,
} from '../value.ts'
import { aligned, broadcast, constantOperand, type Operand } from './align.ts'
import { arithmetic } from './constants.ts'
import { wholeBits, wholeDivision, wholeExtremum } from './integer.ts'
import { checkLayerTypes } from './layer.ts'
import {
  type AddTerms,
  allInt8,
  type Correction,
  correctionOf,
  type Misses,
  missesOf,
  nearestAdd,
  type PairTable,
  pairTable,
  plainSum,
} from './pairs.ts'
import { weightsOf } from './quantize.ts'
import { clampedTo, tableReal } from './table.ts'
import { pairFunction } from './tabled.ts'
import { isWhole } from './whole.ts'

const f32 = Math.fround

/** Max, Min of two: QuantizeLinear grows with its operand, so that the larger stays the larger. */
export const maximum = extreme('maximum')
export const minimum = extreme('minimum')

function extreme(name: 'maximum' | 'minimum'): Rule {
  return (node) => {
    if (node.operands === 1) return node.value(0)
    if (Array.from({ length: node.operands }, (_, index) => node.value(index)).every(isWhole)) return wholeExtremum(name)(node)
    if (node.operands !== 2) throw new Refusal(`it compares ${node.operands} operands`, 'two')
    const [a, b] = [node.value(0), node.value(1)]
    const [x, constant] = a.kind === 'constant' ? [node.real(1), 0] : [node.real(0), b.kind === 'constant' ? 1 : undefined]
    if (constant !== undefined)
      return clampedTo(node, x, name === 'maximum' ? [node.number(constant), Infinity] : [-Infinity, node.number(constant)])
    const other = node.real(1)
    return real(broadcast(x.shape, other.shape), [x, other], (to) => {
      const [p, q] = [x, other].map((value): Operand => ({ shape: value.shape, quantization: to, activation: value.quantize(to) })) as [
        Operand,
        Operand,
      ]
      const { inputs, place } = aligned(node, p, q)
      const y = place(node.node.outputs[0]!)
      node.begin().operator(name, inputs, y, {})
      return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
    })
  }
}

type Kind = 'add' | 'sub' | 'mul' | 'div'

const wholes: Readonly<Record<Kind, Rule>> = {
  add: wholeBits('add'),
  sub: wholeBits('subtract'),
  mul: wholeBits('multiply'),
  div: wholeDivision('quotient'),
}

const compute: Readonly<Record<Kind, (a: number, b: number) => number>> = {
  add: (a, b) => f32(a + b),
  sub: (a, b) => f32(a - b),
  mul: (a, b) => f32(a * b),
  div: (a, b) => f32(a / b),
}

export const add = binary('add')
export const sub = binary('sub')
export const mul = binary('mul')
export const div = binary('div')

function binary(kind: Kind): Rule {
  return (node) => {
    const [a, b] = [node.value(0), node.value(1)]
    const biased = kind === 'add' ? withBias(a, b) : undefined
    if (biased !== undefined) return biased
    if (isWhole(a) && isWhole(b)) return wholes[kind](node)
    if (a.kind === 'constant' && b.kind === 'constant') return arithmetic(node, compute[kind])
    if (a.kind === 'constant' || b.kind === 'constant') return withNumber(node, kind, a, b)
    const [p, q] = [operandOf(node, 0), operandOf(node, 1)]
    const [tableA, tableB] = [tableOf(a), tableOf(b)]
    if (tableA !== undefined && tableB?.of === tableA.of && !(p && q)) {
      const values = tableA.values.map((value, index) => compute[kind](value, tableB.values[index]!))
      return tableReal(node, tableA.of, values, reals(a, b))
    }
    if (p === undefined || q === undefined || kind === 'div') return pairFunction(node, compute[kind])
    return real(broadcast(p.shape, q.shape), reals(a, b), (to) => pairOf(node, kind, p, q, to), { fusable: true })
  }
}

/** Sum of two operands; onnxruntime never fuses it. */
export const sum: Rule = (node) => {
  if (node.operands === 1) return node.value(0)
  if (node.operands !== 2) throw new Refusal(`it adds ${node.operands} operands`, 'Add of two')
  const added = add(node)
  if (!('kind' in added) || added.kind !== 'real' || added.table !== undefined) return added
  return real(added.shape, [added], (to) => added.quantize({ ...to, separate: true }))
}

/** a, a scale, a zero, b, b scale, b zero, y scale, y zero. */
export const qlinearAdd = qlinear('add')
export const qlinearMul = qlinear('mul')

function qlinear(kind: 'add' | 'mul'): Rule {
  return (node) => {
    const operand = (index: number): Operand => {
      const x = node.value(index)
      const quantization = node.quantization(index + 1)
      if (x.kind === 'constant') return constantOperand(weightsOf(node, index, index + 1))
      const activation = node.activation(index)
      activation.meaning.quantization ??= quantization
      return { shape: activation.shape, quantization, activation }
    }
    return pairOf(node, kind, operand(0), operand(3), node.quantization(6))
  }
}

function operandOf(node: NodeView, index: number): Operand | undefined {
  const value = node.value(index)
  if (value.kind === 'real' && value.table?.plain !== undefined)
    return { shape: value.shape, quantization: value.table.plain, activation: value.table.of }
  if (value.kind !== 'weights' || value.type === 'int32' || value.scales.length > 1) return undefined
  return constantOperand(value)
}

/** Everything that one Target asks: the pairs' table, the operator nearest to it, and what puts it right. */
function pairOf(node: NodeView, kind: 'add' | 'sub' | 'mul', a: Operand, b: Operand, to: Target): Activation {
  if ([a.quantization, b.quantization, to].some(({ stored }) => stored === 'int16')) return widePair(node, kind, a, b, to)
  const fused = !to.separate && kind !== 'sub' && a.quantization.stored === to.stored && b.quantization.stored === to.stored
  const expected = fused ? kernel(kind, a, b, to) : separate(kind, a.quantization, b.quantization, to)
  const table = pairTable(codes(a), codes(b), expected)
  const zeros = { aZero: int8Zero(a.quantization), bZero: int8Zero(b.quantization), yZero: int8Zero(to) }
  const [p, q, s] = [a.quantization.scale, b.quantization.scale, to.scale]
  const emitter = node.begin()
  const { inputs, place } = aligned(node, a, b)
  const y = place(node.node.outputs[0]!)
  const result: Activation = { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
  const nearest =
    kind === 'mul'
      ? nearestMul(table, f32(f32(p * q) / s), zeros)
      : nearestAdd(table, f32(p / s), f32((kind === 'sub' ? -q : q) / s), zeros)
  const misses = node.scope.plainest ? [] : nearest?.misses
  const correction = misses === undefined ? undefined : correctionOf(misses)
  // Scales too far apart for the operator, or too many pairs to put right.
  if (nearest === undefined || misses === undefined || correction === undefined) {
    const pairs = emitter.builder.constant(`table of ${node.node.name}`, 'int8', [256, 256], new Uint8Array(table.values.buffer))
    emitter.operator('lookupPair', [...inputs, pairs], y, {})
    return result
  }
  const base = misses.length === 0 ? y : place(node.node.outputs[0]!)
  if ('terms' in nearest) emitAdd(emitter, inputs, base, nearest.terms)
  else emitter.operator('mul', inputs, base, { ...zeros, yMin: -128, yMax: 127 }, [{ exact: nearest.scale, single: nearest.scale }])
  if (misses.length > 0) emitCorrection(emitter, inputs, base, y, place('number of the pair'), correction)
  return result
}

/** On int16: requantizations in integer form, as TFLite has them (docs/arithmetic.md, "int16 activations"). */
function widePair(node: NodeView, kind: 'add' | 'sub' | 'mul', a: Operand, b: Operand, to: Quantization): Activation {
  checkLayerTypes(a.quantization, to)
  const [p, q, s] = [a.quantization.scale, b.quantization.scale, to.scale]
  const twice = 2 * Math.max(p, q)
  const scales = kind === 'mul' ? [(p * q) / s] : [p / twice, q / twice, twice / (2 ** 15 * s)]
  // The sum has 15 more bits, and its multiplier no room for more than 1.
  if (kind !== 'mul' && scales[2]! > 1 - 2 ** -31)
    throw new Refusal('the scale of its result is more than 2^14 times smaller than that of an operand', 'scales closer to each other')
  const emitter = node.begin()
  const { inputs, place } = aligned(node, a, b)
  const y = place(node.node.outputs[0]!)
  const attributes = { aZero: 0, bZero: 0, yZero: 0, ...typeBounds('int16') }
  emitter.builder.operator(kind, inputs, y.tensor, attributes, integerEntries(scales.map(quantizeMultiplier)))
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}

type Zeros = Pick<AddTerms, 'aZero' | 'bZero' | 'yZero'>

function nearestMul(table: PairTable, scale: number, { aZero, bZero, yZero }: Zeros): { scale: number; misses: Misses } {
  const product = (a: number, b: number) => quantized(f32((a - aZero) * (b - bZero) * scale), 1, yZero, -128, 127)
  return { scale, misses: missesOf(table, product) }
}

function emitAdd(emitter: Emitter, inputs: number[], y: Placed, { kA, kB, shift, ...zeros }: AddTerms): void {
  const entries = { multipliers: [kA >>> 0, kB >>> 0], shifts: [shift] }
  emitter.builder.operator('add', inputs, y.tensor, { ...zeros, yMin: -128, yMax: 127 }, entries)
}

/** y = base, but for the numbered pairs. */
function emitCorrection(emitter: Emitter, inputs: number[], base: Placed, y: Placed, pair: Placed, correction: Correction): void {
  const lookup = (input: number, values: Int8Array, name: string): number => {
    const { type, shape } = emitter.builder.tensors[input]!
    const looked = emitter.builder.intermediate(name, type, shape)
    emitter.builder.operator('lookup', [input, emitter.table(values)], looked)
    return looked
  }
  emitAdd(emitter, [lookup(inputs[0]!, correction.ofA, 'number of a'), lookup(inputs[1]!, correction.ofB, 'number of b')], pair, plainSum)
  emitAdd(emitter, [base.tensor, lookup(pair.tensor, correction.differences, 'difference')], y, plainSum)
}

/** int8 that an operand can have. */
function codes(operand: Operand): readonly number[] {
  if ('activation' in operand) return allInt8
  return [...new Set(Int8Array.from(operand.data))].sort((a, b) => a - b)
}

const least: Readonly<Record<Stored, number>> = { int8: -128, uint8: 0, int16: -(2 ** 15) }

/** Two kernels of float32, DequantizeLinear before and QuantizeLinear after. */
function separate(kind: Kind, a: Quantization, b: Quantization, to: Quantization): (a: number, b: number) => number {
  const real = (q: number, { scale, zero, stored }: Quantization) => dequantized(q + offset(stored), scale, zero)
  const low = least[to.stored]
  return (p, q) => quantized(compute[kind](real(p, a), real(q, b)), to.scale, to.zero, low, low + 255) - offset(to.stored)
}

/**
 * onnxruntime's kernels of x86 processors with AVX2 (MlasQLinearAdd, MlasQLinearMul), which add the zero point before they round. The sum
 * is two fused multiply-adds onto a constant; an operand that the kernel sees as one number is part of that constant.
 */
function kernel(kind: Kind, a: Operand, b: Operand, to: Quantization): (a: number, b: number) => number {
  const shift = offset(to.stored)
  const low = least[to.stored]
  const rounded = (value: number) => Math.min(Math.max(roundHalfEven(value), low), low + 255) - shift
  const [{ scale: sA, zero: zA }, { scale: sB, zero: zB }] = [a.quantization, b.quantization]
  if (kind === 'mul') {
    const scale = f32(f32(sA * sB) / to.scale)
    return (p, q) => rounded(f32(f32((p + shift - zA) * (q + shift - zB) * scale) + to.zero))
  }
  const [rA, rB] = [f32(sA / to.scale), f32(sB / to.scale)]
  const fixed = f32(to.zero - fusedMultiplyAdd(rA, zA, f32(rB * zB)))
  if (isScalar(a, b)) return (p, q) => rounded(fusedMultiplyAdd(q + shift, rB, fusedMultiplyAdd(p + shift, rA, fixed)))
  return (p, q) => rounded(fusedMultiplyAdd(p + shift, rA, fusedMultiplyAdd(q + shift, rB, fixed)))
}

/** Whether the first operand is one number along the last dimension that is no 1. */
function isScalar(a: Operand, b: Operand): boolean {
  const shape = broadcast(a.shape, b.shape)
  const last = shape.findLastIndex((size) => size > 1)
  return last >= 0 && (a.shape[last - shape.length + a.shape.length] ?? 1) === 1
}

/** The sums of a layer with one constant more for each output channel; undefined where that is not what is added. */
function withBias(a: Value, b: Value): Value | undefined {
  const [sums, bias] = b.kind === 'constant' ? [a, b] : [b, a]
  if (sums.kind !== 'accumulator' || sums.plus === undefined || bias.kind !== 'constant' || bias.type !== 'int32') return undefined
  const numbers = numbersOf(bias)!
  const units = sums.shape.at(-1)!
  if (bias.shape.length > sums.shape.length || bias.shape.at(-1) !== numbers.length || (numbers.length !== units && numbers.length !== 1))
    return undefined
  return sums.plus(numbers.length === units ? numbers : new Array<number>(units).fill(numbers[0]!))
}

/** A float operator with one number. */
function withNumber(node: NodeView, kind: Kind, a: Value, b: Value): Real {
  const [x, constant, first] = a.kind === 'constant' ? [b, a, true] : [a, b as Constant, false]
  const table = tableOf(x)
  const isNumber = elementCount(constant.shape) === 1 && constant.shape.length <= (x.kind === 'real' ? x.shape.length : 0)
  if (table === undefined || !isNumber) return pairFunction(node, compute[kind])
  const number = node.number(first ? 0 : 1)
  return tableReal(
    node,
    table.of,
    table.values.map((value) => (first ? compute[kind](number, value) : compute[kind](value, number))),
    reals(x),
  )
}

function tableOf(value: Value): Real['table'] {
  return value.kind === 'real' ? value.table : undefined
}

function reals(...values: readonly Value[]): Real[] {
  return values.filter((value) => value.kind === 'real')
}
