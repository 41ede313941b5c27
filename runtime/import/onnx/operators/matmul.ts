/** MatMul, Gemm, QLinearMatMul, MatMulInteger, com.microsoft QGemm: products with a constant matrix. */
import { pickedBytes } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import { elementsInMemoryOrder, type Layout, permutationOf, straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import {
  type Accumulator,
  type Activation,
  int8Zero,
  type Placed,
  type Quantization,
  type Real,
  real,
  type Target,
  tensorType,
  typeBounds,
  type Weights,
} from '../value.ts'
import { broadcast, constantOperand, type Operand, straightInput } from './align.ts'
import { biasNumbers, checkLayerTypes, int8Weights, layerAttributes, layerOperands, layerScales, sumScales, tellSeparate } from './layer.ts'
import { weightsOf } from './quantize.ts'

export const matMul: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const second = secondOperand(node, 1, undefined)
  if (second === undefined) return productReal(node, x, quantization, untransposed(node.weights(1)), undefined)
  const shape = productShape(x.shape, second.shape)
  return real(shape, [node.real(0)], (to) => pairProduct(node, { shape: x.shape, quantization, activation: x }, second, to), {
    fusable: true,
  })
}

export const gemm: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const weights = gemmWeights(node, x, node.weights(1))
  for (const name of ['alpha', 'beta']) if (node.float(name, 1) !== 1) throw new Refusal(`its ${name} is ${node.float(name, 1)}`, '1')
  const sums = sumScales(quantization, weights.weights)
  return productReal(node, x, quantization, weights, biasNumbers(node, 2, weights.units, sums))
}

/** a, a scale, a zero, b, b scale, b zero, y scale, y zero. */
export const qlinearMatMul: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  x.meaning.quantization ??= quantization
  const second = secondOperand(node, 3, 4)
  if (second !== undefined) return pairProduct(node, { shape: x.shape, quantization, activation: x }, second, node.quantization(6))
  const weights = untransposed(weightsOf(node, 3, 4, -1))
  return prepare(node, x, quantization, weights, undefined).quantize(sumScales(quantization, weights.weights), node.quantization(6))
}

/** a, a scale, a zero, b, b scale, b zero, c, y scale, y zero; without a y scale the result is float32. */
export const qgemm: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  x.meaning.quantization ??= quantization
  if (node.float('alpha', 1) !== 1) throw new Refusal(`its alpha is ${node.float('alpha', 1)}`, '1')
  const transB = node.int('transB', 0) !== 0
  const weights = gemmWeights(node, x, weightsOf(node, 3, 4, transB ? 0 : 1))
  const bias = biasNumbers(node, 6, weights.units, sumScales(quantization, weights.weights))
  if (!node.has(7)) return productReal(node, x, quantization, weights, bias)
  return prepare(node, x, quantization, weights, bias).quantize(sumScales(quantization, weights.weights), node.quantization(7))
}

/** a, b, a zero, b zero. */
export const matMulInteger: Rule = (node) => {
  const x = node.activation(0)
  const zero = node.has(2) ? node.number(2) : 0
  const { name, type, shape, data, typeName } = node.constant(1)
  if (type !== 'int8' && type !== 'uint8') throw new Refusal(`its weights "${name}" are ${typeName}`, 'int8 or uint8')
  const weights: Weights = { kind: 'weights', name, type, shape, data, scales: [1], zeros: node.has(3) ? node.numbers(3) : [0], axis: 0 }
  const make = (bias: readonly number[] | undefined): Accumulator => {
    const product = prepare(node, x, { scale: 1, zero, stored: x.stored }, untransposed(weights), bias)
    return {
      kind: 'accumulator',
      source: 'int32',
      shape: product.shape,
      emit: () => product.emit(undefined),
      plus: (more) => make(more.map((value, unit) => value + (bias?.[unit] ?? 0))),
    }
  }
  return make(undefined)
}

