/**
 * An int8 TensorFlow Lite CNN as the ONNX model that onnxruntime runs fastest on WebAssembly: the same integer weights, activations as uint8
 * (every value and zero point 128 higher), QLinear operators. Deterministic: the same file gives the same bytes.
 *
 * The model's input and output keep TFLite's layout (NHWC); inside, images are NCHW. onnxruntime removes the transposes at the borders.
 */
import type { Graph, GraphNode, GraphTensor } from '../../runtime/import/graph.ts'
import { elementCount } from '../../runtime/import/graph.ts'
import { encodeOnnx, type OnnxGraph, type OnnxNode, type OnnxType } from './onnx-model.ts'

const microsoft = 'com.microsoft'
const toNchw = [0, 3, 1, 2]
const toNhwc = [0, 2, 3, 1]
const opset = 13

/** @throws Error naming an operator, option or type that has no translation here */
export function tfliteToOnnx(graph: Graph): Uint8Array {
  const builder = new Builder(graph)
  for (const index of graph.inputs) {
    const tensor = graph.tensors[index]!
    builder.onnx.inputs.push({ name: `input_${index}`, type: 'uint8', shape: tensor.shape })
    if (tensor.shape.length === 4) builder.node('Transpose', [`input_${index}`], index, { perm: toNchw })
    else builder.node('Identity', [`input_${index}`], index)
  }
  for (const node of graph.nodes) {
    const translate = translations[node.op]
    if (translate === undefined) throw new Error(`no ONNX translation of operator ${node.op} ("${node.name}")`)
    translate(builder, node)
  }
  for (const index of graph.outputs) {
    const tensor = graph.tensors[index]!
    builder.onnx.outputs.push({ name: `output_${index}`, type: 'uint8', shape: tensor.shape })
    if (tensor.shape.length === 4) builder.raw('Transpose', '', [value(index)], `output_${index}`, { perm: toNhwc })
    else builder.raw('Identity', '', [value(index)], `output_${index}`)
  }
  return encodeOnnx(builder.onnx)
}

const translations: Readonly<Record<string, (builder: Builder, node: GraphNode) => void>> = {
  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: convolution,
  FULLY_CONNECTED: fullyConnected,
  ADD(builder, node) {
    const [a, b] = node.inputs as [number, number]
    const [y] = node.outputs as [number]
    builder.clamped(node, 'QLinearAdd', microsoft, [...builder.quantized(a), ...builder.quantized(b), ...builder.scaleAndZero(y)])
  },
  MAX_POOL_2D(builder, node) {
    const [x] = node.inputs as [number]
    builder.clamped(node, 'MaxPool', '', [value(x)], window(builder, node, kernelOf(node)))
  },
  AVERAGE_POOL_2D(builder, node) {
    const [x] = node.inputs as [number]
    const [y] = node.outputs as [number]
    const attributes = { ...window(builder, node, kernelOf(node)), count_include_pad: 0 }
    builder.clamped(node, 'QLinearAveragePool', microsoft, [...builder.quantized(x), ...builder.scaleAndZero(y)], attributes)
  },
  RESHAPE(builder, node) {
    const [x] = node.inputs as [number]
    const [y] = node.outputs as [number]
    const shape = builder.tensor(y).shape
    if (shape.length === 4) throw new Error(`no ONNX translation of RESHAPE to four dimensions ("${node.name}")`)
    builder.node('Reshape', [builder.flattenable(x), builder.int64s(`shape_${y}`, shape)], y)
  },
  SOFTMAX(builder, node) {
    const [x] = node.inputs as [number]
    const [y] = node.outputs as [number]
    if (node.options.beta !== 1) throw new Error(`no ONNX translation of SOFTMAX with beta ${node.options.beta} ("${node.name}")`)
    builder.raw('QLinearSoftmax', microsoft, [...builder.quantized(x), ...builder.scaleAndZero(y)], value(y), { axis: -1, opset })
  },
}

