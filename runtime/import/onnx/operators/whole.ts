/**
 * Whole numbers that the graph computes with as such: int8 and uint8 as activations have them (uint8 128 less), bool as int8 of 0 and 1, every
 * other type as int32, the unsigned ones by their bits.
 *
 * isWhole, wholeAt          values of these types, constants too
 * together                  operands broadcast, in one order of memory
 * pair, cast, number        operators over tensors of the artifact
 * widened, narrowed         a tensor of a type as int32, and back: the low bits
 * wholeResult               the value of a tensor
 */
import { type OperatorName, pairwiseKinds } from '../../../model/operators.ts'
import type { TensorType } from '../../../model/types.ts'
import { type Constant, numbersOf } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { permutedLayout, sameLayout, straight } from '../layout.ts'
import { type WholeType, wholeTypes } from '../names.ts'
import { describe, type NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Accumulator, type Activation, offset, type Placed, type Value } from '../value.ts'
import { broadcast } from './align.ts'

/** Placed, or constant numbers. */
export type Whole = { readonly type: WholeType; readonly shape: readonly number[] } & (
  | { readonly placed: Placed }
  | { readonly name: string; readonly numbers: readonly number[] }
)

export function isWhole(value: Value): value is Constant | Activation | Accumulator {
  return value.kind === 'activation' || value.kind === 'accumulator' || (value.kind === 'constant' && wholeType(value.type) !== undefined)
}

function wholeType(name: string): WholeType | undefined {
  return wholeTypes.find((type) => type === name)
}

export function wholeAt(node: NodeView, index: number): Whole {
  return wholeOf(node.value(index), `operand ${index} ("${node.node.inputs[index]}")`)
}

export function wholeOf(value: Value, title: string): Whole {
  if (value.kind === 'activation' && value.stored === 'int16')
    throw new Refusal(`${title} is quantized to int16`, 'int8 or uint8, or DequantizeLinear and QuantizeLinear around it')
  if (value.kind === 'activation') return { type: value.stored, shape: value.shape, placed: value }
  if (value.kind === 'accumulator') return { type: value.source, shape: value.shape, placed: value.emit() }
  const type = value.kind === 'constant' ? wholeType(value.type) : undefined
  if (value.kind !== 'constant' || type === undefined)
    throw new Refusal(`${title} is ${describe(value)}`, 'whole numbers, or DequantizeLinear and QuantizeLinear around it')
  const numbers = numbersOf(value)!
  const outside = numbers.find((number) => !fits(type, number))
  if (outside !== undefined) throw new Refusal(`${title} has the ${type} ${outside}`, 'numbers that 32 bits hold')
  return { type, shape: value.shape, name: value.name, numbers }
}

/** Whether the artifact has room for a number of a type. */
function fits(type: WholeType, number: number): boolean {
  return isUnsigned(type) ? number < 2 ** 32 : number >= -(2 ** 31) && number < 2 ** 31
}

export function isUnsigned(type: WholeType): boolean {
  return type === 'uint32' || type === 'uint64'
}

/** The artifact's type. */
export function storedAs(type: WholeType): 'int8' | 'int32' {
  return type === 'bool' || /^u?int[248]$/.test(type) ? 'int8' : 'int32'
}

/** A maker of values from results of the shape of all operands together. */
export type Finish = (type: WholeType, tensor: number) => Activation | Accumulator

/** The operands in one order of memory, each of its own shape, and how a tensor of their common shape lies and is the node's value. */
export function together(
  node: NodeView,
  wholes: readonly Whole[],
): { tensors: number[]; place: (tensor: number) => Placed; finish: Finish } {
  const emitter = node.begin()
  const shape = wholes.map((whole) => whole.shape).reduce(broadcast)
  if (shape.length > 6) throw new Refusal(`it makes a tensor of rank ${shape.length}`, 'rank 6 or less')
  const placed = wholes.flatMap((whole) => ('placed' in whole ? [whole.placed] : []))
  const [first] = placed
  const isStraight = wholes.some((whole) => !('placed' in whole) && whole.numbers.length > 1)
  const alike =
    first !== undefined && !isStraight && placed.every((one) => one.shape.join() === shape.join() && sameLayout(one.layout, first.layout))
  const physical = alike ? first.physical : shape
  const layout = alike ? first.layout : permutedLayout(shape, straight(shape.length))
  const tensors = wholes.map((whole) => {
    if (!('placed' in whole)) return constantTensor(emitter, whole, alike ? [1] : whole.shape)
    return alike ? emitter.view(whole.placed, physical) : straightTensor(emitter, whole)
  })
  const place = (tensor: number): Placed => ({ tensor, shape, layout, physical: physical.length === 0 ? [1] : physical })
  return { tensors, place, finish: (type, tensor) => wholeResult(type, place(tensor)) }
}

