/** Expand, Tile, Resize and Upsample by the nearest, ReverseSequence, DepthToSpace, SpaceToDepth, and padding by the tensor's own elements. */
import { elementCount } from '../../graph.ts'
import { roundHalfEven } from '../../scales.ts'
import { straight, transposed } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Value } from '../value.ts'
import { broadcast } from './align.ts'
import { type Picks, picked } from './pick.ts'
import { rearranged, shapeOf, viewed } from './shape.ts'

/** The dimensions of 1 repeated, as NumPy broadcasts. */
export const expand: Rule = (node) => expanded(node, node.value(0), broadcast(shapeOf(node.value(0)), node.numbers(1)))

const mostElements = 2 ** 26

/** Refuses a result that no artifact has room for, before its elements are listed. */
function checkRoom(shape: readonly number[]): void {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || !(elementCount(shape) <= mostElements))
    throw new Refusal(`it makes a tensor of shape [${shape}]`, 'at most 2^26 elements')
}

function expanded(node: NodeView, x: Value, shape: readonly number[]): Value {
  checkRoom(shape)
  const from = shapeOf(x)
  const wide = [...new Array<number>(shape.length - from.length).fill(1), ...from]
  const picks = wide.map((size, axis) => (size === shape[axis] ? undefined : new Array<number>(shape[axis]!).fill(0)))
  return picked(node, viewed(node, x, wide), picks)
}

export const tile: Rule = (node) => {
  const x = node.value(0)
  const shape = shapeOf(x)
  const repeats = node.numbers(1)
  if (repeats.length !== shape.length) throw new Refusal(`it repeats [${shape}] by [${repeats}]`, 'one number for each dimension')
  checkRoom(shape.map((size, axis) => size * repeats[axis]!))
  return picked(
    node,
    x,
    shape.map((size, axis) => (repeats[axis] === 1 ? undefined : Array.from({ length: size * repeats[axis]! }, (_, at) => at % size))),
  )
}

/** Of each pad's index the element that stands there. */
const insides: Readonly<Record<string, (index: number, size: number) => number>> = {
  edge: (index, size) => Math.min(Math.max(index, 0), size - 1),
  wrap: (index, size) => ((index % size) + size) % size,
  reflect: (index, size) => {
    const period = Math.max(2 * (size - 1), 1)
    const at = ((index % period) + period) % period
    return Math.min(at, period - at)
  },
}

/** Padding by the tensor's own elements; a negative pad cuts. undefined for a mode that is none of these. */
export function paddedByOwn(node: NodeView, mode: string, before: readonly number[], after: readonly number[]): Value | undefined {
  const inside = insides[mode]
  const x = node.value(0)
  if (inside === undefined) return undefined
  checkRoom(shapeOf(x).map((size, axis) => size + before[axis]! + after[axis]!))
  const picks: Picks = shapeOf(x).map((size, axis) => {
    const count = size + before[axis]! + after[axis]!
    return count === size && before[axis] === 0 ? undefined : Array.from({ length: count }, (_, at) => inside(at - before[axis]!, size))
  })
  return picked(node, x, picks)
}

/** The slices of each batch up to its length, in reverse. */
export const reverseSequence: Rule = (node) => {
  const x = node.value(0)
  const shape = shapeOf(x)
  const [batchAxis, timeAxis] = [node.int('batch_axis', 1), node.int('time_axis', 0)]
  const lengths = node.numbers(1)
  if (shape.length < 2 || batchAxis + timeAxis !== 1)
    throw new Refusal(`it reverses along ${timeAxis} by ${batchAxis}`, 'dimensions 0 and 1')
  const [rows, columns] = shape as [number, number]
  const row = elementCount(shape.slice(2))
  const picks = Array.from({ length: rows * columns }, (_, at) => {
    const place = [Math.floor(at / columns), at % columns] as [number, number]
    const length = lengths[place[batchAxis]!]!
    if (place[timeAxis]! < length) place[timeAxis] = length - 1 - place[timeAxis]!
    return place[0] * columns + place[1]
  })
  return viewed(node, picked(node, viewed(node, x, [rows * columns, row]), [picks, undefined]), shape)
}

export const depthToSpace: Rule = (node) => {
  const x = node.value(0)
  const block = node.int('blocksize', 1)
  const [n, c, h, w] = pictures(x)
  const isColumnFirst = node.text('mode', 'DCR') === 'CRD'
  const split = isColumnFirst ? [n, c / block ** 2, block, block, h, w] : [n, block, block, c / block ** 2, h, w]
  const order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
  return viewed(node, moved(node, viewed(node, x, split), order), [n, c / block ** 2, h * block, w * block])
}

export const spaceToDepth: Rule = (node) => {
  const x = node.value(0)
  const block = node.int('blocksize', 1)
  const [n, c, h, w] = pictures(x)
  const split = [n, c, h / block, block, w / block, block]
  return viewed(node, moved(node, viewed(node, x, split), [0, 3, 5, 1, 2, 4]), [n, c * block ** 2, h / block, w / block])
}

function pictures(x: Value): readonly [number, number, number, number] {
  const shape = shapeOf(x)
  if (shape.length !== 4) throw new Refusal(`it spreads [${shape}]`, 'pictures [N,C,H,W]')
  return shape as unknown as readonly [number, number, number, number]
}

