/** GATHER, and what takes elements of its operand by constant indices: TILE, BROADCAST_TO, MIRROR_PAD, RESIZE_NEAREST_NEIGHBOR. */
import { constantIntegers, elementCount } from '../graph.ts'
import { roundHalfAway } from '../scales.ts'
import { gather, gatherEach } from './move.ts'
import { checkMove, checkOperands, checkRank4, type NodeView, type Rule } from './rule.ts'

export const gatherRule: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [x, indices, y] = [view.input(0), view.input(1), view.output()]
    checkMove(view, x, y)
    const axis = axisOf(view)
    const constant = constantIntegers(indices)
    if (view.number('batchDims') !== 0) view.refuse(`it has ${view.number('batchDims')} batch dimensions`, 'none')
    if (indices.type !== 'int32' && constant === undefined)
      view.refuse(`its indices "${indices.name}" are ${indices.type}`, 'int32, or constants')
    const wanted = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
    if (!(axis >= 0 && axis < x.shape.length) || wanted.join() !== y.shape.join())
      view.refuse(`indices [${indices.shape}] along dimension ${axis} do not lead from [${x.shape}] to [${y.shape}]`)
    else if (constant?.some((index) => !(index >= 0 && index < x.shape[axis]!)))
      view.refuse(`its indices "${indices.name}" reach outside dimension ${axis} of [${x.shape}]`)
  },
  lower(view, builder) {
    const [x, indices] = [view.input(0), view.input(1)]
    const axis = axisOf(view)
    const from = builder.tensor(view.inputIndex(0))
    const result = builder.tensor(view.outputIndex())
    const constant = constantIntegers(indices)
    // One list of indices, or a scalar, whose dimension of 1 the result does not have.
    const list = [...x.shape.slice(0, axis), elementCount(indices.shape), ...x.shape.slice(axis + 1)]
    const isList = indices.shape.length === 1
    const to = isList ? result : builder.intermediate(`${view.output().name}, one dimension`, builder.tensors[from]!.type, list)
    if (constant !== undefined) gather(builder, from, axis, constant, to)
    else builder.operator('gather', [from, flat(view, builder)], to, { axis })
    if (!isList) builder.operator('reshape', [to], result)
  },
}

/** Its computed indices as a list. */
function flat(view: NodeView, builder: Parameters<Rule['lower']>[1]): number {
  const index = builder.tensor(view.inputIndex(1))
  const { shape } = builder.tensors[index]!
  if (shape.length === 1) return index
  const list = builder.intermediate(`${view.input(1).name}, one dimension`, 'int32', [elementCount(shape)])
  builder.operator('reshape', [index], list)
  return list
}

function axisOf(view: NodeView): number {
  const axis = view.number('axis')
  return axis < 0 ? axis + view.input(0).shape.length : axis
}

/** For each dimension that changes the indices that its elements come from; a string says why they cannot be told. */
type Indices = ReadonlyMap<number, readonly number[]> | string

function taking(operands: number, indices: (view: NodeView) => Indices, checkMore: (view: NodeView) => void = () => {}): Rule {
  return {
    check(view) {
      checkOperands(view, operands, operands)
      const [x, y] = [view.input(0), view.output()]
      checkMove(view, x, y)
      checkMore(view)
      const found = indices(view)
      const sizes = x.shape.map((size, axis) => (typeof found === 'string' ? size : (found.get(axis)?.length ?? size)))
      if (typeof found === 'string') view.refuse(found)
      else if (elementCount(sizes) !== elementCount(y.shape)) view.refuse(`its result has the shape [${y.shape}], wanted [${sizes}]`)
    },
    lower(view, builder) {
      const found = indices(view) as Exclude<Indices, string>
      gatherEach(builder, builder.tensor(view.inputIndex(0)), view.input(0).shape, found, builder.tensor(view.outputIndex()))
    },
  }
}

/** Indices of the dimensions that change, `of` each of them. */
function changed(shape: readonly number[], of: (size: number, axis: number) => number[]): Indices {
  const all = shape.map((size, axis) => [axis, of(size, axis)] as const)
  return new Map(all.filter(([axis, list]) => list.length !== shape[axis] || list.some((index, at) => index !== at)))
}

