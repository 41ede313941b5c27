/**
 * LayerNormalization, RMSNormalization, InstanceNormalization, GroupNormalization, MeanVarianceNormalization, LpNormalization and
 * onnxruntime's SimplifiedLayerNormalization: rows of some dimensions over their root mean square.
 */
import { elementCount } from '../../graph.ts'
import { roundHalfEven } from '../../scales.ts'
import { numbersOf } from '../constant.ts'
import { permutationIn } from '../emitter.ts'
import { permutedLayout, straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, int8Zero, type Quantization, type Real, real, tensorType, typeBounds, unknown, type Value } from '../value.ts'

/**
 * `rows`: a row for each index of these dimensions; `inner`: the dimensions of a row. Both in an order that memory shall have.
 * The element at position p of the tensor so arranged has factor and summand (p div repeat) mod their number.
 */
type Normalization = {
  readonly rows: readonly number[]
  readonly inner: readonly number[]
  readonly centred: boolean
  readonly epsilon: number
  readonly factors: readonly number[]
  readonly summands: readonly number[]
  readonly repeat: number
}

const mostRow = 2 ** 15
const mostShift = 20

/** x, scale, bias; further results are not given. */
export const layerNormalization: Rule = (node) => {
  const { x } = node.plain(0)
  const axis = node.axis(node.int('axis', -1), x.shape.length)
  return onlyFirst(node, overLast(node, axis, { centred: true, epsilon: node.float('epsilon', 1e-5) }, 2))
}

/** x, scale. */
export const rmsNormalization: Rule = (node) => {
  const { x } = node.plain(0)
  const axis = node.axis(node.int('axis', -1), x.shape.length)
  return onlyFirst(node, overLast(node, axis, { centred: false, epsilon: node.float('epsilon', 1e-5) }))
}

/** Along the dimensions from `axis` on, whose elements have their own factors. `bias`: the operand of the summands. */
function overLast(node: NodeView, axis: number, kind: Pick<Normalization, 'centred' | 'epsilon'>, bias?: number): Real {
  const { x } = node.plain(0)
  const inner = straight(x.shape.length).slice(axis)
  const count = elementCount(inner.map((dimension) => x.shape[dimension]!))
  const rows = permutationIn(x).filter((dimension) => dimension < axis)
  const factors = constants(node, 1, count)
  const summands = bias !== undefined && node.has(bias) ? constants(node, bias, count) : [0]
  return normalized(node, { ...kind, rows, inner, factors, summands, repeat: 1 })
}

/** x, scale, bias, of each channel. */
export const instanceNormalization: Rule = (node) => {
  const { x } = node.plain(0)
  const [, channels] = pictured(x)
  const epsilon = node.float('epsilon', 1e-5)
  const inner = straight(x.shape.length).slice(2)
  const [factors, summands] = [constants(node, 1, channels), constants(node, 2, channels)]
  return normalized(node, { rows: [0, 1], inner, centred: true, epsilon, factors, summands, repeat: elementCount(x.shape.slice(2)) })
}

/** x, scale, bias; of each group before operator set 21, then of each channel. */
export const groupNormalization: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const [batch, channels] = pictured(x)
  const groups = node.int('num_groups', 0)
  if (groups < 1 || channels % groups !== 0)
    throw new Refusal(`it has ${groups} groups of ${channels} channels`, 'a divisor of the channels')
  const factors = node.opset < 21 ? groups : channels
  const elements = elementCount(x.shape.slice(1))
  const grouped = node.begin().straightened(x)
  const shape = [batch, groups, elements / groups]
  const split = { ...grouped, shape, layout: permutedLayout(shape, [0, 1, 2]) }
  const norm = {
    rows: [0, 1],
    inner: [2],
    centred: true,
    epsilon: node.float('epsilon', 1e-5),
    factors: constants(node, 1, factors),
    summands: constants(node, 2, factors),
    repeat: elements / factors,
  }
  checkRow(split, norm)
  tell(node)
  return real(x.shape, [node.real(0)], (to) => {
    const y = lowered(node, split, quantization, norm, to)
    return { ...y, shape: x.shape, layout: permutedLayout(x.shape, straight(x.shape.length)) }
  })
}

/** Over the batch and the places of a picture, where no axes are given. The epsilon is the function's of the standard: below its root. */
export const meanVarianceNormalization: Rule = (node) => {
  const { x } = node.plain(0)
  const rank = x.shape.length
  const axes = new Set((node.ints('axes') ?? [0, 2, 3]).map((axis) => node.axis(axis, rank)))
  const [inner, rows] = [permutationIn(x).filter((dimension) => axes.has(dimension)), permutationIn(x).filter((one) => !axes.has(one))]
  return normalized(node, { rows, inner, centred: true, epsilon: 1e-9, factors: [1], summands: [0], repeat: 1 })
}

/** x over the root of the sum of its squares: over the mean's, times the root of the count. */
export const lpNormalization: Rule = (node) => {
  const { x } = node.plain(0)
  if (node.int('p', 2) !== 2) throw new Refusal(`its p is ${node.int('p', 2)}`, 'p = 2')
  const axis = node.axis(node.int('axis', -1), x.shape.length)
  const rows = permutationIn(x).filter((dimension) => dimension !== axis)
  const factors = [1 / Math.sqrt(x.shape[axis]!)]
  return normalized(node, { rows, inner: [axis], centred: false, epsilon: 0, factors, summands: [0], repeat: 1 })
}

