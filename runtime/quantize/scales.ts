/** Ranges and weights to scales, zero points and integers. All scales are float32 values. */
import { elementCount } from '../import/graph.ts'
import { roundHalfEven } from '../import/scales.ts'
import type { Range } from './observe.ts'

const f32 = Math.fround

/** real = scale · (q − zero). uint8 is affine, int16 symmetric. */
export type Scale = { readonly type: 'uint8' | 'int16'; readonly scale: number; readonly zero: number }

/** Smaller ranges are noise around zero. */
const leastScale = 2 ** -60

export function activationScale({ low, high }: Range, type: Scale['type']): Scale {
  if (type === 'int16') return { type, scale: usable(Math.max(-low, high) / 32767), zero: 0 }
  const scale = usable((high - low) / 255)
  return { type, scale, zero: Math.min(Math.max(roundHalfEven(-low / scale), 0), 255) }
}

/** Softmax has one scale in the artifact. */
export function softmaxScale(type: Scale['type']): Scale {
  return { type, scale: type === 'int16' ? 2 ** -15 : 2 ** -8, zero: 0 }
}

/** The numbers that a scale can stand for. */
export function rangeOfScale({ type, scale, zero }: Scale): Range {
  const [least, most] = type === 'int16' ? [-(2 ** 15), 2 ** 15 - 1] : [0, 255]
  return { low: (least - zero) * scale, high: (most - zero) * scale }
}

function usable(scale: number): number {
  return scale < leastScale ? 1 : f32(scale)
}

export type QuantizedWeights = { readonly values: readonly number[]; readonly scales: readonly number[] }

/**
 * int8 from −127 to 127, a scale for each index of dimension `axis`. `floor`: the least scale of each channel; where a channel's weights are
 * all but zero its bias would not fit int32 otherwise.
 */
export function channelWeights(
  numbers: readonly number[],
  shape: readonly number[],
  axis: number,
  floor: (channel: number) => number = () => 0,
): QuantizedWeights {
  const inner = elementCount(shape.slice(axis + 1))
  const channels = shape[axis]!
  const channelOf = (index: number) => Math.floor(index / inner) % channels
  const largest = new Float64Array(channels)
  for (const [index, value] of numbers.entries()) largest[channelOf(index)] = Math.max(largest[channelOf(index)]!, Math.abs(value))
  const scales = Array.from(largest, (value, channel) => usable(Math.max(value / 127, floor(channel))))
  const values = numbers.map((value, index) => Math.min(Math.max(roundHalfEven(value / scales[channelOf(index)]!), -127), 127))
  return { values, scales }
}