const range = (count: number) => Array.from({ length: Math.max(count, 0) }, (_, index) => index)

export const tile = taking(2, (view) => {
  const { shape } = view.input(0)
  const multiples = constantIntegers(view.input(1))
  if (multiples?.length !== shape.length || multiples.some((times) => times < 1)) return 'its multiples are not constant numbers from 1 on'
  const wanted = shape.map((size, axis) => size * multiples[axis]!)
  if (wanted.join() !== view.output().shape.join()) return `its result has the shape [${view.output().shape}], wanted [${wanted}]`
  return changed(shape, (size, axis) => range(size * multiples[axis]!).map((at) => at % size))
})

/** The shapes are aligned at their last dimensions. */
export const broadcastTo = taking(2, (view) => {
  const [{ shape }, { shape: wanted }] = [view.input(0), view.output()]
  const missing = wanted.length - shape.length
  if (missing > 0 && wanted.slice(0, missing).some((size) => size !== 1))
    return `it brings [${shape}] to the ${wanted.length} dimensions [${wanted}]`
  if (shape.some((size, axis) => size !== 1 && size !== wanted[axis + missing])) return `it brings [${shape}] to [${wanted}]`
  return changed(shape, (size, axis) => (size === wanted[axis + missing] ? range(size) : range(wanted[axis + missing]!).map(() => 0)))
})

/** REFLECT does not repeat the border, SYMMETRIC does. */
export const mirrorPad = taking(2, (view) => {
  const { shape } = view.input(0)
  const paddings = constantIntegers(view.input(1))
  const mode = view.text('mode', 'REFLECT')
  if (mode !== 'REFLECT' && mode !== 'SYMMETRIC') return `it has the mode ${mode}`
  const border = mode === 'REFLECT' ? 1 : 0
  if (paddings?.length !== 2 * shape.length) return 'its paddings are not constant'
  if (shape.some((size, axis) => [0, 1].some((side) => !(paddings[2 * axis + side]! >= 0 && paddings[2 * axis + side]! <= size - border))))
    return `it mirrors [${shape}] by [${paddings}]`
  return changed(shape, (size, axis) => {
    const [before, after] = [paddings[2 * axis]!, paddings[2 * axis + 1]!]
    const first = range(before).map((at) => before - 1 - at + border)
    return [...first, ...range(size), ...range(after).map((at) => size - 1 - border - at)]
  })
})

/** Height and width of NHWC, by TFLite's float32 steps (reference_ops::GetNearestNeighbor). */
export const resizeNearest = taking(
  2,
  (view) => {
    const [{ shape }, { shape: wanted }] = [view.input(0), view.output()]
    const [corners, centers] = [view.flag('alignCorners'), view.flag('halfPixelCenters')]
    const nearest = (size: number, out: number) => {
      const scale = Math.fround(corners && out > 1 ? (size - 1) / (out - 1) : size / out)
      return range(out).map((at) => {
        const position = Math.fround((at + (centers ? 0.5 : 0)) * scale)
        return Math.max(Math.min(corners ? roundHalfAway(position) : Math.floor(position), size - 1), 0)
      })
    }
    return changed(shape, (size, axis) => (axis === 1 || axis === 2 ? nearest(size, wanted[axis]!) : range(size)))
  },
  checkResized,
)

/** Of a picture: the artifact has a row of constants for each place on a side. */
const longestSide = 2 ** 16

/** Refuses what are no pictures of rank 4 with as many channels; gives whether the places on their sides may be listed. */
export function checkResized(view: NodeView): boolean {
  const [x, y] = [view.input(0), view.output()]
  checkRank4(view, x)
  checkRank4(view, y)
  if (x.shape[0] !== y.shape[0] || x.shape[3] !== y.shape[3]) view.refuse(`it resizes [${x.shape}] to [${y.shape}]`)
  const isShort = y.shape.every((size) => size <= longestSide)
  if (!isShort) view.refuse(`it resizes to [${y.shape}]`, `sides of at most ${longestSide}`)
  return isShort && y.shape.length === 4 && x.shape.length === 4
}
