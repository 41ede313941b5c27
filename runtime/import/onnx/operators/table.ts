/** Functions of one number: float operators between DequantizeLinear and QuantizeLinear become one table. */
import { erfc, exp, logistic, tanh } from '../../exact.ts'
import { dequantized, quantized } from '../float32.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import {
  type Activation,
  int8Zero,
  offset,
  type Quantization,
  type Real,
  type RealTable,
  real,
  sameQuantization,
  type Target,
  typeBounds,
} from '../value.ts'

import { wholeAbsolute, wholeClip, wholeNegative, wholeSign } from './integer.ts'
import { isWhole } from './whole.ts'

const f32 = Math.fround

/** DequantizeLinear of an activation. */
export function plainReal(node: NodeView, x: Activation, quantization: Quantization): Real {
  x.meaning.quantization ??= quantization
  const { scale, zero, stored } = quantization
  const half = stored === 'int16' ? 2 ** 15 : 128
  const values = Float32Array.from({ length: 2 * half }, (_, index) => dequantized(index - half + offset(stored), scale, zero))
  return tableReal(node, x, values, [], quantization)
}

export function tableReal(node: NodeView, of: Activation, values: Float32Array, from: readonly Real[], plain?: Quantization): Real {
  const approximate = from.some(({ table }) => table?.approximate)
  return lookedUp(node, { of, values, ...(plain === undefined ? {} : { plain }), ...(approximate ? { approximate } : {}) }, from)
}

function lookedUp(node: NodeView, table: RealTable, from: readonly Real[]): Real {
  const quantize = (to: Target) => {
    if (table.plain !== undefined && (table.of.stored === 'int16' || to.stored === 'int16'))
      return requantized(node, table.of, table.plain, to)
    if (table.approximate) tellEdges(node, table.values, to)
    return node.begin().lookup(table.of, codesOf(table.values, to), to)
  }
  return real(table.of.shape, from, quantize, { table })
}

/** onnxruntime's approximations err by a few float32 units: enough to cross an edge between two int8 that a value lies on. */
function tellEdges(node: NodeView, values: Float32Array, { scale, zero }: Quantization): void {
  const near = values.filter((value) => {
    const steps = value / scale
    const visible = Math.abs(steps + zero) < 512
    return visible && Math.abs(steps - Math.floor(steps) - 0.5) < 2 ** -17
  }).length
  if (near > 0)
    node.tell(`${near} of ${values.length} values lie on an edge between two numbers, where onnxruntime's approximation may give the other`)
}

/** From one scale to another, to or from int16. */
export function requantized(node: NodeView, x: Activation, from: Quantization, to: Quantization): Activation {
  const more = { stored: to.stored, meaning: { quantization: to } }
  if (sameQuantization(from, to)) return { ...x, ...more }
  const emitter = node.begin()
  const y = emitter.like(x, node.node.inputs[0]!, more)
  const attributes = { xZero: int8Zero(from), yZero: int8Zero(to), ...typeBounds(to.stored) }
  emitter.operator('requantize', [x.tensor], y, attributes, [{ exact: from.scale / to.scale, single: f32(from.scale / to.scale) }])
  return y
}

function codesOf(values: Float32Array, to: Quantization): Int8Array | Int16Array {
  const code = (value: number) => codeOf(value, to)
  return to.stored === 'int16' ? Int16Array.from(values, code) : Int8Array.from(values, code)
}

/** QuantizeLinear of one value, as the artifact's number. */
export function codeOf(value: number, { scale, zero, stored }: Quantization): number {
  const { yMin, yMax } = typeBounds(stored)
  return quantized(value, scale, zero, yMin + offset(stored), yMax + offset(stored)) - offset(stored)
}

/** A rule for float32, and one for whole numbers. */
function ofEither(float: Rule, whole: Rule): Rule {
  return (node) => (isWhole(node.value(0)) ? whole(node) : float(node))
}

/** A float operator of one operand. */
export function unary(of: (node: NodeView) => (value: number) => number, kind: 'exact' | 'approximate' = 'exact'): Rule {
  return (node) => {
    const x = node.real(0)
    if (x.table === undefined)
      throw new Refusal('its operand is float32 that depends on more than one int8', 'QuantizeLinear and DequantizeLinear before it')
    const compute = of(node)
    const { plain: _, ...table } = { ...x.table, values: x.table.values.map(compute) }
    return lookedUp(node, kind === 'exact' ? table : { ...table, approximate: true }, [x])
  }
}

