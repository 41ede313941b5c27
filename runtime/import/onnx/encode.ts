/** Writes a graph of nodes as the bytes of an .onnx file; parseOnnx reads the same graph from them. */
import { create, toBinary } from '@bufbuild/protobuf'
import type { Constant } from './constant.ts'
import { type AttributeProto, AttributeProtoSchema, ModelProtoSchema, type TensorProto, TensorProtoSchema } from './generated/onnx_pb.ts'
import { attributeTypes, elementTypes } from './names.ts'
import type { Attribute, OnnxGraph, OnnxNode, OnnxPort } from './parse.ts'

const irVersion = 8n
const otherDomainVersion = 1n

/** Nodes are left to be named by their results. A port without a type or a shape is written without; so are the attributes that parseOnnx has not read (subgraphs). */
export function encodeOnnx({ opset, nodes, constants, inputs, outputs }: OnnxGraph): Uint8Array {
  const others = new Set(nodes.map(({ op }) => domainOf(op)).filter((domain) => domain !== ''))
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        ...[...others].sort().map((domain) => ({ domain, version: otherDomainVersion })),
      ],
      graph: {
        name: 'graph',
        node: nodes.map(nodeMessage),
        initializer: [...constants].map(([name, constant]) => tensorMessage(constant, name)),
        input: inputs.map(portMessage),
        output: outputs.map(portMessage),
      },
    }),
  )
}

function domainOf(op: string): string {
  return op.includes(':') ? op.slice(0, op.indexOf(':')) : ''
}

function nodeMessage({ op, inputs, outputs, attributes, floats }: OnnxNode) {
  return {
    opType: op.slice(op.indexOf(':') + 1),
    domain: domainOf(op),
    input: [...inputs],
    output: [...outputs],
    attribute: [...attributes].map(([key, value]) => attributeMessage(key, value, floats.has(key))),
  }
}

function attributeMessage(name: string, value: Attribute, isFloat: boolean): AttributeProto {
  const { float, int, string, tensor, floats, ints, strings } = attributeTypes
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: string, s: new TextEncoder().encode(value) })
  if (typeof value === 'number')
    return create(AttributeProtoSchema, isFloat ? { name, type: float, f: value } : { name, type: int, i: BigInt(value) })
  if ('kind' in value) return create(AttributeProtoSchema, { name, type: tensor, t: tensorMessage(value, '') })
  if (isTexts(value))
    return create(AttributeProtoSchema, { name, type: strings, strings: value.map((text) => new TextEncoder().encode(text)) })
  return create(AttributeProtoSchema, isFloat ? { name, type: floats, floats: [...value] } : { name, type: ints, ints: value.map(BigInt) })
}

/** An empty list is one of numbers. */
export function isTexts(list: readonly number[] | readonly string[]): list is readonly string[] {
  return typeof list[0] === 'string'
}

function tensorMessage({ typeName, shape, data, texts = [] }: Constant, name: string): TensorProto {
  const stringData = texts.map((text) => new TextEncoder().encode(text))
  return create(TensorProtoSchema, { name, dataType: typeNumber(typeName), dims: shape.map(BigInt), rawData: data, stringData })
}

function portMessage({ name, type, shape }: OnnxPort) {
  if (type === '') return { name }
  const dim = shape?.map((size) => ({
    value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size },
  }))
  return { name, type: { tensorType: { elemType: typeNumber(type), ...(dim === undefined ? {} : { shape: { dim } }) } } }
}

/** 0, undefined, for what is no type of the standard. */
function typeNumber(name: string): number {
  return Number(Object.entries(elementTypes).find(([, type]) => type.name === name)?.[0] ?? 0)
}
