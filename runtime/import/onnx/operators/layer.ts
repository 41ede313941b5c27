/** What convolutions and matrix products share: the constants of a layer, and its requantization. */
import type { RealScale } from '../../scales.ts'
import { roundHalfEven } from '../../scales.ts'
import { numbersOf } from '../constant.ts'
import { checkSums } from '../emitter.ts'
import type { NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, int8Zero, type Quantization, type Target, tensorType, typeBounds, type Weights } from '../value.ts'

const f32 = Math.fround

/** Operands of a layer. `weights`: in the artifact's order and int8. `channelAxis`: their dimension of output channels. */
export type Layer = {
  readonly x: Activation
  readonly xZero: number
  readonly name: string
  readonly shape: number[]
  readonly data: Uint8Array
  readonly wZero: number
  readonly channelAxis: number
  readonly bias: readonly number[] | undefined
}

/** Layer weights as int8 with one zero point: moved by whole channels where their zero points differ and all still fit. */
export function int8Weights({ name, type, shape, data, zeros, axis }: Weights): { data: Uint8Array; zero: number } {
  if (type === 'int32' || type === 'int16') throw new Refusal(`its weights "${name}" are ${type}`, 'int8 or uint8')
  const offset = type === 'uint8' ? 128 : 0
  const [first] = zeros as [number]
  if (zeros.every((zero) => zero === first)) return { data: offset === 0 ? data : data.map((value) => value ^ 0x80), zero: first - offset }
  const stride = shape.slice(axis + 1).reduce((count, size) => count * size, 1)
  const values = Int16Array.from(
    data,
    (byte, at) => (offset === 0 ? (byte << 24) >> 24 : byte) - zeros[Math.floor(at / stride) % zeros.length]!,
  )
  const zero = -128 - values.reduce((least, value) => Math.min(least, value), 0)
  if (zero < -128 || values.some((value) => value + zero > 127))
    throw new Refusal(`the zero points of its weights "${name}" differ by channel`, 'one zero point for all channels')
  return { data: new Uint8Array(Int8Array.from(values, (value) => value + zero).buffer), zero }
}

/** int32 for each output channel: as DequantizeLinear has them, or float32 rounded to the scale of the sums, as onnxruntime does. */
export function biasNumbers(node: NodeView, index: number, channels: number, scales: readonly number[]): number[] | undefined {
  if (!node.has(index)) return undefined
  const value = node.value(index)
  if (value.kind !== 'weights' && value.kind !== 'constant') throw new Refusal('its bias is computed', 'a constant bias')
  const { name, shape, data, type } = value
  const numbers = numbersOf({ kind: 'constant', name, type, typeName: type, shape: [...shape], data })
  if (numbers === undefined || (type !== 'int32' && type !== 'float32')) throw new Refusal(`its bias "${name}" is ${type}`, 'int32')
  if (numbers.length !== channels && numbers.length !== 1)
    throw new Refusal(`its bias "${name}" has the shape [${shape}] for ${channels} channels`)
  const all = numbers.length === 1 ? new Array<number>(channels).fill(numbers[0]!) : numbers
  const sumScale = (channel: number) => scales[scales.length === 1 ? 0 : channel]!
  if (value.kind === 'constant') return type === 'int32' ? all : all.map((bias, channel) => bounded(f32(bias / sumScale(channel)), name))
  if (type !== 'int32' || value.zeros.some((zero) => zero !== 0))
    throw new Refusal(`its bias "${name}" is ${type} with a zero point`, 'int32 without a zero point')
  const biasScale = (channel: number) => value.scales[value.scales.length === 1 ? 0 : channel]!
  if (all.every((_, channel) => Math.abs(biasScale(channel) / sumScale(channel) - 1) < nearlyEqual)) return all
  node.inexact(
    `its bias "${name}" has another scale than its sums, so that onnxruntime computes in float32`,
    'a bias of the scale of x times that of the weights',
  )
  return all.map((bias, channel) => bounded((bias * biasScale(channel)) / sumScale(channel), name))
}

/** Scales that differ by no more were meant to be equal: one float32 rounding here or there. */
const nearlyEqual = 2 ** -20

