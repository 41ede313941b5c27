/** Conv, QLinearConv, ConvInteger. */
import { transposedBytes } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { channelsLast, permutedLayout } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import {
  type Accumulator,
  type Activation,
  int8Zero,
  type Placed,
  type Quantization,
  real,
  type Target,
  tensorType,
  type Weights,
} from '../value.ts'
import {
  biasNumbers,
  checkLayerTypes,
  int8Weights,
  type Layer,
  layerAttributes,
  layerOperands,
  layerScales,
  sumScales,
  tellSeparate,
} from './layer.ts'
import { weightsOf } from './quantize.ts'
import { pictureGroups, touchesPicture, type Windows, windowAttributes, windowsOf } from './windows.ts'

export const conv: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const weights = node.weights(1)
  const sums = sumScales(quantization, weights)
  const convolution = prepare(node, x, quantization, weights, biasNumbers(node, 2, weights.shape[0]!, sums))
  const quantize = (to: Target) => {
    tellSeparate(node, quantization, to)
    return convolution.quantize(sums, to)
  }
  return real(convolution.shape, [], quantize, {
    fusable: true,
    ...(x.stored === 'int16' ? {} : { sums: { emit: () => convolution.emit(undefined), scales: sums } }),
  })
}

/** x, x scale, x zero, w, w scale, w zero, y scale, y zero, bias. */
export const qlinearConv: Rule = (node) => {
  const [x, quantization, weights] = [node.activation(0), node.quantization(1), weightsOf(node, 3, 4, 0)]
  x.meaning.quantization ??= quantization
  const sums = sumScales(quantization, weights)
  const bias = biasNumbers(node, 8, weights.shape[0]!, sums)
  return prepare(node, x, quantization, weights, bias).quantize(sums, node.quantization(6))
}

/** x, w, x zero, w zero. */
export const convInteger: Rule = (node) => {
  const x = node.activation(0)
  const zero = node.has(2) ? node.number(2) : 0
  const { name, type, shape, data, typeName } = node.constant(1)
  if (type !== 'int8' && type !== 'uint8') throw new Refusal(`its weights "${name}" are ${typeName}`, 'int8 or uint8')
  const weights: Weights = { kind: 'weights', name, type, shape, data, scales: [1], zeros: node.has(3) ? node.numbers(3) : [0], axis: 0 }
  const make = (bias: readonly number[] | undefined): Accumulator => {
    const convolution = prepare(node, x, { scale: 1, zero, stored: x.stored }, weights, bias)
    return { kind: 'accumulator', source: 'int32', shape: convolution.shape, emit: () => convolution.emit(undefined) }
  }
  return make(undefined)
}

/** Each group is a convolution of its own; a concat joins them. */
const mostGroups = 64

type Convolution = {
  readonly shape: number[]
  /** int32 sums where `to` is undefined. */
  emit(to: { quantization: Quantization; sums: readonly number[] } | undefined): Placed
  quantize(sums: readonly number[], to: Quantization): Activation
}

