/** MaxPool, AveragePool, GlobalAveragePool and their com.microsoft forms. */
import { channelsLast } from '../layout.ts'
import { NodeView, type Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import {
  type Activation,
  int8Zero,
  type Quantization,
  type Real,
  real,
  type Stored,
  sameQuantization,
  tensorType,
  typeBounds,
} from '../value.ts'
import { type Averaging, averageIsExact } from './average.ts'
import { plainReal, requantized, tableReal } from './table.ts'
import { pictureGroups, touchesPicture, type Windows, windowAttributes, windowsOf } from './windows.ts'

/** A window of the whole picture. */
export const globalMaxPool: Rule = (node) => {
  const input = node.value(0)
  if (input.kind !== 'activation' && input.kind !== 'real') throw new Refusal('its operand is constant')
  const [, , ...sizes] = input.shape
  return maxPool(new NodeView({ ...node.node, attributes: new Map([['kernel_shape', sizes]]) }, node.scope, [input]))
}

export const maxPool: Rule = (node) => {
  const x = node.value(0)
  if (node.node.outputs.slice(1).some((output) => output !== ''))
    throw new Refusal('it gives the indices of the maxima', 'the maxima alone')
  if (x.kind === 'activation') return pooled(node, x)
  const input = node.real(0)
  const shape = [...input.shape.slice(0, 2), ...outputOf(node, input.shape)]
  const { table } = input
  // QuantizeLinear grows with its operand, and so does a table that never falls: the largest stays the largest.
  if (table?.values.every((value, index, all) => index === 0 || value >= all[index - 1]!))
    return tableReal(node, pooled(node, table.of), table.values, [input], table.plain)
  return real(shape, [input], (to) => pooled(node, input.quantize(to)))
}

function outputOf(node: NodeView, shape: readonly number[]): number[] {
  const windows = kernelWindows(node, shape)
  return windows.output.slice(4 - shape.length)
}

function kernelWindows(node: NodeView, shape: readonly number[]): Windows {
  const windows = windowsOf(node, shape.slice(2), node.ints('kernel_shape') ?? [])
  if (windows.dilations.some((dilation) => dilation !== 1)) throw new Refusal(`its dilations are [${windows.dilations}]`, 'no dilation')
  if (!touchesPicture(windows))
    throw new Refusal(
      `it pads by [${windows.before},${windows.after}], its windows are [${windows.extent}]`,
      'padding smaller than the window',
    )
  return windows
}

function poolAttributes(windows: Windows, stored: Stored): Record<string, number> {
  return { kernelH: windows.kernel[0], kernelW: windows.kernel[1], ...windowAttributes(windows), ...typeBounds(stored) }
}

function pooled(node: NodeView, x: Activation): Activation {
  const windows = kernelWindows(node, x.shape)
  const emitter = node.begin()
  const input = emitter.arrange(x, pictureGroups(x.shape.length))
  const y = placePicture(node, x, windows)
  emitter.operator('maxPool', [input], y, poolAttributes(windows, x.stored))
  return { ...x, ...y }
}

function placePicture(
  node: NodeView,
  { shape, stored }: Activation,
  { output }: Windows,
): Pick<Activation, 'tensor' | 'physical' | 'shape' | 'layout'> {
  const [batch, channels] = shape as [number, number]
  const placed = node.emitter.place(
    node.node.outputs[0]!,
    tensorType(stored),
    [batch, channels, ...output.slice(4 - shape.length)],
    channelsLast(shape.length),
  )
  return shape.length === 4
    ? placed
    : node.emitter.placeAs(node.node.outputs[0]!, tensorType(stored), placed.shape, placed.layout, [batch, 1, output[1], channels])
}

export const averagePool: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const input = node.real(0)
  return real([...x.shape.slice(0, 2), ...outputOf(node, x.shape)], [input], (to) => averaged(node, x, quantization, to), {
    fusable: true,
  })
}

/** x, x scale, x zero, y scale, y zero. */
export const qlinearAveragePool: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  x.meaning.quantization ??= quantization
  if (node.int('channels_last', 0) !== 0) throw new Refusal('its channels come last', 'channels_last = 0')
  return averaged(node, x, quantization, node.quantization(3))
}

/**
 * onnxruntime sums dequantized float32 values, whose roundings decide where the average lies on a tie. Where no average can come near one,
 * the integer sum gives the same. As a depthwise convolution of ones, with the zero point inside the sum: onnxruntime adds it before it rounds.
 */
