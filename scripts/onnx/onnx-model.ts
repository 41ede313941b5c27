/** Writes ONNX models: the few messages of onnx.proto that a graph of quantized operators needs, in protobuf's wire form. */

export type OnnxType = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64'
/** The standard's TensorProto.DataType. */
const typeNumbers: Readonly<Record<OnnxType, number>> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 }

export type OnnxConstant = { name: string; type: OnnxType; shape: readonly number[]; bytes: Uint8Array }
export type OnnxPort = { name: string; type: OnnxType; shape: readonly number[] }
/** An attribute is a whole number, a list of whole numbers, or a text. An empty domain is the standard's own. */
export type OnnxNode = {
  op: string
  domain: '' | 'com.microsoft'
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, number | readonly number[] | string>>
}
export type OnnxGraph = { name: string; nodes: OnnxNode[]; constants: OnnxConstant[]; inputs: OnnxPort[]; outputs: OnnxPort[] }

const irVersion = 8
const opset = 13
const microsoftOpset = 1
/** AttributeProto.AttributeType. */
const attributeTypes = { integer: 2, text: 3, integers: 7 } as const

export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  return Buffer.concat([
    integer(1, irVersion),
    text(2, 'infernode-bench'),
    message(7, ...graphFields(graph)),
    message(8, text(1, ''), integer(2, opset)),
    message(8, text(1, 'com.microsoft'), integer(2, microsoftOpset)),
  ])
}

function graphFields(graph: OnnxGraph): Buffer[] {
  return [
    ...graph.nodes.map((node) => message(1, ...nodeFields(node))),
    text(2, graph.name),
    ...graph.constants.map(({ name, type, shape, bytes }) =>
      message(5, ...shape.map((size) => integer(1, size)), integer(2, typeNumbers[type]), text(8, name), lengthDelimited(9, bytes)),
    ),
    ...graph.inputs.map((port) => message(11, ...portFields(port))),
    ...graph.outputs.map((port) => message(12, ...portFields(port))),
  ]
}

function nodeFields(node: OnnxNode): Buffer[] {
  return [
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(3, node.outputs[0]!),
    text(4, node.op),
    ...Object.entries(node.attributes).map(([name, value]) => message(5, text(1, name), ...attributeFields(value))),
    text(7, node.domain),
  ]
}

function attributeFields(value: number | readonly number[] | string): Buffer[] {
  if (typeof value === 'number') return [integer(3, value), integer(20, attributeTypes.integer)]
  if (typeof value === 'string') return [text(4, value), integer(20, attributeTypes.text)]
  return [...value.map((entry) => integer(8, entry)), integer(20, attributeTypes.integers)]
}

function portFields({ name, type, shape }: OnnxPort): Buffer[] {
  const dimensions = message(2, ...shape.map((size) => message(1, integer(1, size))))
  return [text(1, name), message(2, message(1, integer(1, typeNumbers[type]), dimensions))]
}

/** Base-128 varint; a negative number is its 64-bit two's complement. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)])
}

function lengthDelimited(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
}

function text(field: number, value: string): Buffer {
  return lengthDelimited(field, Buffer.from(value))
}

function message(field: number, ...fields: Buffer[]): Buffer {
  return lengthDelimited(field, Buffer.concat(fields))
}