/** The second operand of a product where it is no constant matrix: computed, or constant matrices. */
function secondOperand(node: NodeView, index: number, scale: number | undefined): Operand | undefined {
  const value = node.value(index)
  const matrix = (value.kind === 'constant' || value.kind === 'weights') && value.shape.slice(0, -2).every((size) => size === 1)
  if (matrix) return undefined
  if (value.kind === 'activation' && scale !== undefined) {
    const quantization = node.quantization(scale)
    value.meaning.quantization ??= quantization
    return { shape: value.shape, quantization, activation: value }
  }
  if (value.kind === 'real') {
    const { x, quantization } = node.plain(index)
    return { shape: x.shape, quantization, activation: x }
  }
  const weights = value.kind === 'constant' && scale !== undefined ? weightsOf(node, index, scale, -1) : node.weights(index)
  return constantOperand(weights)
}

function productShape(a: readonly number[], b: readonly number[]): number[] {
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2)) throw new Refusal(`it multiplies [${a}] by [${b}]`, 'matrices that fit')
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!]
}

/** A product of two tensors of matrices; onnxruntime: the int32 sums by float32(float32(sA · sB) / sY). */
function pairProduct(node: NodeView, a: Operand, b: Operand, to: Quantization): Activation {
  const emitter = node.begin()
  const shape = productShape(a.shape, b.shape)
  const features = a.shape.at(-1)!
  checkLayerTypes(a.quantization, b.quantization)
  checkLayerTypes(a.quantization, to)
  const most = to.stored === 'int16' ? 2 ** 17 : 2 ** 15
  if (features >= most) throw new Refusal(`it sums ${features} products`, `less than ${most}`)
  const inputs = [a, b].map((operand) => straightInput(emitter, operand))
  const y = emitter.place(node.node.outputs[0]!, tensorType(to.stored), shape, straight(shape.length))
  const zeros = { aZero: int8Zero(a.quantization), bZero: int8Zero(b.quantization), yZero: int8Zero(to) }
  const scales = layerScales([Math.fround(a.quantization.scale * b.quantization.scale)], to)
  emitter.operator('matmul', inputs, y, { ...zeros, ...typeBounds(to.stored) }, scales)
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}

/** A matrix of `features` × `units`, stored with the units first where `transposed`. */
type Matrix = { readonly weights: Weights; readonly transposed: boolean; readonly features: number; readonly units: number }

function untransposed(weights: Weights): Matrix {
  const { shape } = weights
  if (shape.length < 2 || shape.slice(0, -2).some((size) => size !== 1))
    throw new Refusal(`its second operand has the shape [${shape}]`, 'one constant matrix')
  const [features, units] = shape.slice(-2) as [number, number]
  if (weights.scales.length > 1 && weights.axis !== shape.length - 1)
    throw new Refusal(`its weights have scales along dimension ${weights.axis}`, `along dimension ${shape.length - 1}`)
  return { weights, transposed: false, features, units }
}

function gemmWeights(node: NodeView, x: Activation, weights: Weights): Matrix {
  const { shape } = weights
  if (shape.length !== 2 || x.shape.length !== 2) throw new Refusal(`it multiplies [${x.shape}] by [${shape}]`, 'matrices')
  if (node.int('transA', 0) !== 0) throw new Refusal('it transposes its first operand', 'transA = 0')
  const transposed = node.int('transB', 0) !== 0
  const [units, features] = transposed ? (shape as [number, number]) : [shape[1]!, shape[0]!]
  const axis = transposed ? 0 : 1
  if (weights.scales.length > 1 && weights.axis !== axis)
    throw new Refusal(`its weights have scales along dimension ${weights.axis}`, `along dimension ${axis}`)
  return { weights, transposed, features, units }
}

