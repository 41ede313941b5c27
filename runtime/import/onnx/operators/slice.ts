/** Slice, Split and Gather with constant indices: pieces of a tensor. */
import { elementCount } from '../../graph.ts'
import { permutationIn } from '../emitter.ts'
import { reshaped } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Placed, Value } from '../value.ts'
import { constantGather, constantSlice } from './constants.ts'
import { gatherComputed } from './indexed.ts'
import { type Piece, pieceOf } from './piece.ts'
import { rearranged, shapeOf } from './shape.ts'

export const slice: Rule = (node) => {
  const x = node.value(0)
  if (x.kind === 'constant') return constantSlice(node)
  const shape = shapeOf(x)
  const starts = node.listed('starts', 1) ?? []
  const ends = node.listed('ends', 2) ?? []
  const axes = (node.listed('axes', 3) ?? [...starts.keys()]).map((axis) => node.axis(axis, shape.length))
  const steps = node.has(4) ? node.numbers(4) : axes.map(() => 1)
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    throw new Refusal(`it slices [${shape}] from [${starts}] to [${ends}]`)
  const pieces = shape.map((size): Piece => ({ begin: 0, stride: 1, size }))
  for (const [at, axis] of axes.entries()) pieces[axis] = pieceOf(shape[axis]!, starts[at]!, ends[at]!, steps[at]!)
  return cut(node, x, pieces, node.node.outputs[0]!)
}

export const split: Rule = (node) => {
  const x = node.value(0)
  const shape = shapeOf(x)
  const axis = node.axis(node.int('axis', 0), shape.length)
  const { outputs } = node.node
  const chunk = Math.ceil(shape[axis]! / outputs.length)
  const equal = outputs.map((_, index) => Math.min(chunk, shape[axis]! - index * chunk))
  const sizes = node.listed('split', 1) ?? equal
  if (sizes.length !== outputs.length || sizes.reduce((sum, size) => sum + size, 0) !== shape[axis])
    throw new Refusal(`it splits dimension ${axis} of [${shape}] into [${sizes}]`)
  let begin = 0
  return outputs.map((name, index) => {
    const pieces = shape.map(
      (size, dimension): Piece => (dimension === axis ? { begin, stride: 1, size: sizes[index]! } : { begin: 0, stride: 1, size }),
    )
    begin += sizes[index]!
    return cut(node, x, pieces, name)
  })
}

/** One index takes its dimension away; several are slices one after the other. */
export const gather: Rule = (node) => {
  const x = node.value(0)
  if (node.value(1).kind !== 'constant' || x.kind === 'weights') return gatherComputed(node)
  if (x.kind === 'constant') return constantGather(node)
  const shape = shapeOf(x)
  const axis = node.axis(node.int('axis', 0), shape.length)
  const length = shape[axis]!
  const indices = node.numbers(1).map((index) => (index < 0 ? index + length : index))
  if (indices.length === 0 || indices.some((index) => !(Number.isInteger(index) && index >= 0 && index < length)))
    throw new Refusal(`it gathers [${indices}] of ${length}`)
  const result = [...shape.slice(0, axis), ...node.constant(1).shape, ...shape.slice(axis + 1)]
  return rearranged(node, x, result, (placed) => {
    const emitter = node.begin()
    const order = permutationIn(placed)
    const sizes = shape.map((size, dimension) => (dimension === axis ? indices.length : size))
    const y = emitter.place(node.node.outputs[0]!, emitter.builder.tensors[placed.tensor]!.type, sizes, order)
    const operands = [
      emitter.arrange(
        placed,
        order.map((dimension) => [dimension]),
      ),
      emitter.int32s('indices', indices),
    ]
    emitter.operator('gather', operands, y, { axis: order.indexOf(axis) })
    // The indices' own dimensions stand in the place of the axis: its factors, taken apart.
    const layout = reshaped(y.layout, result)
    return layout === undefined ? { ...placed, ...emitter.straightened(y), shape: result } : { ...placed, ...y, shape: result, layout }
  })
}

function cut(node: NodeView, x: Value, pieces: readonly Piece[], name: string): Value {
  const sizes = pieces.map(({ size }) => size)
  if (x.kind === 'constant' || x.kind === 'weights') throw new Refusal('it cuts a dequantized constant', 'a computed tensor')
  if (!(elementCount(sizes) > 0)) throw new Refusal(`it cuts [${sizes}] of [${shapeOf(x)}]`, 'at least one element')
  return rearranged(node, x, sizes, (placed) => sliced(node, placed, pieces, name))
}

export function sliced<T extends Placed>(node: NodeView, placed: T, pieces: readonly Piece[], name: string): T {
  const sizes = pieces.map(({ size }) => size)
  if (sizes.join() === placed.shape.join() && pieces.every(({ stride }) => stride === 1)) return placed
  const emitter = node.begin()
  const order = permutationIn(placed)
  const y = emitter.place(name, emitter.builder.tensors[placed.tensor]!.type, sizes, order)
  const attributes: Record<string, number> = {}
  for (const [place, dimension] of order.entries()) {
    attributes[`begin${place}`] = pieces[dimension]!.begin
    attributes[`stride${place}`] = pieces[dimension]!.stride
  }
  emitter.operator(
    'slice',
    [
      emitter.arrange(
        placed,
        order.map((dimension) => [dimension]),
      ),
    ],
    y,
    attributes,
  )
  return { ...placed, ...y }
}
