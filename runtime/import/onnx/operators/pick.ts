/** Rearrangements whose indices are known: along each dimension a list of the indices that are taken. */
import { elementCount, graphTypeBytes } from '../../graph.ts'
import { type Constant, pickedBytes } from '../constant.ts'
import { checkSize, permutationIn } from '../emitter.ts'
import type { NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Placed, Value } from '../value.ts'
import { rearranged, shapeOf } from './shape.ts'

/** For each dimension the indices in their order; undefined for all of them as they are. */
export type Picks = readonly (readonly number[] | undefined)[]

export function picked(node: NodeView, x: Value, picks: Picks): Value {
  const from = shapeOf(x)
  const shape = from.map((size, axis) => picks[axis]?.length ?? size)
  checkSize(shape)
  if (x.kind === 'constant') return pickedConstant(x, picks, shape)
  if (x.kind === 'weights') {
    if (x.scales.length > 1 || x.zeros.length > 1) throw new Refusal('it rearranges a constant of several scales', 'one scale')
    return { ...x, shape, data: pickedConstant({ ...x, kind: 'constant', typeName: x.type, shape: [...from] }, picks, shape).data }
  }
  return rearranged(node, x, shape, (placed) =>
    picks.reduce((one, indices, axis) => (indices === undefined ? one : gathered(node, one, axis, indices)), placed),
  )
}

function gathered<T extends Placed>(node: NodeView, placed: T, axis: number, indices: readonly number[]): T {
  if (indices.length === placed.shape[axis] && indices.every((index, at) => index === at)) return placed
  const emitter = node.begin()
  const order = permutationIn(placed)
  const shape = placed.shape.map((size, dimension) => (dimension === axis ? indices.length : size))
  const y = emitter.place(node.node.outputs[0]!, emitter.builder.tensors[placed.tensor]!.type, shape, order)
  const input = emitter.arrange(
    placed,
    order.map((dimension) => [dimension]),
  )
  emitter.operator('gather', [input, emitter.int32s('indices', indices)], y, { axis: order.indexOf(axis) })
  return { ...placed, ...y }
}

function pickedConstant(x: Constant, picks: Picks, shape: number[]): Constant {
  if (graphTypeBytes[x.type] === 0) throw new Refusal(`it rearranges a constant of ${x.typeName}`)
  let elements = Int32Array.of(0)
  for (const [axis, size] of x.shape.entries()) {
    const indices = picks[axis] ?? Array.from({ length: size }, (_, index) => index)
    const stride = elementCount(x.shape.slice(axis + 1))
    const wider = new Int32Array(elements.length * indices.length)
    for (const [at, element] of elements.entries())
      for (const [step, index] of indices.entries()) wider[at * indices.length + step] = element + index * stride
    elements = wider
  }
  return { ...x, shape, data: pickedBytes(x.data, graphTypeBytes[x.type], elements) }
}
