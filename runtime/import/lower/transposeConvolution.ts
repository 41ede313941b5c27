/**
 * TRANSPOSE_CONV as a convolution, a movement and a cut. An output pixel p (counted with the padding) takes the taps k = p mod stride,
 * k + stride, … of the kernel: the pixels of one remainder (a phase) are a convolution of stride 1 with every stride-th tap. All phases
 * together are one convolution with as many times the channels, whose phases are then spread over blocks of stride × stride pixels. The
 * accumulators are those of the transposed convolution; a tap that a phase lacks weighs nothing.
 */
import type { TensorType } from '../../model/types.ts'
import { constantIntegers, elementCount, type GraphTensor } from '../graph.ts'
import { accumulatorLimit, overflowingChannel } from './accumulator.ts'
import { boundsOf, checkActivationFunction } from './activation.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { layerEntries, layerScales, layerTypes } from './convolution.ts'
import { type Part, reshaped, slice, transpose } from './move.ts'
import { checkActivation, checkOperands, checkRank4, checkSameType, type NodeView, type Rule, usableScale } from './rule.ts'

/**
 * One axis. `taps`: of a phase. `before`, `after`: the convolution's padding. `windows`: its results. `cut`: pixels of the spread result
 * before the first one wanted.
 */
type Axis = { stride: number; taps: number; before: number; after: number; windows: number; cut: number; size: number }

export const transposeConv2d: Rule = {
  check(view) {
    checkOperands(view, 3, 4)
    const [weights, x, y] = [view.input(1), view.input(2), view.output()]
    checkActivation(view, x, layerTypes)
    checkActivation(view, y, layerTypes)
    checkSameType(view, x, y)
    checkActivationFunction(view)
    for (const tensor of [x, weights, y]) checkRank4(view, tensor)
    checkWeights(view)
    const wanted = constantIntegers(view.input(0))
    if (wanted !== undefined && wanted.join() !== y.shape.join()) view.refuse(`its result has the shape [${y.shape}], wanted [${wanted}]`)
    const padding = view.text('padding', 'SAME')
    if (padding !== 'SAME' && padding !== 'VALID') view.refuse(`it has ${padding}`, 'SAME or VALID')
    const strides = [view.number('strideH', 1), view.number('strideW', 1)]
    if (strides.some((stride) => stride < 1)) view.refuse(`its strides are ${strides}`, '1 or more')
    else if (
      [x, weights, y].every(({ shape }) => shape.length === 4) &&
      axes(view).some(({ windows, cut, stride, size }) => windows * stride < cut + size)
    )
      view.refuse(`its result [${y.shape}] reaches past what its windows touch`)
    if (x.shape[0] !== y.shape[0] || x.shape[3] !== weights.shape[3] || y.shape[3] !== weights.shape[0])
      view.refuse(`weights [${weights.shape}] do not lead from [${x.shape}] to [${y.shape}]`)
  },
  lower(view, builder) {
    const [h, w] = axes(view)
    const y = view.output()
    const type = y.type as TensorType
    const [batch, , , channels] = y.shape as [number, number, number, number]
    const spread = [batch, h.windows, w.windows, h.stride, w.stride, channels]
    const phases = builder.intermediate(`${y.name}, phases`, type, [batch, h.windows, w.windows, h.stride * w.stride * channels])
    lowerConvolution(view, builder, h, w, phases)
    const order = [0, 1, 3, 2, 4, 5]
    const blocks = builder.intermediate(
      `${y.name}, in blocks`,
      type,
      order.map((axis) => spread[axis]!),
    )
    transpose(builder, reshaped(builder, phases, spread), spread, order, blocks)
    const whole = [batch, h.windows * h.stride, w.windows * w.stride, channels]
    const part = (axis: Axis): Part => ({ begin: axis.cut, stride: 1, size: axis.size })
    const parts = [{ begin: 0, stride: 1, size: batch }, part(h), part(w), { begin: 0, stride: 1, size: channels }]
    slice(builder, reshaped(builder, blocks, whole), whole, parts, builder.tensor(view.outputIndex()))
  },
}

function checkWeights(view: NodeView): void {
  const [weights, x] = [view.input(1), view.input(2)]
  const bias = view.has(3) ? view.input(3) : undefined
  const { scales = [], zeroPoints = [], axis = 0 } = weights.quantization ?? {}
  if (weights.type !== 'int8' || weights.data === undefined)
    view.refuse(`its weights "${weights.name}" are ${weights.data === undefined ? 'not constant' : weights.type}`, 'a constant of int8')
  else if (scales.length === 0 || !scales.every(usableScale)) view.refuse(`its weights "${weights.name}" have no positive normal scale`)
  else if (scales.length > 1 && (axis !== 0 || scales.length !== weights.shape[0]))
    view.refuse(`its weights [${weights.shape}] have ${scales.length} scales along dimension ${axis}`, 'one, or one for each filter')
  else if (x.type === 'int16' && zeroPoints.some((zero) => zero !== 0))
    view.refuse('its weights on int16 have a zero point', 'zero points of 0')
  else if (zeroPoints.some((zero) => zero !== zeroPoints[0] || zero < -128 || zero > 127))
    view.refuse('its weights have zero points that differ', 'one zero point for all channels')
  else if (bias !== undefined && (bias.type !== biasType(x) || bias.data === undefined || elementCount(bias.shape) !== weights.shape[0]))
    view.refuse(`its bias "${bias.name}" is not a constant of ${biasType(x)} for each filter`)
  else {
    const channel = overflowingChannel(x, weights, bias, 0)
    if (channel !== undefined)
      view.refuse(
        `the accumulator of its output channel ${channel} could pass 2^${Math.log2(accumulatorLimit(x))}`,
        'smaller weights, or fewer of them',
      )
  }
}

