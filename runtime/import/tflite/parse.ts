/**
 * A .tflite file into the graph. Only the main subgraph is read, and those that it calls once to set its variables; operators that the importer does not know keep their names for the checks.
 *
 * The file is not trusted: it is copied once, so that no offset reaches outside it; every table index is checked; and the elements read
 * are counted against the file's size, so that vectors which share their bytes cannot make reading long.
 */
import { ByteBuffer, Encoding } from 'flatbuffers'
import { ImportError } from '../errors.ts'
import { elementCount, type Graph, type GraphNode, type GraphTensor, graphTypeBytes, type Quantization } from '../graph.ts'
import { Budget, text } from './budget.ts'
import { Model } from './generated/model.ts'
import type { Operator } from './generated/operator.ts'
import type { OperatorCode } from './generated/operator-code.ts'
import type { QuantizationParameters } from './generated/quantization-parameters.ts'
import type { SubGraph } from './generated/sub-graph.ts'
import type { Tensor } from './generated/tensor.ts'
import { operatorNames, optionTypes, tensorTypeNames } from './names.ts'
import { readOptions } from './options.ts'

const formatVersion = 3
const identifier = 'TFL3'
const greatestRank = 8
/** Built-in codes past 126 stand in the newer field; the older one then holds this. */
const newerCodes = 127