function prepare(
  node: NodeView,
  x: Activation,
  quantization: Quantization,
  weights: Weights,
  bias: readonly number[] | undefined,
): Convolution {
  const rank = x.shape.length
  if (rank < 3 || rank > 4 || weights.shape.length !== rank)
    throw new Refusal(`it convolves [${x.shape}] with [${weights.shape}]`, 'one or two spatial dimensions')
  if (weights.scales.length > 1 && weights.axis !== 0)
    throw new Refusal(`its weights have scales along dimension ${weights.axis}`, 'along dimension 0')
  if (x.stored !== quantization.stored) throw new Refusal(`its operand is ${x.stored}, its zero point ${quantization.stored}`)
  const [batch, channels] = x.shape as [number, number]
  const [filters, inner] = weights.shape as [number, number]
  const groups = node.int('group', 1)
  const depthwise = groups === channels && groups > 1
  if (inner * groups !== channels || filters % groups !== 0)
    throw new Refusal(`its ${groups} groups of [${weights.shape}] do not fit [${x.shape}]`)
  if (groups > mostGroups && !depthwise)
    throw new Refusal(`it has ${groups} groups of ${inner} channels`, `at most ${mostGroups} groups, or as many groups as channels`)
  const stated = node.ints('kernel_shape')
  if (stated !== undefined && stated.join() !== weights.shape.slice(2).join())
    throw new Refusal(`its kernel_shape is [${stated}], its weights are [${weights.shape}]`)
  const windows = windowsOf(node, x.shape.slice(2), weights.shape.slice(2))
  const shape = [batch, filters, ...windows.output.slice(4 - rank)]
  const layer = (): Layer => {
    const { data, zero } = int8Weights(weights)
    // [O, I, …] to [O, …, I]; depthwise [O, 1, …] to [1, …, O].
    const spatial = channelsLast(rank).slice(1, -1)
    return {
      x,
      xZero: int8Zero(quantization),
      name: weights.name,
      shape: depthwise ? [1, ...windows.kernel, filters] : [filters, ...windows.kernel, inner],
      data: transposedBytes(data, 1, weights.shape, depthwise ? [1, ...spatial, 0] : [0, ...spatial, 1]),
      wZero: zero,
      channelAxis: depthwise ? 3 : 0,
      bias,
    }
  }
  const emit: Convolution['emit'] = (to) => {
    const emitter = node.begin()
    const filled = layer()
    const picture = emitter.arrange(x, pictureGroups(rank))
    const { input, padding } = touchesPicture(windows)
      ? { input: picture, padding: windows }
      : paddedApart(emitter, picture, windows, filled.xZero)
    checkLayerTypes(quantization, to?.quantization)
    const [name, type] = [node.node.outputs[0]!, to === undefined ? 'int32' : tensorType(to.quantization.stored)] as const
    const place = (channels: number) => {
      const shape = [batch, channels, ...windows.output.slice(4 - rank)]
      return emitter.placeAs(name, type, shape, permutedLayout(shape, channelsLast(rank)), [batch, ...windows.output, channels])
    }
    const attributes = {
      ...windowAttributes(padding),
      dilationH: windows.dilations[0],
      dilationW: windows.dilations[1],
      ...(depthwise ? {} : { groups: 1 }),
      ...layerAttributes(filled, to?.quantization),
    }
    const scales = to === undefined ? [] : layerScales(to.sums, to.quantization)
    const y = place(filters)
    if (groups === 1 || depthwise) {
      const operands = layerOperands(node, filled, input)
      emitter.operator(depthwise ? 'depthwiseConv2d' : 'conv2d', operands, y, attributes, scales)
      return y
    }
    const each = filters / groups
    const parts = Array.from({ length: groups }, (_, group) => {
      const part = place(each)
      const operands = layerOperands(node, groupOf(filled, group, each), channelsOf(emitter, input, group * inner, inner))
      emitter.operator('conv2d', operands, part, attributes, scales.length > 1 ? scales.slice(group * each, (group + 1) * each) : scales)
      return part.tensor
    })
    emitter.builder.operator('concat', parts, y.tensor, { axis: 3 })
    return y
  }
  return {
    shape,
    emit,
    quantize: (sums, to) => ({ kind: 'activation', ...emit({ quantization: to, sums }), stored: to.stored, meaning: { quantization: to } }),
  }
}

/** A picture with its padding around it, for windows that would lie in the padding alone. */
function paddedApart(emitter: Emitter, picture: number, windows: Windows, xZero: number): { input: number; padding: Windows } {
  const [batch, height, width, channels] = emitter.builder.tensors[picture]!.shape as [number, number, number, number]
  const [{ before, after }, none] = [windows, [0, 0] as [number, number]]
  const sizes = [batch, height + before[0] + after[0], width + before[1] + after[1], channels]
  const input = emitter.builder.intermediate('padded', emitter.builder.tensors[picture]!.type, sizes)
  const around = {
    before0: 0,
    after0: 0,
    before1: before[0],
    after1: after[0],
    before2: before[1],
    after2: after[1],
    before3: 0,
    after3: 0,
  }
  emitter.builder.operator('pad', [picture], input, { value: xZero, ...around })
  return { input, padding: { ...windows, before: none, after: none } }
}

/** The layer of one group: its filters. */
function groupOf(layer: Layer, group: number, filters: number): Layer {
  const size = layer.data.length / layer.shape[0]!
  return {
    ...layer,
    name: `${layer.name}, group ${group}`,
    shape: [filters, ...layer.shape.slice(1)],
    data: layer.data.subarray(group * filters * size, (group + 1) * filters * size),
    bias: layer.bias?.slice(group * filters, (group + 1) * filters),
  }
}

/** Some channels of a picture. */
function channelsOf(emitter: Emitter, picture: number, first: number, count: number): number {
  const { type, shape } = emitter.builder.tensors[picture]!
  const part = emitter.builder.intermediate('channels of a group', type, [...shape.slice(0, 3), count])
  const attributes = Object.fromEntries(
    shape.flatMap((_, axis) => [
      [`begin${axis}`, axis === 3 ? first : 0],
      [`stride${axis}`, 1],
    ]),
  )
  emitter.builder.operator('slice', [picture], part, attributes)
  return part
}
