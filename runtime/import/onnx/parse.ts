/** Reads the bytes of an .onnx file into a graph of nodes between named values. */
import { fromBinary } from '@bufbuild/protobuf'
import { ImportError } from '../errors.ts'
import { type Constant, malformed, type ReadExternal, readTensor } from './constant.ts'
import { type AttributeProto, type ModelProto, ModelProtoSchema, type NodeProto, type ValueInfoProto } from './generated/onnx_pb.ts'
import { attributeTypes, elementTypes } from './names.ts'

export type Attribute = number | string | readonly number[] | readonly string[] | Constant

/**
 * `op` carries the operator set's domain, but for the standard's own: `Conv`, `com.microsoft:QLinearAdd`. `name` identifies the node in messages.
 * `floats`: the attributes whose numbers are float32; those of the others are integers.
 */
export type OnnxNode = {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly floats: ReadonlySet<string>
}

/** `shape`: a dimension without a fixed size is its name, or an empty string; undefined where the file does not tell. */
export type OnnxPort = { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] | undefined }

/** `nodes` in the file's order, which the standard demands to be an execution order. `opset`: the version of the standard's own operators. */
export type OnnxGraph = {
  readonly opset: number
  readonly nodes: readonly OnnxNode[]
  readonly constants: ReadonlyMap<string, Constant>
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
}

const limits = { fileBytes: 2 ** 30, nodes: 16384, values: 65536 } as const
/** Of the operators as most of them still are. */
const firstOpset = 7
const standardDomains: readonly string[] = ['', 'ai.onnx']

/** @throws ImportError `malformed`, or `unsupported` for a sparse constant */
export function parseOnnx(bytes: Uint8Array, external: ReadExternal): OnnxGraph {
  const model = decode(bytes)
  const { graph } = model
  if (graph === undefined || graph.node.length === 0) throw malformed('it has no graph')
  if (graph.node.length > limits.nodes) throw malformed(`it has ${graph.node.length} nodes; at most ${limits.nodes} are read`)
  const opset = standardOpset(model)
  const constants = new Map<string, Constant>()
  for (const tensor of graph.initializer) {
    if (constants.has(tensor.name)) throw malformed(`it has two initializers named "${tensor.name}"`)
    constants.set(tensor.name, readTensor(tensor, tensor.name, external))
  }
  const sparse = graph.sparseInitializer[0]
  if (sparse !== undefined)
    throw new ImportError('unsupported', 'the model has a constant that cannot be read:', [
      { node: sparse.values?.name || 'a sparse initializer', problem: 'it is sparse', nearest: 'a dense initializer' },
    ])
  return {
    opset,
    nodes: graph.node.map((node, index) => readNode(node, index, external)),
    constants,
    // Before IR version 4 initializers are listed among the inputs too.
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(readPort),
    outputs: graph.output.map(readPort),
  }
}

function decode(bytes: Uint8Array): ModelProto {
  if (bytes.length > limits.fileBytes) throw malformed(`it has ${bytes.length} bytes; at most ${limits.fileBytes} are read`)
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false })
  } catch (error) {
    throw malformed(`its bytes are no protobuf message of the standard (${error instanceof Error ? error.message : String(error)})`)
  }
}

function standardOpset(model: ModelProto): number {
  const versions = model.opsetImport.filter(({ domain }) => standardDomains.includes(domain)).map(({ version }) => Number(version))
  // A model of other operators alone names no version of the standard's.
  return versions[0] ?? firstOpset
}

function readNode(node: NodeProto, index: number, external: ReadExternal): OnnxNode {
  const op = standardDomains.includes(node.domain) ? node.opType : `${node.domain}:${node.opType}`
  const title = node.name || node.output.find((output) => output !== '')
  const name = `${node.opType || 'node'} ${title === undefined ? `#${index}` : `"${title}"`}`
  if (node.input.length > limits.values || node.output.length > limits.values) throw malformed(`${name} has ${node.input.length} operands`)
  const attributes = new Map(node.attribute.map((attribute) => [attribute.name, readAttribute(attribute, name, external)]))
  const floats = new Set(node.attribute.filter(({ type }) => floatTypes.includes(type)).map((attribute) => attribute.name))
  return { op, name, inputs: node.input, outputs: node.output, attributes, floats }
}

const floatTypes: readonly number[] = [attributeTypes.float, attributeTypes.floats]

function readAttribute(attribute: AttributeProto, node: string, external: ReadExternal): Attribute {
  switch (attribute.type) {
    case attributeTypes.float:
      return attribute.f
    case attributeTypes.int:
      return Number(attribute.i)
    case attributeTypes.string:
      return new TextDecoder().decode(attribute.s)
    case attributeTypes.tensor:
      if (attribute.t === undefined) throw malformed(`attribute ${attribute.name} of ${node} is empty`)
      return readTensor(attribute.t, `${attribute.name} of ${node}`, external)
    case attributeTypes.floats:
      return attribute.floats
    case attributeTypes.ints:
      return attribute.ints.map(Number)
    case attributeTypes.strings:
      return attribute.strings.map((text) => new TextDecoder().decode(text))
    default:
      return ''
  }
}

function readPort({ name, type }: ValueInfoProto): OnnxPort {
  const tensor = type?.tensorType
  const shape = tensor?.shape?.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value >= 0n ? Number(value.value) : value.case === 'dimParam' ? value.value : '',
  )
  const element = elementTypes[tensor?.elemType ?? 0]?.name ?? (tensor === undefined ? 'no tensor' : `type ${tensor.elemType}`)
  return { name, type: element, shape }
}
