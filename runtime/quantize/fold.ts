/**
 * Constants into layers: what multiplies or adds to each channel behind a convolution or a dense layer (batch normalization, a bias of its
 * own) becomes the layer's weights and bias; what stands alone becomes a depthwise convolution of one tap, a scale for each channel.
 */
import { elementCount } from '../import/graph.ts'
import { type Constant, constantOf, numbersOf } from '../import/onnx/constant.ts'
import type { OnnxGraph, OnnxNode } from '../import/onnx/parse.ts'

/** The shape of a value of the graph, constants included. */
export type ShapeOf = (name: string) => readonly number[]

type Draft = {
  nodes: OnnxNode[]
  constants: Map<string, Constant>
  readonly outputs: ReadonlySet<string>
  shapes: Map<string, readonly number[]>
}

/** A graph of the same function. `shapeOf` knows every value of it. */
export function foldConstants(graph: OnnxGraph, shapeOf: ShapeOf): OnnxGraph {
  const names = graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).filter((name) => name !== '')
  const draft: Draft = {
    nodes: [...graph.nodes],
    constants: new Map(graph.constants),
    outputs: new Set(graph.outputs.map(({ name }) => name)),
    shapes: new Map(names.map((name) => [name, shapeOf(name)])),
  }
  draft.nodes = draft.nodes.map((node) => plainGemm(draft, node))
  while (foldOne(draft)) {}
  draft.nodes = draft.nodes.map((node) => channelwise(draft, node) ?? node)
  while (foldOne(draft)) {}
  return { ...graph, nodes: draft.nodes, constants: draft.constants }
}

/** A layer with constant weights: which dimension of them, and of its result, counts the output channels. */
type Layer = { readonly weightsAxis: number; readonly resultAxis: number; readonly groups: number; readonly hasBias: boolean }

function layerOf({ constants, shapes }: Draft, { op, inputs, outputs, attributes }: OnnxNode): Layer | undefined {
  const weights = constants.get(inputs[1] ?? '')
  const bias = inputs[2] ?? ''
  if (weights?.type !== 'float32' || (bias !== '' && constants.get(bias)?.type !== 'float32')) return undefined
  const rank = shapes.get(outputs[0]!)!.length
  if (op === 'Conv') return { weightsAxis: 0, resultAxis: 1, groups: 1, hasBias: true }
  if (op === 'ConvTranspose') return { weightsAxis: 1, resultAxis: 1, groups: Number(attributes.get('group') ?? 1), hasBias: true }
  if (op === 'Gemm') return { weightsAxis: attributes.get('transB') ? 0 : 1, resultAxis: 1, groups: 1, hasBias: true }
  if (op === 'MatMul' && weights.shape.length === 2) return { weightsAxis: 1, resultAxis: rank - 1, groups: 1, hasBias: false }
  return undefined
}

/** Folds the first arithmetic with constants that stands right behind a layer; false where there is none. */
function foldOne(draft: Draft): boolean {
  const readers = new Map<string, number>()
  for (const name of [...draft.nodes.flatMap(({ inputs }) => inputs), ...draft.outputs]) readers.set(name, (readers.get(name) ?? 0) + 1)
  const producers = new Map(draft.nodes.map((node) => [node.outputs[0]!, node]))
  for (const node of draft.nodes) {
    const step = arithmeticOf(draft, node)
    const producer = step === undefined ? undefined : producers.get(step.x)
    if (step === undefined || producer === undefined || readers.get(step.x) !== 1) continue
    const layer = layerOf(draft, producer)
    if (layer === undefined || layer.groups > 1) continue
    const channels = draft.constants.get(producer.inputs[1]!)!.shape[layer.weightsAxis]!
    const numbers = perChannel(step.constant, draft.shapes.get(node.outputs[0]!)!, layer.resultAxis, channels)
    if (numbers === undefined || draft.shapes.get(step.x)!.join() !== draft.shapes.get(node.outputs[0]!)!.join()) continue
    const folded = withArithmetic(draft, producer, layer, node, step.factor ? numbers : undefined, step.factor ? undefined : numbers)
    draft.nodes = draft.nodes.flatMap((one) => (one === producer ? folded : one === node ? [] : [one]))
    return true
  }
  return false
}

type Arithmetic = { readonly x: string; readonly constant: Constant; readonly factor: boolean }

/** x · c or x + c with a float32 constant, as which x − c, x / c and c + x are read too. */
function arithmeticOf({ constants }: Draft, { op, inputs }: OnnxNode): Arithmetic | undefined {
  if (!['Add', 'Sub', 'Mul', 'Div'].includes(op)) return undefined
  const [a, b] = inputs as [string, string]
  const [x, name] = constants.has(a) && (op === 'Add' || op === 'Mul') ? [b, a] : [a, b]
  const constant = constants.get(name)
  if (constant?.type !== 'float32' || constants.has(x)) return undefined
  const turned = (of: (value: number) => number) => constantOf(name, 'float32', constant.shape, numbersOf(constant)!.map(of))
  if (op === 'Sub') return { x, constant: turned((value) => -value), factor: false }
  if (op === 'Div') return { x, constant: turned((value) => 1 / value), factor: true }
  return { x, constant, factor: op === 'Mul' }
}

/** A constant that broadcasts to a result as one number for each channel; undefined where it varies along another dimension. */
function perChannel(constant: Constant, result: readonly number[], axis: number, channels: number): number[] | undefined {
  const numbers = numbersOf(constant)!
  if (numbers.length === 1) return new Array<number>(channels).fill(numbers[0]!)
  const sizes = [...new Array<number>(Math.max(result.length - constant.shape.length, 0)).fill(1), ...constant.shape]
  return numbers.length === channels && sizes[axis] === channels ? numbers : undefined
}