function productReal(node: NodeView, x: Activation, quantization: Quantization, matrix: Matrix, bias: readonly number[] | undefined): Real {
  const product = prepare(node, x, quantization, matrix, bias)
  const sums = sumScales(quantization, matrix.weights)
  const quantize = (to: Target) => {
    tellSeparate(node, quantization, to)
    return product.quantize(sums, to)
  }
  return real(product.shape, [], quantize, {
    fusable: true,
    ...(x.stored === 'int16' ? {} : { sums: { emit: () => product.emit(undefined), scales: sums } }),
  })
}

type Product = {
  readonly shape: number[]
  emit(to: { quantization: Quantization; sums: readonly number[] } | undefined): Placed
  quantize(sums: readonly number[], to: Quantization): Activation
}

function prepare(node: NodeView, x: Activation, quantization: Quantization, matrix: Matrix, bias: readonly number[] | undefined): Product {
  const { weights, features, units } = matrix
  if (x.shape.length < 1 || x.shape.at(-1) !== features)
    throw new Refusal(`it multiplies [${x.shape}] by a matrix of ${features} × ${units}`)
  if (x.stored !== quantization.stored) throw new Refusal(`its operand is ${x.stored}, its zero point ${quantization.stored}`)
  const shape = [...x.shape.slice(0, -1), units]
  const emit: Product['emit'] = (to) => {
    checkLayerTypes(quantization, to?.quantization)
    const emitter = node.begin()
    const { columns, layout, rows, tensor } = rowsAndColumns(emitter, x, units)
    const { data, zero } = int8Weights(weights)
    const layer = {
      x,
      xZero: int8Zero(quantization),
      name: weights.name,
      shape: [units, features],
      data: pickedBytes(data, 1, elementsOf(matrix, columns)),
      wZero: zero,
      channelAxis: 0,
      bias,
    }
    const operands = layerOperands(node, layer, tensor)
    const physical = permutationOf(layout)?.map((dimension) => shape[dimension]!) ?? [rows, units]
    const y = emitter.placeAs(
      node.node.outputs[0]!,
      to === undefined ? 'int32' : tensorType(to.quantization.stored),
      shape,
      layout,
      physical.at(-1) === units ? physical : [rows, units],
    )
    emitter.operator(
      'fullyConnected',
      operands,
      y,
      layerAttributes(layer, to?.quantization),
      to === undefined ? [] : layerScales(to.sums, to.quantization),
    )
    return y
  }
  return {
    shape,
    emit,
    quantize: (sums, to) => ({ kind: 'activation', ...emit({ quantization: to, sums }), stored: to.stored, meaning: { quantization: to } }),
  }
}

type Rows = { columns: Int32Array; layout: Layout; rows: number; tensor: number }

/** Which feature each column of memory holds, and how the result lies: the rows in memory's order, the units last. */
function rowsAndColumns(emitter: Emitter, x: Activation, units: number): Rows {
  const { layout, tensor } = x
  const features = layout.parts.at(-1)!
  const before = layout.parts.slice(0, -1)
  const first = before.flat().length
  const split = layout.order.length - features.length
  const [rowOrder, columnOrder] = [layout.order.slice(0, split), layout.order.slice(split)]
  // The features are not the last in memory.
  if (rowOrder.some((number) => number >= first)) return rowsAndColumns(emitter, emitter.straightened(x), units)
  const columns = elementsInMemoryOrder({ parts: [features], order: columnOrder.map((number) => number - first) })
  return {
    columns,
    tensor,
    layout: { parts: [...before, units > 1 ? [units] : []], order: units > 1 ? [...rowOrder, first] : rowOrder },
    rows: before.flat().reduce((count, size) => count * size, 1),
  }
}

/** Elements of the stored matrix as [units, features], the features in memory's order. */
function elementsOf({ transposed, features, units }: Matrix, columns: Int32Array): Int32Array {
  const elements = new Int32Array(features * units)
  for (let unit = 0; unit < units; unit += 1)
    for (let column = 0; column < features; column += 1)
      elements[unit * features + column] = transposed ? unit * features + columns[column]! : columns[column]! * units + unit
  return elements
}
