/** Arithmetic, comparison and logic of whole numbers; results have the type's own bits, as the standard's reference (NumPy) keeps them. */
import type { Emitter } from '../emitter.ts'
import { elementTypes, type WholeType, wholeTypes } from '../names.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Value } from '../value.ts'
import {
  cast,
  emitted,
  isUnsigned,
  narrowed,
  not,
  number,
  type PairKind,
  pair,
  straightResult,
  straightTensor,
  together,
  type Whole,
  wholeAt,
  widened,
} from './whole.ts'

type Bits = Extract<PairKind, 'add' | 'subtract' | 'multiply' | 'and' | 'or' | 'xor' | 'shiftLeft' | 'shiftRight'>
type Division = Extract<PairKind, 'quotient' | 'remainder' | 'modulo'>
export type Comparison = 'equal' | 'less' | 'greater' | 'lessOrEqual' | 'greaterOrEqual'

/** One type for all operands of a node. */
function alike(node: NodeView, count: number): Whole[] {
  const wholes = Array.from({ length: count }, (_, index) => wholeAt(node, index))
  const other = wholes.find(({ type }) => type !== wholes[0]!.type)
  if (other !== undefined) throw new Refusal(`its operands are ${wholes[0]!.type} and ${other.type}`, 'one type')
  return wholes
}

function pairOf(node: NodeView, compute: (emitter: Emitter, type: WholeType, a: number, b: number) => number, result?: WholeType): Value {
  const wholes = alike(node, 2)
  const { type } = wholes[0]!
  const { tensors, finish } = together(node, wholes)
  return finish(result ?? type, compute(node.emitter, type, tensors[0]!, tensors[1]!))
}

/** A function of the bits alone, that of the low bits of any width being the low bits of the wider one's. */
export const wholeBits = (kind: Bits) => (node: NodeView) => pairOf(node, (emitter, type, a, b) => bits(emitter, kind, type, a, b))

export function bits(emitter: Emitter, kind: Bits, type: WholeType, a: number, b: number): number {
  // uint8 lies in memory 128 less: the same bits but for the highest.
  const flipped = (tensor: number) => (type === 'uint8' ? pair(emitter, 'xor', tensor, number(emitter, tensor, -128)) : tensor)
  const y = flipped(pair(emitter, kind, flipped(a), flipped(b)))
  const stays = kind === 'and' || kind === 'or' || kind === 'xor' || kind === 'shiftRight'
  return (type === 'int16' || type === 'uint16') && !stays ? narrowed(emitter, type, y) : y
}

/** A divisor of 0 gives 0. */
export const wholeDivision = (kind: Division) => (node: NodeView) =>
  pairOf(node, (emitter, type, a, b) => {
    if (isUnsigned(type)) return pair(emitter, kind === 'quotient' ? 'quotientUnsigned' : 'remainderUnsigned', a, b)
    if (type === 'int8') return pair(emitter, kind, a, b)
    return narrowed(emitter, type, pair(emitter, kind, widened(emitter, type, a), widened(emitter, type, b)))
  })

export const wholeComparison = (kind: Comparison) => (node: NodeView) =>
  pairOf(
    node,
    (emitter, type, a, b) => {
      if (kind === 'equal') return pair(emitter, 'equal', a, b)
      const less: PairKind = isUnsigned(type) ? 'lessUnsigned' : 'less'
      const [p, q] = kind === 'less' || kind === 'greaterOrEqual' ? [a, b] : [b, a]
      const y = pair(emitter, less, p, q)
      return kind === 'less' || kind === 'greater' ? y : not(emitter, y)
    },
    'bool',
  )

export function extremum(emitter: Emitter, name: 'minimum' | 'maximum', type: WholeType, a: number, b: number): number {
  // The highest bit turned over, unsigned numbers stand in the order of signed ones.
  const ordered = (tensor: number) => (isUnsigned(type) ? pair(emitter, 'xor', tensor, number(emitter, tensor, -(2 ** 31))) : tensor)
  return ordered(emitted(emitter, name, [ordered(a), ordered(b)], emitter.builder.tensors[a]!.type))
}

/** Of any number of operands. */
export const wholeExtremum = (name: 'minimum' | 'maximum') => (node: NodeView) => {
  const wholes = alike(node, node.operands)
  const { type } = wholes[0]!
  const { tensors, finish } = together(node, wholes)
  return finish(
    type,
    tensors.reduce((a, b) => extremum(node.emitter, name, type, a, b)),
  )
}

/** The sign of the divisor, or with fmod that of what is divided. */
export const modulo: Rule = (node) => wholeDivision(node.int('fmod', 0) === 0 ? 'modulo' : 'remainder')(node)