function convolution(builder: Builder, node: GraphNode): void {
  const [x, w, bias] = node.inputs as [number, number, number | undefined]
  const [y] = node.outputs as [number]
  const weights = builder.tensor(w)
  const [outer, kernelH, kernelW, inner] = weights.shape as [number, number, number, number]
  // TFLite keeps [out, h, w, in], depthwise [1, h, w, out]; ONNX wants [out, in / groups, h, w].
  const depthwise = node.op === 'DEPTHWISE_CONV_2D'
  const groups = depthwise ? builder.tensor(x).shape[3]! : 1
  const [rows, columns] = depthwise ? [inner, outer] : [outer, inner]
  const stride = depthwise ? { row: 1, column: 0 } : { row: kernelH * kernelW * inner, column: 1 }
  const reordered = new Int8Array(elementCount(weights.shape))
  const source = signed(weights)
  let at = 0
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let pixel = 0; pixel < kernelH * kernelW; pixel++)
        reordered[at++] = source[row * stride.row + column * stride.column + pixel * inner]!
  const name = builder.constant(`weights_${w}`, 'int8', [rows, columns, kernelH, kernelW], reordered)
  const operands = [...builder.quantized(x), name, ...builder.weightScales(w, rows), ...builder.scaleAndZero(y)]
  if (bias !== undefined && bias >= 0) operands.push(builder.bias(bias))
  const attributes = { ...window(builder, node, [kernelH, kernelW]), group: groups }
  builder.clamped(node, 'QLinearConv', '', operands, attributes)
}

function fullyConnected(builder: Builder, node: GraphNode): void {
  const [x, w, bias] = node.inputs as [number, number, number | undefined]
  const [y] = node.outputs as [number]
  const weights = builder.tensor(w)
  const [units, features] = weights.shape as [number, number]
  const batch = elementCount(builder.tensor(x).shape) / features
  const flat = `flat_${y}`
  builder.raw('Reshape', '', [builder.flattenable(x), builder.int64s(`flat_shape_${y}`, [batch, features])], flat)
  const transposed = new Int8Array(units * features)
  const source = signed(weights)
  for (let feature = 0; feature < features; feature++)
    for (let unit = 0; unit < units; unit++) transposed[feature * units + unit] = source[unit * features + feature]!
  const name = builder.constant(`weights_${w}`, 'int8', [features, units], transposed)
  const operands = [flat, ...builder.scaleAndZero(x), name, ...builder.weightScales(w, units)]
  operands.push(bias !== undefined && bias >= 0 ? builder.bias(bias) : '')
  builder.clamped(node, 'QGemm', microsoft, [...operands, ...builder.scaleAndZero(y)])
}

function kernelOf(node: GraphNode): [number, number] {
  return [Number(node.options.kernelH), Number(node.options.kernelW)]
}

/** Kernel, strides and explicit pads of a sliding window; TFLite's SAME puts the odd pixel after. */
function window(builder: Builder, node: GraphNode, kernel: [number, number]): Record<string, readonly number[]> {
  const { options } = node
  const strides = [Number(options.strideH), Number(options.strideW)]
  const dilations = [Number(options.dilationH ?? 1), Number(options.dilationW ?? 1)]
  const input = builder.tensor(node.inputs[0]!).shape
  const output = builder.tensor(node.outputs[0]!).shape
  const total = [0, 1].map((axis) => {
    if (options.padding === 'VALID') return 0
    const covered = (output[axis + 1]! - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1
    return Math.max(0, covered - input[axis + 1]!)
  })
  const before = total.map((pads) => pads >> 1)
  const pads = [...before, ...total.map((all, axis) => all - before[axis]!)]
  return { kernel_shape: kernel, strides, pads, ...(options.dilationH === undefined ? {} : { dilations }) }
}

function value(index: number): string {
  return `t_${index}`
}

function signed(tensor: GraphTensor): Int8Array {
  if (tensor.type !== 'int8' || tensor.data === undefined) throw new Error(`tensor "${tensor.name}" is no int8 constant`)
  return new Int8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length)
}