/** The layer with its result multiplied by `factors`, `terms` added, in the place of both nodes. */
function withArithmetic(
  draft: Draft,
  layer: OnnxNode,
  { weightsAxis, hasBias }: Layer,
  after: OnnxNode,
  factors: readonly number[] | undefined,
  terms: readonly number[] | undefined,
): OnnxNode[] {
  const [x, weightsName, biasName = ''] = layer.inputs as [string, string, string?]
  const result = after.outputs[0]!
  const weights = draft.constants.get(weightsName)!
  const inner = elementCount(weights.shape.slice(weightsAxis + 1))
  const channels = weights.shape[weightsAxis]!
  const channelOf = (index: number) => Math.floor(index / inner) % channels
  const scaled = factors === undefined ? weightsName : `${result}/weights`
  if (factors !== undefined) {
    const numbers = numbersOf(weights)!.map((value, index) => value * factors[channelOf(index)]!)
    draft.constants.set(scaled, constantOf(scaled, 'float32', weights.shape, numbers))
  }
  const old = biasName === '' ? undefined : numbersOf(draft.constants.get(biasName)!)!
  const bias =
    old === undefined && terms === undefined
      ? undefined
      : Array.from({ length: channels }, (_, channel) => {
          const value = old === undefined ? 0 : old[old.length === 1 ? 0 : channel]!
          return value * (factors?.[channel] ?? 1) + (terms?.[channel] ?? 0)
        })
  const operands = bias === undefined ? [x, scaled] : [x, scaled, `${result}/bias`]
  if (bias !== undefined) draft.constants.set(`${result}/bias`, constantOf(`${result}/bias`, 'float32', [channels], bias))
  if (hasBias || bias === undefined) return [{ ...layer, inputs: operands, outputs: [result] }]
  return denseWithBias(draft, layer, operands, result)
}

/** MatMul has no bias, Gemm wants matrices: [rows, features] around it. */
function denseWithBias(draft: Draft, layer: OnnxNode, operands: readonly string[], result: string): OnnxNode[] {
  const from = draft.shapes.get(layer.inputs[0]!)!
  const to = draft.shapes.get(result)!
  const gemm: OnnxNode = { ...layer, op: 'Gemm', inputs: operands, outputs: [result], attributes: new Map(), floats: new Set() }
  if (from.length === 2) return [gemm]
  const rows = elementCount(from.slice(0, -1))
  const [matrix, product] = [`${result}/matrix`, `${result}/product`]
  const reshape = (input: string, output: string, shape: readonly number[]): OnnxNode => {
    const sizes = `${output}/shape`
    draft.constants.set(sizes, constantOf(sizes, 'int64', [shape.length], shape))
    draft.shapes.set(output, shape)
    return { ...gemm, op: 'Reshape', name: `Reshape "${output}"`, inputs: [input, sizes], outputs: [output] }
  }
  draft.shapes.set(product, [rows, to.at(-1)!])
  return [
    reshape(operands[0]!, matrix, [rows, from.at(-1)!]),
    { ...gemm, inputs: [matrix, ...operands.slice(1)], outputs: [product] },
    reshape(product, result, to),
  ]
}

/** Gemm without alpha and beta, which its constants take. */
function plainGemm({ constants }: Draft, node: OnnxNode): OnnxNode {
  if (node.op !== 'Gemm') return node
  const inputs = [...node.inputs]
  const attributes = new Map(node.attributes)
  for (const [name, operand] of [
    ['alpha', 1],
    ['beta', 2],
  ] as const) {
    const factor = Number(attributes.get(name) ?? 1)
    const constant = constants.get(inputs[operand] ?? '')
    if (factor !== 1 && constant?.type !== 'float32') continue
    attributes.delete(name)
    if (factor === 1 || constant === undefined) continue
    const scaled = `${node.outputs[0]}/${name}`
    const numbers = numbersOf(constant)!.map((value) => value * factor)
    constants.set(scaled, constantOf(scaled, 'float32', constant.shape, numbers))
    inputs[operand] = scaled
  }
  return { ...node, inputs, attributes }
}

/** Arithmetic with one number for each channel of a picture, as a depthwise convolution. */
function channelwise(draft: Draft, node: OnnxNode): OnnxNode | undefined {
  const step = arithmeticOf(draft, node)
  const shape = draft.shapes.get(node.outputs[0]!)!
  if (step === undefined || shape.length < 3 || shape.length > 4 || elementCount(step.constant.shape) === 1) return undefined
  const channels = shape[1]!
  const numbers = perChannel(step.constant, shape, 1, channels)
  if (numbers === undefined || draft.shapes.get(step.x)!.join() !== shape.join()) return undefined
  const [weights, bias] = [`${node.outputs[0]}/weights`, `${node.outputs[0]}/bias`]
  const kernel = shape.slice(2).map(() => 1)
  const ones = new Array<number>(channels).fill(1)
  draft.constants.set(weights, constantOf(weights, 'float32', [channels, 1, ...kernel], step.factor ? numbers : ones))
  if (!step.factor) draft.constants.set(bias, constantOf(bias, 'float32', [channels], numbers))
  return {
    ...node,
    op: 'Conv',
    inputs: step.factor ? [step.x, weights] : [step.x, weights, bias],
    attributes: new Map<string, number | number[]>([
      ['group', channels],
      ['kernel_shape', kernel],
    ]),
    floats: new Set(),
  }
}
