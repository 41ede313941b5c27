/** Windows of convolutions and pools: kernel, strides, dilations, padding and the size of the result, along height and width. */
import type { NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'

type Pair = [height: number, width: number]

/** `extent`: from the first to the last tap of the dilated kernel. */
export type Windows = { kernel: Pair; extent: Pair; strides: Pair; dilations: Pair; before: Pair; after: Pair; output: Pair }

/** `size`: the spatial dimensions, one or two; one counts as a width of height 1. `kernel` likewise. */
export function windowsOf(node: NodeView, size: readonly number[], kernel: readonly number[]): Windows {
  const rank = size.length
  if (rank < 1 || rank > 2) throw new Refusal(`its operand has ${rank} spatial dimensions`, 'one or two')
  const list = (name: string, otherwise: number, length = rank): number[] => {
    const values = node.ints(name) ?? new Array<number>(length).fill(otherwise)
    if (values.length !== length || values.some((value) => !(value >= otherwise && value < 2 ** 24)))
      throw new Refusal(`its ${name} are [${values}]`)
    return values
  }
  if (kernel.length !== rank || kernel.some((value) => !(value >= 1 && value < 2 ** 24)))
    throw new Refusal(`its kernel is [${kernel}] over [${size}]`)
  const [strides, dilations, pads] = [list('strides', 1), list('dilations', 1), list('pads', 0, 2 * rank)]
  const automatic = node.text('auto_pad', 'NOTSET')
  const ceil = node.int('ceil_mode', 0) !== 0
  const along = size.map((length, axis) => {
    const extent = (kernel[axis]! - 1) * dilations[axis]! + 1
    const padding: Padding = { automatic, before: pads[axis]!, after: pads[axis + rank]!, ceil }
    return {
      ...slide(length, extent, strides[axis]!, padding),
      kernel: kernel[axis]!,
      extent,
      stride: strides[axis]!,
      dilation: dilations[axis]!,
    }
  })
  if (rank === 1) along.unshift({ before: 0, after: 0, output: 1, kernel: 1, extent: 1, stride: 1, dilation: 1 })
  const pair = (key: keyof (typeof along)[number]): Pair => [along[0]![key], along[1]![key]]
  return {
    kernel: pair('kernel'),
    extent: pair('extent'),
    strides: pair('stride'),
    dilations: pair('dilation'),
    before: pair('before'),
    after: pair('after'),
    output: pair('output'),
  }
}

type Padding = { automatic: string; before: number; after: number; ceil: boolean }

function slide(size: number, extent: number, stride: number, padding: Padding): { before: number; after: number; output: number } {
  const { before, after } = padded(size, extent, stride, padding)
  const steps = (size + before + after - extent) / stride
  let output = Math.floor(steps) + 1
  // The last window of ceil_mode must begin inside the picture or the padding before it.
  if (padding.ceil && Math.ceil(steps) * stride < size + before) output = Math.ceil(steps) + 1
  if (steps < 0) throw new Refusal(`its windows are ${extent} long, its padded operand ${size + before + after}`)
  const reach = Math.max(after, (output - 1) * stride + extent - size - before)
  return { before, after: reach, output }
}

function padded(size: number, extent: number, stride: number, { automatic, before, after }: Padding): { before: number; after: number } {
  if (automatic === 'NOTSET' || automatic === '') return { before, after }
  if (automatic === 'VALID') return { before: 0, after: 0 }
  if (automatic !== 'SAME_UPPER' && automatic !== 'SAME_LOWER')
    throw new Refusal(`its auto_pad is ${automatic}`, 'NOTSET, VALID, SAME_UPPER or SAME_LOWER')
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0)
  const less = Math.floor(total / 2)
  return automatic === 'SAME_UPPER' ? { before: less, after: total - less } : { before: total - less, after: less }
}

/** Whether every window touches the picture itself, as the artifact wants it. */
export function touchesPicture({ before, after, extent }: Windows): boolean {
  return [0, 1].every((axis) => before[axis]! < extent[axis]! && after[axis]! < extent[axis]!)
}

export function windowAttributes({ strides, before, after }: Windows): Record<string, number> {
  return { strideH: strides[0], strideW: strides[1], padTop: before[0], padBottom: after[0], padLeft: before[1], padRight: after[1] }
}

/** The dimensions of [N, C, …] that make up batch, height, width and channel. */
export function pictureGroups(rank: number): number[][] {
  return rank === 3 ? [[0], [], [2], [1]] : [[0], [2], [3], [1]]
}
