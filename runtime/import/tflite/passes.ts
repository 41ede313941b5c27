/**
 * What happens to the graph before its checks: shape arithmetic on constants folds, nodes that no output needs go, float32 ports become
 * int8 ones, uint8 moves to int8.
 */
import { constantIntegers, type Graph, type GraphNode, type GraphTensor, integerBytes } from '../graph.ts'

/** SHAPE, STRIDED_SLICE and PACK of constants become constants. */
export function foldShapes(graph: Graph): Graph {
  const tensors = [...graph.tensors]
  const nodes = graph.nodes.filter((node) => {
    const output = node.outputs[0]
    const values = foldedValues(node, tensors)
    if (values === undefined || output === undefined || node.outputs.length !== 1) return true
    tensors[output] = { ...tensors[output]!, type: 'int32', data: integerBytes(values) }
    return false
  })
  return { ...graph, tensors, nodes }
}

function foldedValues(node: GraphNode, tensors: readonly GraphTensor[]): number[] | undefined {
  const operands = node.inputs.map((index) => tensors[index])
  const first = operands[0]
  if (first === undefined || tensors[node.outputs[0] ?? -1]?.type !== 'int32') return undefined
  if (node.op === 'SHAPE') return first.shape
  const constants = operands.map((tensor) => (tensor === undefined ? undefined : constantIntegers(tensor)))
  if (!constants.every((values) => values !== undefined)) return undefined
  if (node.op === 'PACK') return constants.every((values) => values.length === 1) ? constants.flat() : undefined
  if (node.op !== 'STRIDED_SLICE' || constants.length !== 4 || first.shape.length !== 1) return undefined
  return sliced(
    node,
    constants[0]!,
    constants.slice(1).map((values) => values[0]),
  )
}

/** One dimension, forward, without the masks that add or hide dimensions. */
function sliced(node: GraphNode, values: readonly number[], [begin, end, stride]: readonly (number | undefined)[]): number[] | undefined {
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = node.options
  if (begin === undefined || end === undefined || stride === undefined || stride < 1 || ellipsisMask !== 0 || newAxisMask !== 0)
    return undefined
  const from = beginMask === 1 ? 0 : begin < 0 ? begin + values.length : begin
  const to = shrinkAxisMask === 1 ? from + 1 : endMask === 1 ? values.length : end < 0 ? end + values.length : end
  return values.slice(from, to).filter((_, index) => index % stride === 0)
}

/** Keeps the nodes whose results reach an output of the graph. */
export function dropUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs)
  const nodes = graph.nodes
    .toReversed()
    .filter(({ inputs, outputs }) => {
      if (!outputs.some((tensor) => needed.has(tensor))) return false
      for (const tensor of inputs) needed.add(tensor)
      return true
    })
    .toReversed()
  return { ...graph, nodes }
}

/**
 * A float32 input that one QUANTIZE reads, and a float32 output that a DEQUANTIZE writes, give way to the quantized tensor: the port's
 * scale and zero point say how the real values relate.
 */
export function dropFloatPorts(graph: Graph): { graph: Graph; inputs: boolean[]; outputs: boolean[] } {
  const isFloat = (index: number) => graph.tensors[index]!.type === 'float32'
  const dropped = new Set<GraphNode>()
  const inputs = graph.inputs.map((input) => {
    const readers = graph.nodes.filter((node) => node.inputs.includes(input))
    if (!isFloat(input) || readers.length !== 1 || readers[0]!.op !== 'QUANTIZE' || graph.outputs.includes(input)) return input
    dropped.add(readers[0]!)
    return readers[0]!.outputs[0]!
  })
  const outputs = graph.outputs.map((output) => {
    const writer = graph.nodes.find((node) => node.outputs.includes(output))
    if (!isFloat(output) || writer?.op !== 'DEQUANTIZE') return output
    if (!graph.nodes.some((node) => node.inputs.includes(output))) dropped.add(writer)
    return writer.inputs[0]!
  })
  return {
    graph: { ...graph, nodes: graph.nodes.filter((node) => !dropped.has(node)), inputs, outputs },
    inputs: inputs.map((index, position) => index !== graph.inputs[position]),
    outputs: outputs.map((index, position) => index !== graph.outputs[position]),
  }
}

/** Quantized uint8 tensors as int8: values and zero points 128 less, the real values unchanged. */
export function moveToInt8(graph: Graph): Graph {
  const tensors = graph.tensors.map((tensor): GraphTensor => {
    if (tensor.type !== 'uint8' || tensor.quantization === undefined) return tensor
    const { data, quantization } = tensor
    return {
      ...tensor,
      type: 'int8',
      stored: 'uint8',
      quantization: { ...quantization, zeroPoints: quantization.zeroPoints.map((zero) => zero - 128) },
      ...(data === undefined ? {} : { data: data.map((value) => value ^ 0x80) }),
    }
  })
  return { ...graph, tensors }
}