function moved(node: NodeView, x: Value, order: readonly number[]): Value {
  const shape = order.map((dimension) => shapeOf(x)[dimension]!)
  return rearranged(node, x, shape, (placed) => ({ ...placed, shape, layout: transposed(placed.layout, order) }))
}

type Resizing = { readonly size: number; readonly length: number; readonly scale: number }

/** Where the centre of an element of the result lies in the operand (the standard's Resize, coordinate_transformation_mode). */
const coordinates: Readonly<Record<string, (at: number, of: Resizing) => number>> = {
  half_pixel: (at, { scale }) => (at + 0.5) / scale - 0.5,
  half_pixel_symmetric: (at, { scale, size, length }) => {
    const adjustment = length / (size * scale)
    const centre = size / 2
    return centre * (1 - adjustment) + (at + 0.5) / scale - 0.5
  },
  pytorch_half_pixel: (at, { scale, length }) => (length > 1 ? (at + 0.5) / scale - 0.5 : 0),
  asymmetric: (at, { scale }) => at / scale,
  align_corners: (at, { size, length }) => (length === 1 ? 0 : (at * (size - 1)) / (length - 1)),
  tf_half_pixel_for_nn: (at, { scale }) => (at + 0.5) / scale,
}

const roundings: Readonly<Record<string, (value: number) => number>> = {
  round_prefer_floor: (value) => Math.ceil(value - 0.5),
  round_prefer_ceil: (value) => Math.floor(value + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

/** Resize by the nearest element, the only mode that moves elements. */
export const resize: Rule = (node) => {
  const shape = shapeOf(node.value(0))
  const mode = node.text('mode', 'nearest')
  if (mode !== 'nearest') throw new Refusal(`it resizes by ${mode}`, 'nearest')
  const axes = (node.ints('axes') ?? straight(shape.length)).map((axis) => node.axis(axis, shape.length))
  const [atScales, atSizes] = node.opset < 11 ? [1, 3] : [2, 3]
  const scales = node.has(atScales) ? node.numbers(atScales) : []
  const sizes = node.has(atSizes) ? node.numbers(atSizes) : []
  if (scales.length !== axes.length && sizes.length !== axes.length)
    throw new Refusal(`it resizes [${shape}] by scales [${scales}], to sizes [${sizes}]`, 'one of them for each dimension')
  const transformation = coordinates[node.text('coordinate_transformation_mode', node.opset < 11 ? 'asymmetric' : 'half_pixel')]
  const rounding = roundings[node.text('nearest_mode', node.opset < 11 ? 'floor' : 'round_prefer_floor')]
  if (transformation === undefined || rounding === undefined)
    throw new Refusal(
      `it resizes by ${node.text('coordinate_transformation_mode', '')}, ${node.text('nearest_mode', '')}`,
      'half_pixel, asymmetric or align_corners',
    )
  const ratios = sizes.length > 0 ? kept(node, axes, shape, sizes) : scales
  checkRoom(axes.map((axis, at) => (sizes.length > 0 ? sizes[at]! : Math.floor(shape[axis]! * ratios[at]!))))
  return picked(
    node,
    node.value(0),
    shape.map((size, axis) => {
      const at = axes.indexOf(axis)
      if (at < 0) return undefined
      const scale = ratios[at]!
      // The last half of an element is one where the policy keeps the ratio.
      const length = sizes.length > 0 ? resizedTo(node, size, sizes[at]!, scale) : Math.floor(size * scale)
      const of = { size, length, scale }
      return Array.from({ length }, (_, index) => Math.min(Math.max(rounding(transformation(index, of)), 0), size - 1))
    }),
  )
}

function resizedTo(node: NodeView, size: number, wanted: number, scale: number): number {
  return node.text('keep_aspect_ratio_policy', 'stretch') === 'stretch' ? wanted : roundHalfEven(size * scale)
}

/** Scales from sizes; one for all where the policy keeps the ratio. */
function kept(node: NodeView, axes: readonly number[], shape: readonly number[], sizes: readonly number[]): number[] {
  const scales = axes.map((axis, at) => sizes[at]! / shape[axis]!)
  const policy = node.text('keep_aspect_ratio_policy', 'stretch')
  if (policy === 'stretch') return scales
  const one = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales)
  return scales.map(() => one)
}

export const upsample: Rule = (node) => {
  const shape = shapeOf(node.value(0))
  if (node.text('mode', 'nearest') !== 'nearest') throw new Refusal(`it resizes by ${node.text('mode', '')}`, 'nearest')
  const scales = node.has(1) ? node.numbers(1) : (node.ints('scales') ?? [])
  if (scales.length !== shape.length) throw new Refusal(`it resizes [${shape}] by scales [${scales}]`, 'one scale for each dimension')
  checkRoom(shape.map((size, axis) => Math.floor(size * scales[axis]!)))
  return picked(
    node,
    node.value(0),
    shape.map((size, axis) =>
      Array.from({ length: Math.floor(size * scales[axis]!) }, (_, at) => Math.min(Math.floor(at / scales[axis]!), size - 1)),
    ),
  )
}
