/** Writes a float graph with the scales of its tensors as a QDQ graph, which the importer lowers. */
import { elementCount } from '../import/graph.ts'
import { type Constant, constantOf, type NumericType, numbersOf } from '../import/onnx/constant.ts'
import type { OnnxGraph, OnnxNode } from '../import/onnx/parse.ts'
import { roundHalfEven } from '../import/scales.ts'
import { hasWideTable, kindOf } from './kinds.ts'
import type { QuantizedTensor } from './place.ts'
import { activationScale, channelWeights, type Scale } from './scales.ts'

/** Operands that are weights: their dimension of output channels. */
function weightsAxis({ op, attributes }: OnnxNode, index: number, shape: readonly number[]): number | undefined {
  if (index !== 1) return undefined
  if (op === 'Conv') return 0
  if (op === 'ConvTranspose') return 1
  if (op === 'Gemm') return attributes.get('transB') ? 0 : 1
  // One matrix; more are no weights of a layer.
  return op === 'MatMul' && shape.length >= 2 && elementCount(shape.slice(0, -2)) === 1 ? shape.length - 1 : undefined
}

const biasOperators: readonly string[] = ['Conv', 'ConvTranspose', 'Gemm']

/** The domain whose Q and DQ know int16 and channels in every operator set. */
const domain = 'com.microsoft'

/** `convert`: the scale of a quantized tensor in the other type. */
export type Scales = { readonly of: ReadonlyMap<string, Scale>; readonly convert: (name: string, type: Scale['type']) => Scale }

/**
 * Every tensor that `scales` names is quantized; whoever reads it reads its dequantized form. What makes a tensor computes in its type: operands
 * of the other type are quantized once more before.
 */
export function quantizedGraph(graph: OnnxGraph, placed: readonly QuantizedTensor[], scales: Scales): OnnxGraph {
  const types = new Map<OnnxNode, Scale['type']>()
  for (const { name, steps, isTable } of placed) {
    // A table takes its operand as it is, but for the functions that have tables of int8 alone.
    const type = !isTable ? scales.of.get(name)!.type : steps.every(({ op }) => hasWideTable(op)) ? undefined : 'uint8'
    if (type !== undefined) for (const node of steps) types.set(node, type)
  }
  const writer = new Writer(graph, scales, types)
  for (const { name } of graph.inputs) writer.quantize(name, name)
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((_, index) => writer.operand(node, index))
    // The float result steps back behind its own name, which the dequantized one takes.
    const outputs = node.outputs.map((output) => (scales.of.has(output) ? floatName(output) : output))
    writer.nodes.push({ ...node, inputs, outputs })
    for (const output of node.outputs) writer.quantize(output, floatName(output))
  }
  return { ...graph, nodes: writer.nodes, constants: writer.constants }
}

const suffix = '/float'

function floatName(name: string): string {
  return `${name}${suffix}`
}

/** The name in the float graph of what the QDQ graph calls so. */
export function sourceName(name: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
}

class Writer {
  readonly nodes: OnnxNode[] = []
  readonly constants: Map<string, Constant>
  readonly #inputs: ReadonlySet<string>
  readonly #scales: Scales
  readonly #types: ReadonlyMap<OnnxNode, Scale['type']>
  readonly #converted = new Set<string>()

  constructor({ constants, inputs }: OnnxGraph, scales: Scales, types: ReadonlyMap<OnnxNode, Scale['type']>) {
    this.constants = new Map(constants)
    this.#inputs = new Set(inputs.map(({ name }) => name))
    this.#scales = scales
    this.#types = types
  }

  /** QuantizeLinear and DequantizeLinear of a value, if it has a scale. */
  quantize(name: string, from: string): void {
    const scale = this.#scales.of.get(name)
    if (scale !== undefined) this.#requantize(from, name, scale, this.#dequantized(name))
  }

  /** What a node reads instead of an operand. */
  operand(node: OnnxNode, index: number): string {
    const name = node.inputs[index]!
    const constant = this.constants.get(name)
    if (constant === undefined) return this.#scales.of.has(name) ? this.#inTypeOf(node, name) : name
    if (constant.type !== 'float32') return name
    const axis = weightsAxis(node, index, constant.shape)
    if (axis !== undefined) return this.#weights(node, constant, axis)
    if (biasOperators.includes(node.op)) return index === 2 ? this.#bias(node, constant) : name
    const isTensor = node.op === 'MatMul' || (kindOf(node.op) !== 'layer' && elementCount(constant.shape) > 1)
    return isTensor && kindOf(node.op) !== 'function' ? this.#tensor(node, constant) : name
  }

