/** STRIDED_SLICE, SLICE, SPLIT, SPLIT_V, UNPACK and REVERSE_V2. */
import { constantIntegers, type GraphTensor } from '../graph.ts'
import type { Builder } from './builder.ts'
import { type Part, slice } from './move.ts'
import { checkMove, checkOperands, type NodeView, type Rule } from './rule.ts'

/** All of each dimension. */
function whole(shape: readonly number[]): Part[] {
  return shape.map((size) => ({ begin: 0, stride: 1, size }))
}

function sizes(parts: readonly Part[]): number[] {
  return parts.map(({ size }) => size)
}

/** Elements in the order of the result, whatever dimensions of 1 it drops. */
function lowerSlice(builder: Builder, from: number, parts: readonly Part[], to: number): void {
  const { type, shape } = builder.tensors[from]!
  const kept = sizes(parts)
  const isWhole = kept.join() === builder.tensors[to]!.shape.join()
  const part = isWhole ? to : builder.intermediate(`${builder.tensorNames[to]}, with all dimensions`, type, kept)
  slice(builder, from, shape, parts, part)
  if (!isWhole) builder.operator('reshape', [part], to)
}

export const stridedSlice: Rule = {
  check(view) {
    checkOperands(view, 4, 4)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    if (view.number('ellipsisMask') !== 0 || view.number('newAxisMask') !== 0)
      view.refuse('it has an ellipsis mask or a new-axis mask', 'begin, end and strides of each dimension')
    const parts = strided(view, x)
    if (typeof parts === 'string') view.refuse(parts)
    else if (keptDimensions(view, parts).join() !== y.shape.join()) view.refuse(`its result has the shape [${y.shape}]`)
  },
  lower(view, builder) {
    const parts = strided(view, view.input(0)) as Part[]
    lowerSlice(builder, builder.tensor(view.inputIndex(0)), parts, builder.tensor(view.outputIndex()))
  },
}

/** A dimension of the shrink mask has one element and is not in the result. */
function keptDimensions(view: NodeView, parts: readonly Part[]): number[] {
  return sizes(parts.filter((_, axis) => ((view.number('shrinkAxisMask') >> axis) & 1) === 0))
}

/** What it takes of each dimension, or why it cannot be told. */
function strided(view: NodeView, { shape }: GraphTensor): Part[] | string {
  const constants = [1, 2, 3].map((operand) => constantIntegers(view.input(operand)))
  if (!constants.every((values) => values !== undefined)) return 'its begin, end or strides are not constant'
  const [begins, ends, strides] = constants as [number[], number[], number[]]
  if (begins.length > shape.length || ends.length !== begins.length || strides.length !== begins.length)
    return `its begin, end and strides are of [${[begins, ends, strides].map(({ length }) => length)}] dimensions of [${shape}]`
  const has = (mask: string, axis: number) => ((view.number(mask) >> axis) & 1) === 1
  const parts = whole(shape)
  for (const [axis, stride] of strides.entries()) {
    const size = shape[axis]!
    if (stride === 0) return `its stride of dimension ${axis} is 0`
    const [low, high] = stride > 0 ? [0, size] : [-1, size - 1]
    const inside = (index: number) => Math.min(Math.max(index < 0 ? index + size : index, low), high)
    const begin = has('beginMask', axis) ? (stride > 0 ? 0 : size - 1) : inside(begins[axis]!)
    const end = has('endMask', axis) ? (stride > 0 ? size : -1) : inside(ends[axis]!)
    const count = has('shrinkAxisMask', axis) ? 1 : Math.ceil((end - begin) / stride)
    if (count < 1 || begin < 0 || begin >= size) return `it takes nothing of dimension ${axis}`
    parts[axis] = { begin, stride, size: count }
  }
  return parts
}

export const sliceRule: Rule = {
  check(view) {
    checkOperands(view, 3, 3)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    const parts = sized(view)
    if (parts === undefined) view.refuse('its begin or size is not constant, or not of each dimension', 'constants of int32')
    else if (parts.some(({ begin, size }, axis) => begin < 0 || size < 1 || begin + size > x.shape[axis]!))
      view.refuse(`it takes [${sizes(parts)}] from [${parts.map(({ begin }) => begin)}] on of [${x.shape}]`)
    else if (sizes(parts).join() !== y.shape.join()) view.refuse(`its result has the shape [${y.shape}]`)
  },
  lower(view, builder) {
    lowerSlice(builder, builder.tensor(view.inputIndex(0)), sized(view)!, builder.tensor(view.outputIndex()))
  },
}

