/** Further float32 functions of one number, and of two, as tables. */
import { asin, asinh, atan, atanh, bounded, cos, cosh, logarithm, power, sin, sinh } from '../../elementary.ts'
import { tanh } from '../../exact.ts'
import { roundHalfEven } from '../../scales.ts'
import type { Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { modulo as wholeModulo } from './integer.ts'
import { unary } from './table.ts'
import { pairFunction } from './tabled.ts'
import { isWhole } from './whole.ts'

const f32 = Math.fround

/** Correctly rounded, where the runtimes' own come near. */
const near = (compute: (value: number) => number): Rule => unary(() => (value) => f32(compute(value)), 'approximate')

export const exponential = near(bounded)
export const naturalLogarithm = near(logarithm)
export const sine = near(sin)
export const cosine = near(cos)
export const tangent = near((value) => sin(value) / cos(value))
export const arcSine = near(asin)
export const arcCosine = near((value) => asin(1) - asin(value))
export const arcTangent = near(atan)
export const hyperbolicSine = near(sinh)
export const hyperbolicCosine = near(cosh)
export const areaSine = near(asinh)
export const areaCosine = near((value) => logarithm(value + Math.sqrt(value * value - 1)))
export const areaTangent = near(atanh)
export const softplus = near(plus)
export const mish = near((value) => value * tanh(plus(value)))

function plus(value: number): number {
  return value > 40 ? value : logarithm(1 + bounded(value))
}

export const softsign = unary(() => (value) => f32(value / f32(1 + Math.abs(value))))
export const reciprocal = unary(() => (value) => f32(1 / value))
export const ceiling = unary(() => Math.ceil)
export const floor = unary(() => Math.floor)
export const round = unary(() => roundHalfEven)

export const selu = unary((node) => {
  const [alpha, gamma] = [node.float('alpha', 1.6732631921768188), node.float('gamma', 1.0507010221481323)]
  return (value) => f32(gamma * (value > 0 ? value : f32(alpha * f32(bounded(value) - 1))))
}, 'approximate')

export const celu = unary((node) => {
  const alpha = node.float('alpha', 1)
  return (value) => (value > 0 ? value : f32(alpha * (bounded(value / alpha) - 1)))
}, 'approximate')

export const swish = unary((node) => {
  const alpha = node.float('alpha', 1)
  return (value) => f32(value / (1 + bounded(-alpha * value)))
}, 'approximate')

export const shrink = unary((node) => {
  const [bias, lambda] = [node.float('bias', 0), node.float('lambd', 0.5)]
  return (value) => (value < -lambda ? f32(value + bias) : value > lambda ? f32(value - bias) : 0)
})

export const thresholdedRelu = unary((node) => {
  const alpha = node.float('alpha', 1)
  return (value) => (value > alpha ? value : 0)
})

/** float32 functions of two operands, each a function of one int8. */
export const pow: Rule = (node) => {
  if (isWhole(node.value(0))) throw new Refusal('it raises whole numbers', 'float32, or Mul')
  return pairFunction(node, (a, b) => f32(power(a, b)))
}

export const prelu: Rule = (node) => pairFunction(node, (value, slope) => (value < 0 ? f32(value * slope) : value))

/** Of float32 the standard has the remainder alone, with the sign of what is divided. */
export const modulo: Rule = (node) => {
  if (isWhole(node.value(0))) return wholeModulo(node)
  if (node.int('fmod', 0) === 0) throw new Refusal('it takes float32 modulo', 'fmod = 1')
  return pairFunction(node, (a, b) => f32(a % b))
}