/** The functions as onnxruntime's float kernels have them, each correctly rounded to float32 where theirs approximate. */
export const leakyRelu = unary((node) => leaky(node.float('alpha', 0.01)))
export const sigmoid = unary(() => (value) => f32(logistic(value)), 'approximate')
export const hyperbolicTangent = unary(() => (value) => f32(tanh(value)), 'approximate')
export const hardSigmoid = unary((node) => hardened(node.float('alpha', 0.2), node.float('beta', 0.5)))
export const hardSwish = unary(() => {
  const gate = hardened(f32(1 / 6), 0.5)
  return (value) => f32(value * gate(value))
})
export const elu = unary((node) => {
  const alpha = node.float('alpha', 1)
  return (value) => (value >= 0 ? value : f32(alpha * f32(f32(exp(Math.max(value, -700))) - 1)))
}, 'approximate')
export const errorFunction = unary(() => (value) => f32(1 - erfc(value)), 'approximate')
export const gelu = unary((node) => (node.text('approximate', 'none') === 'tanh' ? geluByTanh : geluByError), 'approximate')
/** com.microsoft QuickGelu: x · sigmoid(alpha · x). */
export const quickGelu = unary((node) => {
  const alpha = node.float('alpha', 1.702)
  return (value) => f32(value * f32(logistic(f32(alpha * value))))
}, 'approximate')
export const absolute = ofEither(
  unary(() => Math.abs),
  wholeAbsolute,
)
export const negative = ofEither(
  unary(() => (value) => -value),
  wholeNegative,
)
export const sign = ofEither(
  unary(() => Math.sign),
  wholeSign,
)
export const squareRoot = unary(() => (value) => f32(Math.sqrt(value)))

export function leaky(alpha: number): (value: number) => number {
  return (value) => (value >= 0 ? value : f32(alpha * value))
}

function geluByError(value: number): number {
  return f32(0.5 * value * erfc(-value / Math.SQRT2))
}

function geluByTanh(value: number): number {
  return f32(0.5 * value * (1 + tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value))))
}

function hardened(alpha: number, beta: number): (value: number) => number {
  return (value) => Math.max(0, Math.min(1, f32(f32(alpha * value) + beta)))
}

/** Relu, Clip: clamps, which QuantizeLinear commutes with. */
export const relu: Rule = (node) => clamped(node, [0, Infinity])

export const clip: Rule = (node) => {
  const x = node.value(0)
  const constantBounds = [1, 2].every((index) => !node.has(index) || node.value(index).kind === 'constant')
  if (isWhole(x) && !(x.kind === 'activation' && constantBounds)) return wholeClip(node)
  const bound = (name: string, operand: number, otherwise: number) => (node.has(operand) ? node.number(operand) : node.int(name, otherwise))
  return clamped(node, [bound('min', 1, -Infinity), bound('max', 2, Infinity)])
}

function clamped(node: NodeView, [low, high]: readonly [low: number, high: number]): Real | Activation {
  const x = node.value(0)
  if (x.kind === 'activation') {
    const { yMin, yMax } = typeBounds(x.stored)
    const bound = (value: number) => Math.min(Math.max(value - offset(x.stored), yMin), yMax)
    return node.begin().clamp(x, bound(low), Math.max(bound(low), bound(high)))
  }
  return clampedTo(node, node.real(0), [low, high])
}

export function clampedTo(node: NodeView, input: Real, [low, high]: readonly [low: number, high: number]): Real {
  const clamp = (value: number) => Math.min(Math.max(value, f32(low)), f32(high))
  if (input.table !== undefined) return tableReal(node, input.table.of, input.table.values.map(clamp), [input])
  return real(input.shape, [input], (to) => {
    const bounds = [codeOf(f32(low), to), codeOf(f32(high), to)] as const
    const { yMin, yMax } = typeBounds(to.stored)
    const redundant = bounds[0] === yMin && bounds[1] === yMax
    const y = input.quantize(redundant && input.fusable ? to : { ...to, separate: true })
    return redundant ? y : node.begin().clamp(y, bounds[0], Math.max(bounds[0], bounds[1]))
  })
}

/** com.microsoft QLinearSigmoid, QLinearLeakyRelu: DequantizeLinear, the function, QuantizeLinear in one. */
export const qlinearSigmoid = qlinearUnary(() => (value) => f32(logistic(value)), 'approximate')
export const qlinearLeakyRelu = qlinearUnary((node) => leaky(node.float('alpha', 0.01)))

function qlinearUnary(of: (node: NodeView) => (value: number) => number, kind: 'exact' | 'approximate' = 'exact'): Rule {
  return (node) => {
    const x = plainReal(node, node.activation(0), node.quantization(1))
    const { of: from, values } = x.table!
    const table = { of: from, values: values.map(of(node)) }
    return lookedUp(node, kind === 'exact' ? table : { ...table, approximate: true }, [x]).quantize(node.quantization(3))
  }
}
