/** Operands of functions of two tensors: broadcast as in NumPy, and brought into one order of memory. */
import { pickedBytes } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { channelsLast, elementsInMemoryOrder, type Layout, liesAs, permutationOf, permutedLayout, sameLayout, straight } from '../layout.ts'
import type { NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, type Placed, type Quantization, tensorType, type Weights } from '../value.ts'
import { int8Weights } from './layer.ts'

/** An operand of a function of pairs: computed, or constant int8 or int16 in the graph's order. */
export type Operand = { readonly shape: readonly number[]; readonly quantization: Quantization } & (
  | { readonly activation: Activation }
  | { readonly name: string; readonly data: Uint8Array }
)

type ConstantOperand = Extract<Operand, { data: Uint8Array }>

export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const [p, q] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1]
    if (p !== q && p !== 1 && q !== 1) throw new Refusal(`shapes [${a}] and [${b}] do not broadcast`)
    return p === 1 ? q : p
  })
}

/** A maker of results in the order of the operands. */
export type Place = (name: string) => Placed

/** Both operands in one order of memory, and a maker of results in that order. */
export function aligned(node: NodeView, a: Operand, b: Operand): { inputs: number[]; place: Place } {
  const { emitter } = node
  const shape = broadcast(a.shape, b.shape)
  const type = tensorType(a.quantization.stored)
  if (type !== tensorType(b.quantization.stored))
    throw new Refusal(`its operands are ${a.quantization.stored} and ${b.quantization.stored}`, 'one type for both')
  const computed = [a, b].filter((operand) => 'activation' in operand).map(({ activation }) => activation)
  if (computed.length === 0) throw new Refusal('both of its operands are constant')
  const whole = computed.find((operand) => operand.shape.join() === shape.join())
  // Whatever the order: where every operand has it, or is constant and can take it.
  if (
    whole !== undefined &&
    computed.every((operand) => operand.shape.join() === shape.join() && sameLayout(operand.layout, whole.layout))
  ) {
    const input = (operand: Operand) =>
      'activation' in operand
        ? emitter.view(operand.activation, whole.physical)
        : whole === undefined
          ? 0
          : constantIn(emitter, operand, shape, whole)
    return { inputs: [input(a), input(b)], place: (name) => emitter.placeAs(name, type, shape, whole.layout, whole.physical) }
  }
  const layouts = computed.map((operand) => widened(operand.layout, shape.length))
  const orders = [...layouts.map(permutationOf), straight(shape.length), channelsLast(shape.length)]
  const common = orders.find((order) => order !== undefined && layouts.every((layout) => liesAs(layout, [order])))
  const order = common ?? orders.find((permutation) => permutation !== undefined)!
  const input = (operand: Operand) => {
    const sizes = [...new Array<number>(shape.length - operand.shape.length).fill(1), ...operand.shape]
    if ('activation' in operand) {
      const wide = { ...operand.activation, shape: sizes, layout: widened(operand.activation.layout, shape.length) }
      return emitter.arrange(
        wide,
        order.map((dimension) => [dimension]),
      )
    }
    const physical = order.map((dimension) => sizes[dimension]!)
    return constantTensor(emitter, operand, physical, elementsInMemoryOrder(permutedLayout(sizes, order)))
  }
  return { inputs: [input(a), input(b)], place: (name) => emitter.place(name, type, shape, order) }
}

/** A constant operand in the order of another tensor: as small as the order allows, or repeated to its whole shape. */
function constantIn(emitter: Emitter, operand: ConstantOperand, wanted: readonly number[], like: Placed): number {
  const { shape } = operand
  const sizes = [...new Array<number>(wanted.length - shape.length).fill(1), ...shape]
  const order = permutationOf(like.layout)
  const physical = order?.map((dimension) => wanted[dimension]!)
  if (order !== undefined && physical?.join() === like.physical.join())
    return constantTensor(
      emitter,
      operand,
      order.map((dimension) => sizes[dimension]!),
      elementsInMemoryOrder(permutedLayout(sizes, order)),
    )
  let elements = Int32Array.of(0)
  let stride = 1
  // Row-major over the whole shape, the last dimension last.
  for (let axis = wanted.length - 1; axis >= 0; axis -= 1) {
    const step = sizes[axis] === 1 ? 0 : stride
    const inner = elements
    elements = new Int32Array(inner.length * wanted[axis]!)
    for (let index = 0; index < wanted[axis]!; index += 1)
      for (const [at, element] of inner.entries()) elements[index * inner.length + at] = index * step + element
    stride *= sizes[axis]!
  }
  return constantTensor(
    emitter,
    operand,
    like.physical,
    elementsInMemoryOrder(like.layout).map((place) => elements[place]!),
  )
}

/** Some elements of a constant operand, in that order. */
function constantTensor(
  emitter: Emitter,
  { name, data, quantization }: ConstantOperand,
  physical: readonly number[],
  elements: Int32Array,
): number {
  const type = tensorType(quantization.stored)
  return emitter.builder.constant(name, type, physical, pickedBytes(data, type === 'int16' ? 2 : 1, elements))
}

function widened({ parts, order }: Layout, rank: number): Layout {
  return { parts: [...Array.from({ length: rank - parts.length }, () => []), ...parts], order }
}

/** A quantized constant of one scale and zero point. */
export function constantOperand(weights: Weights): Operand {
  const { name, type, shape, scales, zeros } = weights
  if (scales.length > 1 || type === 'int32')
    throw new Refusal(`its operand "${name}" is ${type} with ${scales.length} scales`, 'int8, uint8 or int16 with one scale')
  const { data } = type === 'int16' ? weights : int8Weights(weights)
  return { shape, quantization: { scale: scales[0]!, zero: zeros[0]!, stored: type }, name, data }
}

/** An operand in the graph's order. */
export function straightInput(emitter: Emitter, operand: Operand): number {
  if (!('activation' in operand))
    return emitter.builder.constant(operand.name, tensorType(operand.quantization.stored), operand.shape, operand.data)
  const order = straight(operand.shape.length)
  return emitter.arrange(
    operand.activation,
    order.map((dimension) => [dimension]),
  )
}