function averaged(node: NodeView, x: Activation, quantization: Quantization, to: Quantization): Activation {
  const windows = kernelWindows(node, x.shape)
  if (x.stored === 'int16') return averagedWide(node, x, quantization, to, windows)
  const count = windows.kernel[0] * windows.kernel[1]
  const padded = [...windows.before, ...windows.after].some((size) => size > 0)
  const sameScale = sameQuantization(quantization, to) && quantization.stored === to.stored
  const partial = padded && node.int('count_include_pad', 0) === 0
  if (partial && (!sameScale || x.shape.length !== 4))
    throw new Refusal(
      'its windows at the border average fewer elements at another scale',
      'one scale for operand and result, or no padding',
    )
  const averaging: Averaging = { count, from: quantization, to }
  const exact = partial
    ? sameScale && countsOf(windows, x.shape).every((elements) => averageIsExact({ ...averaging, count: elements }))
    : averageIsExact(averaging)
  if (!exact)
    node.inexact(
      `it averages ${count} elements: onnxruntime sums float32 values, whose roundings decide ties`,
      'GlobalAveragePool, or windows of an odd count at one scale',
    )
  const emitter = node.begin()
  const input = emitter.arrange(x, pictureGroups(x.shape.length))
  const y = placePicture(node, x, windows)
  const more = { stored: to.stored, meaning: { quantization: to } }
  if (partial) {
    emitter.operator('averagePool', [input], y, poolAttributes(windows, x.stored))
    return { ...x, ...y, ...more }
  }
  if (count > 2 ** 15) throw new Refusal(`it averages ${count} elements`, 'at most 32768')
  const channels = x.shape[1]!
  const weights = emitter.int8s('ones', [1, ...windows.kernel, channels], new Uint8Array(count * channels).fill(1))
  const zero = int8Zero(to)
  const inSum = sameScale ? zero + 128 : 0
  const operands = [input, weights]
  if (inSum !== 0) operands.push(emitter.int32s('zero point in the sum', new Array<number>(channels).fill(inSum * count)))
  const scale = Math.fround(sameScale ? 1 / count : quantization.scale / Math.fround(to.scale * count))
  const attributes = {
    ...windowAttributes(windows),
    dilationH: 1,
    dilationW: 1,
    xZero: int8Zero(quantization),
    wZero: 0,
    yZero: zero - inSum,
    yMin: -128,
    yMax: 127,
  }
  emitter.operator('depthwiseConv2d', operands, y, attributes, [{ exact: scale, single: scale }])
  return { ...x, ...y, ...more }
}

/** On int16 the average is rounded at the scale of its operand, half away from zero. */
function averagedWide(node: NodeView, x: Activation, from: Quantization, to: Quantization, windows: Windows): Activation {
  const padded = [...windows.before, ...windows.after].some((size) => size > 0)
  if (padded && node.int('count_include_pad', 0) !== 0)
    throw new Refusal('it counts the padding in averages of int16', 'count_include_pad = 0')
  const emitter = node.begin()
  const input = emitter.arrange(x, pictureGroups(x.shape.length))
  const y = placePicture(node, x, windows)
  emitter.operator('averagePool', [input], y, poolAttributes(windows, x.stored))
  return requantized(node, { ...x, ...y, meaning: { quantization: from } }, from, to)
}

/** How many elements the windows of a padded picture hold. */
function countsOf({ kernel, strides, before, output }: Windows, shape: readonly number[]): number[] {
  const along = [0, 1].map((axis) => {
    const size = shape[axis + 2]!
    const lengths = Array.from({ length: output[axis]! }, (_, at) => {
      const start = at * strides[axis]! - before[axis]!
      return Math.min(start + kernel[axis]!, size) - Math.max(start, 0)
    })
    return [...new Set(lengths)]
  })
  return along[0]!.flatMap((height) => along[1]!.map((width) => height * width))
}

export const globalAveragePool: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  return meanReal(node, node.real(0), x, quantization)
}

function meanReal(node: NodeView, input: Real, x: Activation, quantization: Quantization): Real {
  const shape = x.shape.map((size, axis) => (axis < 2 ? size : 1))
  return real(shape, [input], (to) => mean(node, x, quantization, to), { fusable: true })
}

/** x, x scale, x zero, y scale, y zero. */
export const qlinearGlobalAveragePool: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  if (node.int('channels_last', 0) !== 0) throw new Refusal('its channels come last', 'channels_last = 0')
  return meanReal(node, plainReal(node, x, quantization), x, quantization).quantize(node.quantization(3))
}

/** One window over all of [N, C, H, W] or [N, C, W]. */
function wholePicture(shape: readonly number[]): Windows {
  const kernel: [number, number] = shape.length === 4 ? [shape[2]!, shape[3]!] : [1, shape[2]!]
  return { kernel, extent: kernel, strides: [1, 1], dilations: [1, 1], before: [0, 0], after: [0, 0], output: [1, 1] }
}

/** onnxruntime: the int32 sum by the scale float32(sIn / float32(sOut · count)). */
function mean(node: NodeView, x: Activation, quantization: Quantization, to: Quantization): Activation {
  const rank = x.shape.length
  if (rank < 3 || rank > 4) throw new Refusal(`it averages [${x.shape}]`, 'one or two spatial dimensions')
  if (x.stored === 'int16') return averagedWide(node, x, quantization, to, wholePicture(x.shape))
  const emitter = node.begin()
  const input = emitter.arrange(x, pictureGroups(rank))
  const [batch, channels, ...sizes] = x.shape as [number, number, ...number[]]
  const count = sizes.reduce((product, size) => product * size, 1)
  if (count >= 2 ** 15) throw new Refusal(`it averages ${count} elements`, 'less than 2^15')
  const placed = emitter.place(node.node.outputs[0]!, 'int8', [batch, channels, ...sizes.map(() => 1)], channelsLast(rank))
  const y = rank === 4 ? placed : emitter.placeAs(node.node.outputs[0]!, 'int8', placed.shape, placed.layout, [batch, 1, 1, channels])
  const scale = Math.fround(quantization.scale / Math.fround(to.scale * count))
  const attributes = { axes: 0b110, xZero: int8Zero(quantization), yZero: int8Zero(to), yMin: -128, yMax: 127 }
  emitter.operator('mean', [input], y, attributes, [{ exact: scale, single: scale }])
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}