/** @throws ImportError `malformed` */
export function parseTflite(bytes: Uint8Array): Graph {
  const copy = new Uint8Array(bytes)
  try {
    return readModel(new ByteBuffer(copy), new Budget(copy.length))
  } catch (error) {
    if (error instanceof ImportError) throw error
    // An offset past the end surfaces as the RangeError of a typed array, a table that is missing as a TypeError.
    throw new ImportError('malformed', `the TFLite file is damaged: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readModel(buffer: ByteBuffer, budget: Budget): Graph {
  if (buffer.capacity() < 16 || buffer.getBufferIdentifier() !== identifier)
    throw malformed(`it does not carry the identifier ${identifier}`)
  const model = Model.getRootAsModel(buffer)
  if (model.version() !== formatVersion) throw malformed(`it has version ${model.version()}, wanted ${formatVersion}`)
  const codes = budget.list(model.operatorCodesLength(), (index) =>
    operatorName(present(model.operatorCodes(index), 'operator code'), budget),
  )
  if (model.subgraphsLength() < 1) throw malformed('it has no subgraph')
  const graph = readSubgraph(model, 0, codes, budget)
  const called = graph.nodes.filter(({ op }) => op === 'CALL_ONCE').map(({ options }) => Number(options.subgraph ?? 0))
  if (called.length === 0) return graph
  return { ...graph, initial: called.map((index) => readSubgraph(model, index, codes, budget)) }
}

function readSubgraph(model: Model, index: number, codes: readonly string[], budget: Budget): Graph {
  if (!(index >= 0 && index < model.subgraphsLength())) throw malformed(`it calls subgraph ${index} of ${model.subgraphsLength()}`)
  const subgraph = present(model.subgraphs(index), 'subgraph')
  const tensors = budget.list(subgraph.tensorsLength(), (at) => readTensor(model, present(subgraph.tensors(at), 'tensor'), at, budget))
  const nodes = budget.list(subgraph.operatorsLength(), (at) =>
    readNode(present(subgraph.operators(at), 'operator'), at, codes, tensors, budget),
  )
  return { tensors, nodes, ...readPorts(subgraph, tensors, budget) }
}

function readPorts(main: SubGraph, tensors: readonly GraphTensor[], budget: Budget): { inputs: number[]; outputs: number[] } {
  const inputs = budget.list(main.inputsLength(), (index) => main.inputs(index) ?? 0)
  const outputs = budget.list(main.outputsLength(), (index) => main.outputs(index) ?? 0)
  for (const index of [...inputs, ...outputs])
    if (tensors[index] === undefined) throw malformed(`the model's inputs or outputs name tensor ${index} of ${tensors.length}`)
  return { inputs, outputs }
}

function operatorName(code: OperatorCode, budget: Budget): string {
  const older = code.deprecatedBuiltinCode()
  const builtin = older === newerCodes ? code.builtinCode() : Math.max(older, code.builtinCode())
  const name = operatorNames[builtin] ?? `BUILTIN_${builtin}`
  return name === 'CUSTOM' ? `CUSTOM:${text(code.customCode(Encoding.UTF8_BYTES), budget)}` : name
}

function readTensor(model: Model, tensor: Tensor, index: number, budget: Budget): GraphTensor {
  const name = text(tensor.name(Encoding.UTF8_BYTES), budget) || `tensor ${index}`
  if (tensor.shapeLength() > greatestRank)
    throw malformed(`tensor "${name}" has rank ${tensor.shapeLength()}, at most ${greatestRank} is allowed`)
  const shape = budget.list(tensor.shapeLength(), (axis) => tensor.shape(axis) ?? 0)
  if (shape.some((dimension) => dimension < 0)) throw malformed(`tensor "${name}" has the shape [${shape}]`)
  const type = tensorTypeNames[tensor.type()] ?? 'other'
  const quantization = readQuantization(tensor.quantization(), name, budget)
  const data = readData(model, tensor, name)
  const wanted = elementCount(shape) * graphTypeBytes[type]
  if (data !== undefined && wanted > 0 && data.length !== wanted)
    throw malformed(`tensor "${name}" has ${data.length} bytes of data, its shape [${shape}] of ${type} wants ${wanted}`)
  return {
    name,
    type,
    shape,
    ...(quantization === undefined ? {} : { quantization }),
    ...(data === undefined ? {} : { data }),
    ...(tensor.isVariable() ? { variable: true } : {}),
  }
}

function readQuantization(from: QuantizationParameters | null, name: string, budget: Budget): Quantization | undefined {
  if (from === null || from.scaleLength() === 0) return undefined
  const scales = budget.list(from.scaleLength(), (index) => from.scale(index) ?? 0)
  const zeroPoints = budget.list(from.zeroPointLength(), (index) => Number(from.zeroPoint(index) ?? 0n))
  const axis = from.quantizedDimension()
  if (zeroPoints.length === 0) zeroPoints.push(0)
  if (zeroPoints.length === 1) while (zeroPoints.length < scales.length) zeroPoints.push(zeroPoints[0]!)
  if (zeroPoints.length !== scales.length)
    throw malformed(`tensor "${name}" has ${scales.length} scales and ${zeroPoints.length} zero points`)
  return { scales, zeroPoints, axis }
}

function readData(model: Model, tensor: Tensor, name: string): Uint8Array | undefined {
  const index = tensor.buffer()
  if (index >= model.buffersLength()) throw malformed(`tensor "${name}" names buffer ${index} of ${model.buffersLength()}`)
  const data = present(model.buffers(index), 'buffer').dataArray()
  return data === null || data.length === 0 ? undefined : data
}

function readNode(operator: Operator, index: number, codes: readonly string[], tensors: readonly GraphTensor[], budget: Budget): GraphNode {
  const op = codes[operator.opcodeIndex()]
  if (op === undefined) throw malformed(`operator ${index} has code ${operator.opcodeIndex()} of ${codes.length}`)
  const inputs = budget.list(operator.inputsLength(), (at) => operator.inputs(at) ?? 0)
  const outputs = budget.list(operator.outputsLength(), (at) => operator.outputs(at) ?? 0)
  for (const at of inputs)
    if (at !== -1 && tensors[at] === undefined) throw malformed(`operator ${index} (${op}) reads tensor ${at} of ${tensors.length}`)
  for (const at of outputs)
    if (tensors[at] === undefined) throw malformed(`operator ${index} (${op}) writes tensor ${at} of ${tensors.length}`)
  const name = `${op} #${index}${outputs.length > 0 ? ` "${tensors[outputs[0]!]!.name}"` : ''}`
  const wanted = optionTypes[op]
  const type = operator.builtinOptionsType()
  if (wanted !== undefined && type !== wanted && type !== 0) throw malformed(`${name} carries options of kind ${type}, wanted ${wanted}`)
  const table = type === wanted ? operator.builtinOptions() : null
  return { op, name, inputs, outputs, options: readOptions(op, table, budget) }
}

function present<T>(table: T | null, what: string): T {
  if (table === null) throw malformed(`a table is missing (${what})`)
  return table
}

function malformed(reason: string): ImportError {
  return new ImportError('malformed', `not a usable TFLite file: ${reason}`)
}