/** Collects nodes and constants; a TFLite tensor with index i is the ONNX value t_i. */
class Builder {
  readonly onnx: OnnxGraph = { name: 'model', nodes: [], constants: [], inputs: [], outputs: [] }
  readonly #graph: Graph
  readonly #constants = new Set<string>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  tensor(index: number): GraphTensor {
    return this.#graph.tensors[index]!
  }

  raw(op: string, domain: OnnxNode['domain'], inputs: readonly string[], output: string, attributes: OnnxNode['attributes'] = {}): void {
    this.onnx.nodes.push({ op, domain, inputs, outputs: [output], attributes })
  }

  node(op: string, inputs: readonly string[], output: number, attributes: OnnxNode['attributes'] = {}): void {
    this.raw(op, '', inputs, value(output), attributes)
  }

  /** A node whose fused activation becomes a Clip where uint8's own saturation does not already do it. */
  clamped(
    node: GraphNode,
    op: string,
    domain: OnnxNode['domain'],
    inputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
  ): void {
    const [y] = node.outputs as [number]
    const [low, high] = this.#range(node, y)
    if (low === 0 && high === 255) {
      this.raw(op, domain, inputs, value(y), attributes)
      return
    }
    this.raw(op, domain, inputs, `unclamped_${y}`, attributes)
    const bounds = [low, high].map((bound, side) => this.constant(`clip_${y}_${side}`, 'uint8', [], Uint8Array.of(bound)))
    this.raw('Clip', '', [`unclamped_${y}`, ...bounds], value(y))
  }

  quantized(index: number): string[] {
    return [value(index), ...this.scaleAndZero(index)]
  }

  scaleAndZero(index: number): string[] {
    const { scale, zero } = this.#quantization(index)
    return [
      this.constant(`scale_${index}`, 'float32', [], Float32Array.of(scale)),
      this.constant(`zero_${index}`, 'uint8', [], Uint8Array.of(zero)),
    ]
  }

  /** One scale and zero point, or one for each output channel. */
  weightScales(index: number, channels: number): string[] {
    const { scales, zeroPoints } = this.tensor(index).quantization!
    if (zeroPoints.some((zero) => zero !== 0)) throw new Error(`the weights "${this.tensor(index).name}" have a zero point`)
    const shape = scales.length === 1 ? [] : [channels]
    return [
      this.constant(`scale_${index}`, 'float32', shape, Float32Array.from(scales)),
      this.constant(`zero_${index}`, 'int8', shape, new Int8Array(scales.length)),
    ]
  }

  bias(index: number): string {
    const { shape, data } = this.tensor(index)
    return this.constant(`bias_${index}`, 'int32', shape, data!)
  }

  int64s(name: string, values: readonly number[]): string {
    return this.constant(name, 'int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  /** The name of a value whose memory order is TFLite's, fit to be reshaped. */
  flattenable(index: number): string {
    const { shape } = this.tensor(index)
    if (shape.length !== 4 || (shape[1] === 1 && shape[2] === 1)) return value(index)
    this.raw('Transpose', '', [value(index)], `nhwc_${index}`, { perm: toNhwc })
    return `nhwc_${index}`
  }

  constant(name: string, type: OnnxType, shape: readonly number[], elements: ArrayBufferView): string {
    if (this.#constants.has(name)) return name
    this.#constants.add(name)
    const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
    this.onnx.constants.push({ name, type, shape, bytes })
    return name
  }

  #quantization(index: number): { scale: number; zero: number } {
    const { type, quantization, name } = this.tensor(index)
    if (type !== 'int8' || quantization?.scales.length !== 1) throw new Error(`tensor "${name}" is not int8 with one scale`)
    return { scale: quantization.scales[0]!, zero: quantization.zeroPoints[0]! + 128 }
  }

  /** The bounds that the fused activation sets, in uint8. */
  #range(node: GraphNode, index: number): [number, number] {
    const { scale, zero } = this.#quantization(index)
    const activation = node.options.activation ?? 'NONE'
    const ceiling = Math.min(255, zero + Math.round(6 / scale))
    if (activation === 'NONE') return [0, 255]
    if (activation === 'RELU') return [zero, 255]
    if (activation === 'RELU6') return [zero, ceiling]
    throw new Error(`no ONNX translation of activation ${activation} ("${node.name}")`)
  }
}
