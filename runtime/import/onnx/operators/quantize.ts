/** QuantizeLinear and DequantizeLinear. */
import { elementCount } from '../../graph.ts'
import { constantOf, numbersOf } from '../constant.ts'
import { quantized } from '../float32.ts'
import { type NodeView, type Rule, typeNameOf } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Floats, Real, Value, Weights } from '../value.ts'
import { dequantizedBits, isBeyondPorts, quantizedBits, storedType } from './borders.ts'
import { plainReal, tableReal } from './table.ts'

const ranges = { int8: [-128, 127], uint8: [0, 255], int16: [-(2 ** 15), 2 ** 15 - 1], int32: [-(2 ** 31), 2 ** 31 - 1] } as const

export const quantizeLinear: Rule = (node) => {
  const bits = bitsOf(node)
  if (bits !== undefined) return quantizedBits(node, bits)
  if (node.int('block_size', 0) !== 0) throw new Refusal('it quantizes in blocks', 'one scale, or one for each output channel of weights')
  const x = node.value(0)
  if (x.kind !== 'constant') return node.real(0).quantize(node.quantization(1))
  const scales = node.scales(1)
  const stored = node.has(2) ? node.stored(2) : 'uint8'
  const zeros = node.has(2) ? node.numbers(2) : [0]
  const at = channelOf(node, x.shape, scales.length)
  const values = numbersOf(x)
  if (x.type !== 'float32' || values === undefined) throw new Refusal(`it quantizes a constant of ${x.typeName}`, 'float32')
  const [low, high] = ranges[stored]
  return constantOf(
    x.name,
    stored,
    x.shape,
    values.map((value, index) => quantized(value, scales[at(index)]!, zeros[zeros.length === 1 ? 0 : at(index)] ?? 0, low, high)),
  )
}

/** float32 that has to be quantized from its bits. */
function bitsOf(node: NodeView): Floats | undefined {
  const x = node.value(0)
  if (x.kind === 'floats') return x
  return x.kind === 'real' && x.bits !== undefined && isBeyondPorts(node, storedType(node)) ? x.bits() : undefined
}

export const dequantizeLinear: Rule = (node) => {
  const coded = node.value(0)
  if (coded.kind === 'real') return scaledCodes(node, coded)
  if (coded.kind !== 'constant' && isBeyondPorts(node, typeNameOf(coded))) return dequantizedBits(node)
  if (node.int('block_size', 0) !== 0) throw new Refusal('it dequantizes in blocks', 'one scale, or one for each output channel of weights')
  const x = node.value(0)
  if (x.kind !== 'constant') return plainReal(node, node.activation(0), node.quantization(1))
  const { type } = x
  if (type !== 'int8' && type !== 'uint8' && type !== 'int16' && type !== 'int32')
    throw new Refusal(`it dequantizes a constant of ${x.typeName}`, 'int8, uint8 or int16')
  return weightsOf(node, 0, 1)
}

/** A quantized constant with its scales and zero points, the operands `scale` and the one after it. */
export function weightsOf(node: NodeView, index: number, scale: number, axis = node.int('axis', 1)): Weights {
  const { name, type, typeName, shape, data } = node.constant(index)
  if (type !== 'int8' && type !== 'uint8' && type !== 'int16' && type !== 'int32')
    throw new Refusal(`its constant "${name}" has elements of ${typeName}`, 'int8 or uint8')
  const scales = node.scales(scale)
  const zeros = node.has(scale + 1) ? node.numbers(scale + 1) : [0]
  const counted = scales.length === 1 ? 0 : node.axis(axis, shape.length)
  for (const [what, list] of [
    ['scales', scales],
    ['zero points', zeros],
  ] as const)
    if (list.length !== 1 && list.length !== shape[counted])
      throw new Refusal(
        `its constant "${name}" [${shape}] has ${list.length} ${what}`,
        `one, or one for each index of dimension ${counted}`,
      )
  return { kind: 'weights', name, type, shape, data, scales, zeros, axis: counted }
}

/** Which scale the element at an index has. */
function channelOf(node: NodeView, shape: readonly number[], scales: number): (index: number) => number {
  if (scales === 1) return () => 0
  const axis = node.axis(node.int('axis', 1), shape.length)
  if (shape[axis] !== scales) throw new Refusal(`it has ${scales} scales for [${shape}]`, `one, or one for each index of dimension ${axis}`)
  const stride = elementCount(shape.slice(axis + 1))
  return (index) => Math.floor(index / stride) % scales
}

/** Small floats by a scale. */
function scaledCodes(node: NodeView, { table }: Real): Value {
  if (table === undefined || node.scales(1).length !== 1)
    throw new Refusal('it dequantizes float32', 'small floats, or whole numbers, by one scale')
  const [scale] = node.scales(1)
  return tableReal(
    node,
    table.of,
    table.values.map((value) => Math.fround(value * scale!)),
    [],
  )
}