function constantTensor(
  emitter: Emitter,
  { type, name, numbers }: Extract<Whole, { numbers: readonly number[] }>,
  sizes: readonly number[],
): number {
  if (storedAs(type) === 'int32') return emitter.builder.constant(name, 'int32', sizes, bytesOf(Int32Array.from(numbers)))
  const least = type === 'uint8' ? offset('uint8') : 0
  return emitter.builder.constant(name, 'int8', sizes, bytesOf(Int8Array.from(numbers, (value) => value - least)))
}

function bytesOf(array: Int8Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer)
}

/** The value of whole numbers that lie in a tensor. */
export function wholeResult(type: WholeType, placed: Placed): Activation | Accumulator {
  if (type === 'int8' || type === 'uint8') return { kind: 'activation', ...placed, stored: type, meaning: {} }
  return { kind: 'accumulator', source: type, shape: placed.shape, emit: () => placed }
}

/** The tensor with the graph's dimensions in the graph's order. */
export function straightTensor(emitter: Emitter, whole: Whole): number {
  if (!('placed' in whole)) return constantTensor(emitter, whole, whole.shape)
  return emitter.arrange(
    whole.placed,
    whole.shape.map((_, dimension) => [dimension]),
  )
}

/** A tensor that has the graph's dimensions in the graph's order. */
export function straightPlace(tensor: number, shape: readonly number[]): Placed {
  return { tensor, shape, layout: permutedLayout(shape, straight(shape.length)), physical: shape.length === 0 ? [1] : shape }
}

export function straightResult(type: WholeType, tensor: number, shape: readonly number[]): Activation | Accumulator {
  return wholeResult(type, straightPlace(tensor, shape))
}

export type PairKind = keyof typeof pairwiseKinds

/** f(a, b) of two tensors of one type, broadcast. */
export function pair(emitter: Emitter, kind: PairKind, a: number, b: number): number {
  const type = pairwiseKinds[kind] >= pairwiseKinds.equal ? 'int8' : emitter.builder.tensors[a]!.type
  return emitted(emitter, 'pairwise', [a, b], type, { kind: pairwiseKinds[kind] })
}

/** An operator of operands that broadcast, and of tables that do not. */
export function emitted(
  emitter: Emitter,
  name: OperatorName,
  operands: number[],
  type: TensorType,
  attributes: Readonly<Record<string, number>> = {},
  tables: readonly number[] = [],
): number {
  const { builder } = emitter
  const shape = operands.map((tensor) => builder.tensors[tensor]!.shape).reduce<readonly number[]>(broadcast, [])
  const y = builder.intermediate(builder.nodeName, type, shape)
  builder.operator(name, [...operands, ...tables], y, attributes)
  return y
}

export function cast(emitter: Emitter, tensor: number, type: 'int8' | 'int16' | 'int32'): number {
  return emitter.builder.tensors[tensor]!.type === type ? tensor : emitted(emitter, 'cast', [tensor], type)
}

/** A number that pairs with a tensor. */
export function number(emitter: Emitter, tensor: number, value: number): number {
  const { type } = emitter.builder.tensors[tensor]!
  return type === 'int32' ? emitter.int32s('number', [value]) : emitter.int8s('number', [1], Uint8Array.of(value & 0xff))
}

/** A tensor of numbers of a type as int32. */
export function widened(emitter: Emitter, type: WholeType, tensor: number): number {
  const wide = cast(emitter, tensor, 'int32')
  return type === 'uint8' ? pair(emitter, 'add', wide, number(emitter, wide, offset('uint8'))) : wide
}

/** int32 to a type: the low bits, of bool whether it is not 0. */
export function narrowed(emitter: Emitter, type: WholeType, wide: number): number {
  const with32 = (kind: PairKind, value: number) => pair(emitter, kind, wide, number(emitter, wide, value))
  switch (type) {
    case 'bool':
      return not(emitter, with32('equal', 0))
    case 'int8':
      return cast(emitter, wide, 'int8')
    case 'uint8':
      return cast(emitter, with32('subtract', offset('uint8')), 'int8')
    case 'int2':
    case 'int4':
      return cast(emitter, signed(emitter, wide, type === 'int2' ? 2 : 4), 'int8')
    case 'uint2':
    case 'uint4':
      return cast(emitter, with32('and', type === 'uint2' ? 3 : 15), 'int8')
    case 'int16':
      return cast(emitter, cast(emitter, wide, 'int16'), 'int32')
    case 'uint16':
      return with32('and', 0xffff)
    default:
      return wide
  }
}

/** The low bits as a number with a sign: ((x + half) & mask) − half. */
function signed(emitter: Emitter, wide: number, bits: number): number {
  const of = (value: number) => number(emitter, wide, value)
  const half = 2 ** (bits - 1)
  return pair(emitter, 'subtract', pair(emitter, 'and', pair(emitter, 'add', wide, of(half)), of(2 * half - 1)), of(half))
}

/** The other of 0 and 1. */
export function not(emitter: Emitter, tensor: number): number {
  return pair(emitter, 'xor', tensor, number(emitter, tensor, 1))
}