/** The operands have a type that the operator is for. */
function typed(rule: (node: NodeView) => Value, accepts: readonly WholeType[]): Rule {
  return (node) => {
    const { type } = wholeAt(node, 0)
    if (!accepts.includes(type)) throw new Refusal(`its operands are ${type}`, accepts.join(', '))
    return rule(node)
  }
}

const numeric = wholeTypes.filter((type) => type !== 'bool')

export const and = typed(wholeBits('and'), ['bool'])
export const or = typed(wholeBits('or'), ['bool'])
export const xor = typed(wholeBits('xor'), ['bool'])
export const bitwiseAnd = typed(wholeBits('and'), numeric)
export const bitwiseOr = typed(wholeBits('or'), numeric)
export const bitwiseXor = typed(wholeBits('xor'), numeric)

export const bitShift: Rule = (node) => {
  const direction = node.text('direction', '')
  if (direction !== 'LEFT' && direction !== 'RIGHT') throw new Refusal(`it shifts "${direction}"`, 'LEFT or RIGHT')
  return typed(wholeBits(direction === 'LEFT' ? 'shiftLeft' : 'shiftRight'), ['uint8', 'uint16', 'uint32', 'uint64'])(node)
}

type Compute = (emitter: Emitter, type: WholeType, x: number) => number

function unary(compute: Compute): (node: NodeView) => Value {
  return (node) => {
    const x = wholeAt(node, 0)
    const { tensors, finish } = together(node, [x])
    return finish(x.type, compute(node.emitter, x.type, tensors[0]!))
  }
}

export const logicalNot = typed(
  unary((emitter, _, x) => not(emitter, x)),
  ['bool'],
)
export const bitwiseNot = typed(
  unary((emitter, type, x) => {
    const all = pair(emitter, 'xor', x, number(emitter, x, -1))
    return type === 'uint16' ? narrowed(emitter, type, all) : all
  }),
  numeric,
)
export const wholeNegative = unary((emitter, type, x) => bits(emitter, 'subtract', type, number(emitter, x, 0), x))
export const wholeAbsolute = unary((emitter, type, x) =>
  type.startsWith('u')
    ? x
    : emitted(emitter, 'maximum', [x, bits(emitter, 'subtract', type, number(emitter, x, 0), x)], emitter.builder.tensors[x]!.type),
)
export const wholeSign = unary((emitter, type, x) => {
  const zero = number(emitter, x, type === 'uint8' ? -128 : 0)
  const less: PairKind = isUnsigned(type) ? 'lessUnsigned' : 'less'
  const sign = pair(emitter, 'subtract', pair(emitter, less, zero, x), pair(emitter, less, x, zero))
  return narrowed(emitter, type, cast(emitter, sign, 'int32'))
})

/** x, min and max, which may be left out. */
export function wholeClip(node: NodeView): Value {
  const given = [1, 2].filter((index) => node.has(index))
  const wholes = [wholeAt(node, 0), ...given.map((index) => wholeAt(node, index))]
  const { type } = wholes[0]!
  const { tensors, finish } = together(node, wholes)
  const [x, ...bounds] = tensors
  const y = given.reduce((value, index, at) => extremum(node.emitter, index === 1 ? 'maximum' : 'minimum', type, value, bounds[at]!), x!)
  return finish(type, y)
}

/** To another type of whole numbers: the low bits. */
export function wholeCast(node: NodeView, to: WholeType): Value {
  const x = wholeAt(node, 0)
  const { tensors, finish } = together(node, [x])
  return finish(to, to === x.type ? tensors[0]! : narrowed(node.emitter, to, widened(node.emitter, x.type, tensors[0]!)))
}

/** The same bits as another type of the same width. */
export const bitCast: Rule = (node) => {
  const { type } = wholeAt(node, 0)
  const to = elementTypes[node.int('to', 0)]?.name
  const [from, wanted] = [widthOf(type), to === undefined ? undefined : widthOf(to)]
  if (wanted === undefined || from !== wanted)
    throw new Refusal(`it reads ${type} as ${to ?? 'an unknown type'}`, 'whole numbers of the same width')
  return wholeCast(node, to as WholeType)
}

/** undefined for bool, and for what are no whole numbers. */
function widthOf(type: string): number | undefined {
  return numeric.some((known) => known === type) ? Number(/\d+$/.exec(type)![0]) : undefined
}

/** Sums and products of what comes before along one dimension. */
export const cumulative =
  (product: 0 | 1): Rule =>
  (node) => {
    const x = wholeAt(node, 0)
    const axis = node.axis(node.number(1), x.shape.length)
    const emitter = node.begin()
    const attributes = { axis, product, exclusive: node.int('exclusive', 0), reverse: node.int('reverse', 0) }
    const wide = widened(emitter, x.type, straightTensor(emitter, x))
    return straightResult(x.type, narrowed(emitter, x.type, emitted(emitter, 'scan', [wide], 'int32', attributes)), x.shape)
  }