function bounded(bias: number, name: string): number {
  const rounded = roundHalfEven(bias)
  if (!(Math.abs(rounded) < 2 ** 31)) throw new Refusal(`its bias "${name}" does not fit int32 at the scale of its sums`)
  return rounded
}

/**
 * Tells of a layer that onnxruntime leaves in float32 between DequantizeLinear and QuantizeLinear. Its float32 sums round, the artifact's
 * integer sums are exact: a result on the edge between two int8 may differ.
 */
export function tellSeparate(node: NodeView, x: Quantization, to: Target): void {
  if (to.separate)
    node.tell('onnxruntime does not fuse it with what follows and sums float32; a result on the edge between two int8 may differ')
  else if (x.stored === 'int8')
    node.tellOnce(
      'layers of int8 operands: onnxruntime computes them in integers on ARM64, and on x86 where session.qdqisint8allowed is 1; otherwise it may sum float32, and a result on the edge between two int8 may differ',
    )
}

/** The scale of the sums: one, or one for each channel. */
export function sumScales(x: Quantization, weights: Weights): number[] {
  return weights.scales.map((scale) => f32(x.scale * scale))
}

/** onnxruntime: float32(float32(sIn · sW[c]) / sOut). */
export function layerScales(sums: readonly number[], to: Quantization): RealScale[] {
  return sums.map((scale) => ({ exact: scale / to.scale, single: f32(scale / to.scale) }))
}

/** The artifact's operands of a layer, after the check that its sums fit. */
export function layerOperands(node: NodeView, layer: Layer, x: number): number[] {
  const { name, shape, data, wZero, channelAxis, bias, xZero } = layer
  const { stored } = layer.x
  if (stored === 'int16' && wZero !== 0) throw new Refusal(`its weights "${name}" on int16 have the zero point ${wZero}`, '0')
  checkSums(stored, xZero, { shape, data, zero: wZero }, bias, channelAxis)
  const operands = [x, node.emitter.int8s(name, shape, data)]
  if (stored === 'int16' && exceeds32Bits(layer)) operands.push(wideBias(node, bias ?? new Array<number>(shape[channelAxis]!).fill(0)))
  else if (bias?.some((value) => value !== 0)) operands.push(node.emitter.int32s(`bias of ${node.node.name}`, bias))
  return operands
}

/** Whether an int16 layer's sum could pass 32 bits, where the narrow requantization would saturate. */
function exceeds32Bits({ shape, data, channelAxis, bias }: Layer): boolean {
  const inner = shape.slice(channelAxis + 1).reduce((count, size) => count * size, 1)
  const sums = Array.from({ length: shape[channelAxis]! }, (_, channel) => Math.abs(bias?.[channel] ?? 0))
  for (const [at, byte] of data.entries()) sums[Math.floor(at / inner) % sums.length]! += Math.abs((byte << 24) >> 24) * 2 ** 15
  return sums.some((sum) => sum >= 2 ** 31)
}

/** A bias of int64, which asks for the wide requantization. */
function wideBias(node: NodeView, bias: readonly number[]): number {
  const words = new Uint8Array(BigInt64Array.from(bias, BigInt).buffer)
  return node.emitter.builder.constant(`bias of ${node.node.name}`, 'int32', [bias.length, 2], words)
}

/** Layers on int16 give int16, on int8 int8. */
export function checkLayerTypes(x: Quantization, to: Quantization | undefined): void {
  if (to === undefined ? x.stored === 'int16' : tensorType(x.stored) !== tensorType(to.stored))
    throw new Refusal(
      `its operand is ${x.stored}, its result ${to?.stored ?? 'float32'}`,
      'one type for both, by a QuantizeLinear and DequantizeLinear more',
    )
}

/** Attributes of the requantization; all zero where the result is int32. */
export function layerAttributes(
  { xZero, wZero }: Layer,
  to: Quantization | undefined,
): Record<'xZero' | 'wZero' | 'yZero' | 'yMin' | 'yMax', number> {
  const result = to === undefined ? { yZero: 0, yMin: 0, yMax: 0 } : { yZero: int8Zero(to), ...typeBounds(to.stored) }
  return { xZero, wZero, ...result }
}