function axes(view: NodeView): [Axis, Axis] {
  return [axisOf(view, 1, view.number('strideH', 1)), axisOf(view, 2, view.number('strideW', 1))]
}

/** Pads as TFLite does, from the result's size. */
function axisOf(view: NodeView, axis: number, stride: number): Axis {
  const [size, kernel, out] = [view.input(2).shape[axis]!, view.input(1).shape[axis]!, view.output().shape[axis]!]
  const total = view.text('padding', 'SAME') === 'SAME' ? Math.max((Math.ceil(out / stride) - 1) * stride + kernel - out, 0) : 0
  const pad = Math.floor(total / 2)
  const taps = Math.ceil(kernel / stride)
  const first = Math.min(Math.floor(pad / stride), taps - 1)
  const last = Math.floor((pad + out - 1) / stride)
  const before = taps - 1 - first
  const after = Math.min(Math.max(last - (size - 1), 0), taps - 1)
  return { stride, taps, before, after, windows: size + before + after - taps + 1, cut: pad - first * stride, size: out }
}

function lowerConvolution(view: NodeView, builder: Builder, h: Axis, w: Axis, to: number): void {
  const [weights, x, y] = [view.input(1), view.input(2), view.output()]
  const phases = h.stride * w.stride
  const channels = weights.shape[0]!
  const operands = [builder.tensor(view.inputIndex(2)), phaseWeights(weights, builder, h, w)]
  if (view.has(3) || x.type === 'int16') operands.push(phaseBias(view, builder, phases, channels))
  const scales = layerScales(x, weights, y, weights.stored === 'uint8')
  const attributes = {
    ...{ strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, groups: 1 },
    ...{ padTop: h.before, padBottom: h.after, padLeft: w.before, padRight: w.after },
    ...{ xZero: affine(x).zero, wZero: affine(weights).zero, yZero: affine(y).zero },
    ...boundsOf(view.text('activation', 'NONE'), y),
  }
  const entries = layerEntries(builder, x, scales.length === 1 ? scales : Array.from({ length: phases }, () => scales).flat())
  builder.operator('conv2d', operands, to, attributes, entries)
}

/** Of int16 there is always one, since TFLite sums in 64 bits there. */
function biasType(x: GraphTensor): 'int32' | 'int64' {
  return x.type === 'int16' ? 'int64' : 'int32'
}

function phaseBias(view: NodeView, builder: Builder, phases: number, channels: number): number {
  const isWide = view.input(2).type === 'int16'
  const one = view.has(3) ? view.input(3).data! : new Uint8Array(8 * channels)
  const all = new Uint8Array(phases * one.length)
  for (let phase = 0; phase < phases; phase += 1) all.set(one, phase * one.length)
  const name = view.has(3) ? `${view.input(3).name}, of each phase` : 'no bias'
  return builder.constant(name, 'int32', isWide ? [phases * channels, 2] : [phases * channels], all)
}

/** Filters [phase of height, phase of width, output channel]; window tap t is kernel tap phase + stride · (taps − 1 − t). */
function phaseWeights(weights: GraphTensor, builder: Builder, h: Axis, w: Axis): number {
  const [channels, kernelH, kernelW, depth] = weights.shape as [number, number, number, number]
  const filters = h.stride * w.stride * channels
  const data = new Uint8Array(filters * h.taps * w.taps * depth).fill(affine(weights).zero)
  let at = 0
  for (let phaseH = 0; phaseH < h.stride; phaseH += 1)
    for (let phaseW = 0; phaseW < w.stride; phaseW += 1)
      for (let channel = 0; channel < channels; channel += 1)
        for (let i = h.taps - 1; i >= 0; i -= 1)
          for (let j = w.taps - 1; j >= 0; j -= 1, at += depth) {
            const [row, column] = [phaseH + h.stride * i, phaseW + w.stride * j]
            if (row >= kernelH || column >= kernelW) continue
            const from = ((channel * kernelH + row) * kernelW + column) * depth
            data.set(weights.data!.subarray(from, from + depth), at)
          }
  return builder.constant(`${weights.name}, in phases`, 'int8', [filters, h.taps, w.taps, depth], data)
}
