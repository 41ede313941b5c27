/** CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED. */
import { elementCount, type GraphTensor } from '../graph.ts'
import type { Entries, RealScale } from '../scales.ts'
import { accumulatorLimit, overflowingChannel } from './accumulator.ts'
import { boundsOf, checkActivationFunction } from './activation.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkWindows, windowPadding } from './padding.ts'
import { checkActivation, checkOperands, checkRank4, checkSameType, type NodeView, type Rule, usableScale } from './rule.ts'

/** Types of activations that layers take. */
export const layerTypes = ['int8', 'int16'] as const

export const conv2d: Rule = {
  check(view) {
    checkLayer(view, 0)
    checkConvolution(view)
    const [x, weights, y] = [view.input(0), view.input(1), view.output()]
    if (weights.shape.length === 4 && x.shape[3] !== weights.shape[3])
      view.refuse(
        `its weights read ${weights.shape[3]} of ${x.shape[3]} input channels (grouped convolution)`,
        'one group, or DEPTHWISE_CONV_2D',
      )
    if (weights.shape[0] !== y.shape[3]) view.refuse(`it has ${weights.shape[0]} filters and ${y.shape[3]} output channels`)
  },
  lower(view, builder) {
    lowerLayer(view, builder, 'conv2d', { ...convolutionAttributes(view), groups: 1 })
  },
}

export const depthwiseConv2d: Rule = {
  check(view) {
    checkLayer(view, 3)
    checkConvolution(view)
    const [x, weights, y] = [view.input(0), view.input(1), view.output()]
    if (weights.shape[0] !== 1 || weights.shape[3] !== y.shape[3] || weights.shape[3]! % x.shape[3]! !== 0)
      view.refuse(
        `its weights have the shape [${weights.shape}] for ${x.shape[3]} input and ${y.shape[3]} output channels`,
        '[1, height, width, multiple of the input channels]',
      )
  },
  lower(view, builder) {
    lowerLayer(view, builder, 'depthwiseConv2d', convolutionAttributes(view))
  },
}

export const fullyConnected: Rule = {
  check(view) {
    checkLayer(view, 0)
    const [x, weights, y] = [view.input(0), view.input(1), view.output()]
    if (view.number('weightsFormat') !== 0) view.refuse('its weights are shuffled', 'the default weights format')
    if (weights.shape.length !== 2) view.refuse(`its weights have rank ${weights.shape.length}`, 'rank 2')
    else if (
      elementCount(x.shape) % weights.shape[1]! !== 0 ||
      y.shape.at(-1) !== weights.shape[0] ||
      elementCount(y.shape) !== (elementCount(x.shape) / weights.shape[1]!) * weights.shape[0]!
    )
      view.refuse(`weights [${weights.shape}] do not lead from [${x.shape}] to [${y.shape}]`)
  },
  lower(view, builder) {
    lowerLayer(view, builder, 'fullyConnected', {})
  },
}

/** Operands, types and scales that all three share. `channelAxis`: the weights' dimension of output channels. */
function checkLayer(view: NodeView, channelAxis: number): void {
  checkOperands(view, 2, 3)
  const [x, weights] = [view.input(0), view.input(1)]
  checkActivation(view, x, layerTypes)
  checkActivation(view, view.output(), layerTypes)
  checkSameType(view, x, view.output())
  checkActivationFunction(view)
  if (!view.has(1)) return
  if (weights.type !== 'int8') view.refuse(`its weights "${weights.name}" are ${weights.type}`, 'int8')
  if (weights.data === undefined) view.refuse(`its weights "${weights.name}" are not constant`, 'constant weights')
  const { scales = [], zeroPoints = [], axis = 0 } = weights.quantization ?? {}
  if (scales.length === 0) view.refuse(`its weights "${weights.name}" have no scale`)
  if (!scales.every(usableScale)) view.refuse(`its weights "${weights.name}" have a scale that is not a positive normal float32`)
  if (scales.length > 1 && (axis !== channelAxis || scales.length !== weights.shape[channelAxis]))
    view.refuse(
      `its weights [${weights.shape}] have ${scales.length} scales along dimension ${axis}`,
      `one scale, or one for each index of dimension ${channelAxis}`,
    )
  if (zeroPoints.some((zero) => zero !== zeroPoints[0] || zero < -128 || zero > 127))
    view.refuse('its weights have zero points that differ', 'one zero point for all channels')
  if (x.type === 'int16' && zeroPoints.some((zero) => zero !== 0)) view.refuse('its weights on int16 have a zero point', 'zero points of 0')
  checkAccumulator(view, channelAxis)
}