  #requantize(from: string, name: string, { type, scale, zero }: Scale, to: string): void {
    const parameters = this.#parameters(name, type, [scale], [zero])
    this.#push('QuantizeLinear', [from, ...parameters], `${name}/quantized`)
    this.#push('DequantizeLinear', [`${name}/quantized`, ...parameters], to)
  }

  /** The scale by which a node reads a quantized tensor. */
  #scaleFor(node: OnnxNode, name: string): Scale {
    const scale = this.#scales.of.get(name)!
    const type = this.#types.get(node) ?? scale.type
    return type === scale.type ? scale : this.#scales.convert(name, type)
  }

  #inTypeOf(node: OnnxNode, name: string): string {
    const scale = this.#scaleFor(node, name)
    if (scale.type === this.#scales.of.get(name)!.type) return this.#dequantized(name)
    const converted = `${name}/${scale.type}`
    if (!this.#converted.has(converted)) this.#requantize(this.#dequantized(name), converted, scale, converted)
    this.#converted.add(converted)
    return converted
  }

  #dequantized(name: string): string {
    return this.#inputs.has(name) ? `${name}/dequantized` : name
  }

  #weights(node: OnnxNode, constant: Constant, axis: number): string {
    const { values, scales } = this.#quantizedWeights(node, constant, axis)
    const name = `${node.outputs[0]}/weights/quantized`
    this.constants.set(name, constantOf(name, 'int8', constant.shape, values))
    return this.#dequantizedConstant(name, 'int8', scales, new Array<number>(scales.length).fill(0), axis)
  }

  #quantizedWeights(node: OnnxNode, constant: Constant, axis: number) {
    const bias = this.constants.get(node.inputs[2] ?? '')
    const biases = bias === undefined || !biasOperators.includes(node.op) ? undefined : numbersOf(bias)!
    const x = this.#scaleFor(node, node.inputs[0]!).scale
    const floor = (channel: number) => (biases === undefined ? 0 : Math.abs(biases[biases.length === 1 ? 0 : channel]!) / (x * 2 ** 30))
    return channelWeights(numbersOf(constant)!, constant.shape, axis, floor)
  }

  /** int32 at the scale of the sums. */
  #bias(node: OnnxNode, constant: Constant): string {
    const weights = this.constants.get(node.inputs[1]!)!
    const { scales } = this.#quantizedWeights(node, weights, weightsAxis(node, 1, weights.shape)!)
    const numbers = numbersOf(constant)!
    const x = this.#scaleFor(node, node.inputs[0]!).scale
    const sums = scales.map((scale) => Math.fround(x * scale))
    const values = sums.map((scale, channel) => roundHalfEven(numbers[numbers.length === 1 ? 0 : channel]! / scale))
    const name = `${node.outputs[0]}/bias/quantized`
    this.constants.set(name, constantOf(name, 'int32', [values.length], values))
    return this.#dequantizedConstant(name, 'int32', sums, new Array<number>(sums.length).fill(0), 0)
  }

  /** A constant operand of arithmetic: one scale for all. */
  #tensor(node: OnnxNode, constant: Constant): string {
    const numbers = numbersOf(constant)!
    const range = { low: Math.min(0, ...numbers), high: Math.max(0, ...numbers) }
    const { type, scale, zero } = activationScale(range, this.#types.get(node) ?? 'uint8')
    const [least, most] = type === 'int16' ? [-32768, 32767] : [0, 255]
    const values = numbers.map((value) => Math.min(Math.max(roundHalfEven(value / scale) + zero, least), most))
    const name = `${node.outputs[0]}/${constant.name}/quantized`
    this.constants.set(name, constantOf(name, type, constant.shape, values))
    return this.#dequantizedConstant(name, type, [scale], [zero], 0)
  }

  #dequantizedConstant(name: string, type: NumericType, scales: readonly number[], zeros: readonly number[], axis: number): string {
    const dequantized = `${name}/dequantized`
    this.#push('DequantizeLinear', [name, ...this.#parameters(name, type, scales, zeros)], dequantized, axis)
    return dequantized
  }

  #parameters(name: string, type: NumericType, scales: readonly number[], zeros: readonly number[]): [scale: string, zero: string] {
    const shape = scales.length === 1 ? [] : [scales.length]
    const [scale, zero] = [`${name}/scale`, `${name}/zero`]
    this.constants.set(scale, constantOf(scale, 'float32', shape, scales))
    this.constants.set(zero, constantOf(zero, type, shape, zeros))
    return [scale, zero]
  }

  #push(op: string, inputs: readonly string[], output: string, axis = 0): void {
    const attributes = new Map([['axis', axis]])
    this.nodes.push({ op: `${domain}:${op}`, name: `${op} "${output}"`, inputs, outputs: [output], attributes, floats: new Set() })
  }
}