/** A size of −1 is the rest. */
function sized(view: NodeView): Part[] | undefined {
  const { shape } = view.input(0)
  const begins = constantIntegers(view.input(1))
  const wanted = constantIntegers(view.input(2))
  if (begins?.length !== shape.length || wanted?.length !== shape.length) return undefined
  return begins.map((begin, axis) => ({ begin, stride: 1, size: wanted[axis] === -1 ? shape[axis]! - begin : wanted[axis]! }))
}

/** Its operand, its axis and the sizes of its results along it; a string says why they cannot be told. */
type Pieces = { readonly x: number; readonly axis: number; readonly sizes: readonly number[] }

/** A rule that cuts an operand into pieces along one dimension. */
function splitting(pieces: (view: NodeView) => Pieces | string): Rule {
  return {
    check(view) {
      const found = pieces(view)
      if (typeof found === 'string') {
        view.refuse(found)
        return
      }
      const x = view.input(found.x)
      for (const [result] of view.node.outputs.entries()) checkMove(view, x, view.output(result))
      for (const [result, size] of found.sizes.entries()) {
        const piece = x.shape.map((whole, axis) => (axis === found.axis ? size : whole))
        const shapes = [piece, piece.filter((_, axis) => axis !== found.axis || size !== 1)].map(String)
        const { shape } = view.output(result)
        if (result < view.node.outputs.length && !shapes.includes(String(shape)))
          view.refuse(`its result ${result} has the shape [${shape}]`, `[${piece}]`)
      }
      const total = found.sizes.reduce((sum, size) => sum + size, 0)
      if (
        !(found.axis >= 0 && found.axis < x.shape.length) ||
        total !== x.shape[found.axis] ||
        !found.sizes.every((size) => Number.isInteger(size) && size >= 1)
      )
        view.refuse(`it cuts [${x.shape}] into [${found.sizes}] along dimension ${found.axis}`)
      else if (found.sizes.length !== view.node.outputs.length)
        view.refuse(`it has ${view.node.outputs.length} results, wanted ${found.sizes.length}`)
    },
    lower(view, builder) {
      const { x, axis, sizes } = pieces(view) as Pieces
      const from = builder.tensor(view.inputIndex(x))
      let begin = 0
      for (const [result, size] of sizes.entries()) {
        const parts = whole(view.input(x).shape).with(axis, { begin, stride: 1, size })
        lowerSlice(builder, from, parts, builder.tensor(view.outputIndex(result)))
        begin += size
      }
    },
  }
}

function axisOf(value: number, { shape }: GraphTensor): number {
  return value < 0 ? value + shape.length : value
}

/** Operands: axis, x. */
export const split = splitting((view) => {
  const axis = constantIntegers(view.input(0))?.[0]
  if (axis === undefined) return 'its axis is not constant'
  const at = axisOf(axis, view.input(1))
  const count = view.node.outputs.length
  return { x: 1, axis: at, sizes: new Array<number>(count).fill((view.input(1).shape[at] ?? 0) / count) }
})

/** Operands: x, sizes (one may be −1), axis. */
export const splitV = splitting((view) => {
  const axis = constantIntegers(view.input(2))?.[0]
  const wanted = constantIntegers(view.input(1))
  if (axis === undefined || wanted === undefined) return 'its axis or its sizes are not constant'
  const at = axisOf(axis, view.input(0))
  const rest = wanted.filter((size) => size !== -1).reduce((left, size) => left - size, view.input(0).shape[at] ?? 0)
  return { x: 0, axis: at, sizes: wanted.map((size) => (size === -1 ? rest : size)) }
})

/** Each result is one element of the axis, without that dimension. */
export const unpack = splitting((view) => ({
  x: 0,
  axis: axisOf(view.number('axis'), view.input(0)),
  sizes: new Array<number>(view.node.outputs.length).fill(1),
}))

export const reverse: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    if (x.shape.join() !== y.shape.join()) view.refuse(`it makes [${y.shape}] of [${x.shape}]`)
    const axes = constantIntegers(view.input(1))
    if (axes === undefined) view.refuse('its axes are not constant', 'a constant of int32')
    else if (axes.some((axis) => !(axisOf(axis, x) >= 0 && axisOf(axis, x) < x.shape.length)))
      view.refuse(`it turns the dimensions [${axes}] of [${x.shape}]`)
  },
  lower(view, builder) {
    const x = view.input(0)
    const axes = constantIntegers(view.input(1))!.map((axis) => axisOf(axis, x))
    const parts = whole(x.shape).map((part, axis) => (axes.includes(axis) ? { ...part, begin: part.size - 1, stride: -1 } : part))
    lowerSlice(builder, builder.tensor(view.inputIndex(0)), parts, builder.tensor(view.outputIndex()))
  },
}