/** The bias, and that no sum can overflow. */
function checkAccumulator(view: NodeView, channelAxis: number): void {
  const [x, weights] = [view.input(0), view.input(1)]
  const bias = view.has(2) ? view.input(2) : undefined
  const channels = weights.shape[channelAxis]
  const biasTypes = x.type === 'int16' ? ['int32', 'int64'] : ['int32']
  if (bias !== undefined && (!biasTypes.includes(bias.type) || bias.data === undefined)) {
    view.refuse(
      `its bias "${bias.name}" is ${bias.data === undefined ? 'not constant' : bias.type}`,
      `a constant of ${biasTypes.join(' or ')}`,
    )
    return
  }
  if (bias !== undefined && elementCount(bias.shape) !== channels) {
    view.refuse(`its bias has the shape [${bias.shape}] for ${channels} channels`)
    return
  }
  if (weights.type !== 'int8' || weights.data === undefined || channels === undefined || weights.shape.includes(0)) return
  const channel = overflowingChannel(x, weights, bias, channelAxis)
  if (channel !== undefined)
    view.refuse(
      `the accumulator of its output channel ${channel} could pass 2^${Math.log2(accumulatorLimit(x))}`,
      'smaller weights, or fewer of them',
    )
}

function checkConvolution(view: NodeView): void {
  for (const tensor of [view.input(0), view.input(1), view.output()]) checkRank4(view, tensor)
  const [, kernelH, kernelW] = view.input(1).shape
  checkWindows(view, kernelH ?? 1, kernelW ?? 1)
}

function convolutionAttributes(view: NodeView): Record<string, number> {
  const [, kernelH, kernelW] = view.input(1).shape as [number, number, number]
  const strides = { strideH: view.number('strideH', 1), strideW: view.number('strideW', 1) }
  const dilation = { dilationH: view.number('dilationH', 1), dilationW: view.number('dilationW', 1) }
  return { ...strides, ...dilation, ...windowPadding(view, kernelH, kernelW) }
}

function lowerLayer(
  view: NodeView,
  builder: Builder,
  name: 'conv2d' | 'depthwiseConv2d' | 'fullyConnected',
  attributes: Record<string, number>,
): void {
  const [x, weights, y] = [view.input(0), view.input(1), view.output()]
  const operands = [builder.tensor(view.inputIndex(0)), builder.tensor(view.inputIndex(1))]
  if (view.has(2)) operands.push(biasTensor(view, builder))
  else if (x.type === 'int16' && name === 'fullyConnected') operands.push(noBias(builder, weights.shape[0]!))
  const zeros = { xZero: affine(x).zero, wZero: affine(weights).zero, yZero: affine(y).zero }
  const bounds = boundsOf(view.text('activation', 'NONE'), y)
  const scales = layerScales(x, weights, y, name === 'fullyConnected' || weights.stored === 'uint8')
  const entries = layerEntries(builder, x, scales)
  builder.operator(name, operands, builder.tensor(view.outputIndex()), { ...attributes, ...zeros, ...bounds }, entries)
}

/** Requantizations of a layer, on int16 in integer form. */
export function layerEntries(builder: Builder, x: GraphTensor, scales: readonly RealScale[]): Entries {
  return x.type === 'int16' ? builder.wholeEntries(scales.map(({ exact }) => exact)) : builder.entries(scales)
}

/** The artifact's bias has rank 1, or is int64 in words of int32. */
function biasTensor(view: NodeView, builder: Builder): number {
  const bias = view.input(2)
  if (bias.type === 'int64') return builder.constant(bias.name, 'int32', [elementCount(bias.shape), 2], bias.data!)
  if (bias.shape.length === 1) return builder.tensor(view.inputIndex(2))
  return builder.constant(bias.name, 'int32', [elementCount(bias.shape)], bias.data!)
}

/** TFLite's fully connected layers of int16 without a bias are those with one of int64; its convolutions those with one of int32. */
function noBias(builder: Builder, channels: number): number {
  return builder.constant('no bias', 'int32', [channels, 2], new Uint8Array(8 * channels))
}

/**
 * TFLite multiplies in float64 for convolutions and for scales per channel, but rounds the product of one pair of scales to float32
 * in fully connected and in uint8 layers (quantization: kernel_util.cc). XNNPACK's is float32 throughout.
 */
export function layerScales(x: GraphTensor, weights: GraphTensor, y: GraphTensor, roundsProduct: boolean): RealScale[] {
  const scales = weights.quantization!.scales
  return scales.map((scale) => {
    const product = affine(x).scale * scale
    return {
      exact: (roundsProduct && scales.length === 1 ? Math.fround(product) : product) / affine(y).scale,
      single: Math.fround(Math.fround(product) / affine(y).scale),
    }
  })
}