function normalized(node: NodeView, norm: Normalization): Real {
  const { x, quantization } = node.plain(0)
  checkRow(x, norm)
  tell(node)
  return real(x.shape, [node.real(0)], (to) => lowered(node, x, quantization, norm, to))
}

function tell(node: NodeView): void {
  node.inexact(
    'onnxruntime divides float32 numbers by a float32 root, the artifact integers by one of 31 bits',
    'the model ended before it',
  )
}

function checkRow({ shape }: Activation, { inner }: Normalization): void {
  const elements = elementCount(inner.map((dimension) => shape[dimension]!))
  if (elements > mostRow) throw new Refusal(`it normalizes rows of ${elements} elements`, `at most ${mostRow}`)
}

function pictured({ shape }: Activation): [batch: number, channels: number] {
  if (shape.length < 2) throw new Refusal(`its operand is [${shape}]`, 'a batch, channels and their places')
  return [shape[0]!, shape[1]!]
}

/** The results behind the first have no integer form: nothing may read them. */
function onlyFirst(node: NodeView, y: Real): Value[] {
  return node.node.outputs.map((_, index) => (index === 0 ? y : unknown))
}

/** float32 numbers, or quantized ones that DequantizeLinear has read: one, or `count`. */
function constants(node: NodeView, index: number, count: number): number[] {
  const value = node.value(index)
  const numbers = value.kind === 'weights' ? dequantizedNumbers(node, index) : node.numbers(index)
  if (numbers.length === count || numbers.length === 1) return numbers
  throw new Refusal(`operand ${index} ("${node.node.inputs[index]}") has ${numbers.length} elements`, `one, or ${count}`)
}

function dequantizedNumbers(node: NodeView, index: number): number[] {
  const { name, type, shape, data, scales, zeros } = node.weights(index)
  if (scales.length > 1 || zeros.length > 1) throw new Refusal(`its constant "${name}" has ${scales.length} scales`, 'one')
  const stored = numbersOf({ kind: 'constant', name, type, typeName: type, shape: [...shape], data })!
  return stored.map((value) => Math.fround((value - zeros[0]!) * scales[0]!))
}

function lowered(node: NodeView, x: Activation, from: Quantization, norm: Normalization, to: Quantization): Activation {
  const { rows, inner, centred, repeat } = norm
  const emitter = node.begin()
  const sizes = [rows, inner].map((dimensions) => elementCount(dimensions.map((dimension) => x.shape[dimension]!)))
  const y = emitter.placeAs(node.node.outputs[0]!, tensorType(to.stored), x.shape, permutedLayout(x.shape, [...rows, ...inner]), sizes)
  const { shift, gamma, beta, epsilon } = fixedPoint(norm, sizes[1]!, from, to)
  const words = [Number(BigInt.asIntN(32, epsilon)), Number(epsilon >> 32n)] as const
  emitter.operator(
    'layerNorm',
    [
      emitter.arrange(x, [rows, inner]),
      emitter.int32s(`gamma of ${node.node.name}`, gamma),
      emitter.int32s(`beta of ${node.node.name}`, beta),
    ],
    y,
    {
      centred: centred ? 1 : 0,
      repeat: gamma.length === 1 ? sizes[1]! : repeat,
      xZero: centred ? 0 : int8Zero(from),
      epsilonLow: words[0],
      epsilonHigh: words[1],
      shift,
      yZero: int8Zero(to),
      ...typeBounds(to.stored),
    },
  )
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}

/** The operator's constants (docs/arithmetic.md, layerNorm). */
function fixedPoint(norm: Normalization, row: number, from: Quantization, to: Quantization) {
  const count = norm.factors.length === 1 && norm.summands.length === 1 ? 1 : Math.max(norm.factors.length, norm.summands.length)
  const each = (values: readonly number[]) =>
    Array.from({ length: count }, (_, index) => values[values.length === 1 ? 0 : index]! / to.scale)
  const [factors, summands] = [each(norm.factors), each(norm.summands)]
  const largest = factors.reduce((most, factor) => Math.max(most, Math.abs(factor)), 0)
  let shift = mostShift
  while (shift > 0 && largest * 2 ** shift >= 2 ** 31 - 1) shift -= 1
  const gamma = factors.map((factor) => roundHalfEven(factor * 2 ** shift))
  const beta = summands.map((summand) => roundHalfEven(summand * 2 ** 15))
  if ([...gamma, ...beta].some((value) => !(Math.abs(value) < 2 ** 31)))
    throw new Refusal(`its factors and summands are too large for a result of scale ${to.scale}`, 'a result of a larger scale')
  const epsilon = roundHalfEven((norm.epsilon * row ** 2) / from.scale ** 2)
  if (!(epsilon < 2 ** 62)) throw new Refusal(`its operand’s scale ${from.scale} is too small for an epsilon of ${norm.epsilon}`)
  return { shift, gamma, beta, epsilon: BigInt(epsilon) }
}
