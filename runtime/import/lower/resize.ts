/** RESIZE_BILINEAR: tables of rows and columns (docs/arithmetic.md, resizeBilinear). */
import { integerBytes } from '../graph.ts'
import { roundHalfEven } from '../scales.ts'
import type { Builder } from './builder.ts'
import { checkResized } from './gather.ts'
import { checkActivation, checkMove, checkOperands, type NodeView, type Rule } from './rule.ts'

/** First, second, weight of the second in units of 2^-bits. */
type Entry = readonly [first: number, second: number, weight: number]

const tfliteBits = 10
const xnnpackBits = 11

export const resizeBilinear: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [x, y] = [view.input(0), view.output()]
    checkActivation(view, x)
    checkActivation(view, y)
    checkMove(view, x, y)
    const isListed = checkResized(view)
    if (x.stored === 'uint8' && view.rounding === 'double') view.refuse('it interpolates uint8', 'int8, or another rounding mode')
    if (view.flag('alignCorners') && view.flag('halfPixelCenters')) view.refuse('it aligns both corners and centres')
    const unit = 2 ** bitsOf(view)
    for (const axis of isListed ? [1, 2] : [])
      if (table(view, axis).some(([first, , weight]) => first >= x.shape[axis]! || weight > unit))
        view.refuse(`it enlarges [${x.shape}] to [${y.shape}], where TFLite's integers reach past the picture`)
  },
  lower(view, builder) {
    const operands = [builder.tensor(view.inputIndex(0)), constant(view, builder, 1), constant(view, builder, 2)]
    builder.operator('resizeBilinear', operands, builder.tensor(view.outputIndex()), { bits: bitsOf(view) })
  },
}

function bitsOf({ rounding }: NodeView): number {
  return rounding === 'fp32' ? xnnpackBits : tfliteBits
}

function constant(view: NodeView, builder: Builder, axis: number): number {
  const entries = table(view, axis)
  return builder.constant(axis === 1 ? 'rows' : 'columns', 'int32', [entries.length, 3], integerBytes(entries.flat()))
}

function table(view: NodeView, axis: number): Entry[] {
  const [size, out] = [view.input(0).shape[axis]!, view.output().shape[axis]!]
  const entry = (view.rounding === 'fp32' ? xnnpack : tflite)(view, size, out)
  return Array.from({ length: out }, (_, at) => entry(at))
}

/** reference_ops::ResizeBilinearInteger: positions with 10 fraction bits. */
function tflite(view: NodeView, size: number, out: number): (at: number) => Entry {
  const corners = view.flag('alignCorners') && out > 1 ? 1 : 0
  const [from, to] = [size - corners, out - corners]
  const scale = Math.trunc((1024 * from + Math.trunc(to / 2)) / to)
  return (at) => {
    const position = at * scale + (view.flag('halfPixelCenters') ? Math.trunc(scale / 2) - 512 : 0)
    const first = Math.max(Math.trunc(position / 1024), 0)
    const second = Math.min(Math.trunc((position + 1023) / 1024), size - 1)
    return [first, second, second > first ? position - 1024 * first : 0]
  }
}

/** xnn_indirection_init_resize_bilinear2d_hwc_q11: positions in float32. */
function xnnpack(view: NodeView, size: number, out: number): (at: number) => Entry {
  const corners = view.flag('alignCorners') && out > 1 ? 1 : 0
  const scale = Math.fround((size - corners) / (out - corners))
  // Half-pixel centres: (at + ½)·scale − ½, as one product and one sum.
  const offset = view.flag('halfPixelCenters') ? Math.fround(0.5 * scale - 0.5) : 0
  return (at) => {
    const position = Math.min(Math.max(Math.fround(Math.fround(at * scale) + offset), 0), size - 1)
    const first = Math.floor(position)
    return [first, Math.min(first + 1, size - 1), roundHalfEven(Math.fround(position - first) * 2048)]
  }
}
