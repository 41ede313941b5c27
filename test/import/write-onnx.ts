/**
 * Writes small .onnx files for tests, with the generated messages.
 *
 * writeOnnx({ nodes, constants, inputs, outputs })   bytes of a model
 * tensor(name, type, shape, values)                  a constant with its data in raw_data
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { constantOf, type NumericType } from '../../runtime/import/onnx/constant.ts'
import {
  type AttributeProto,
  AttributeProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { attributeTypes, elementTypes } from '../../runtime/import/onnx/names.ts'

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }
/** `inputs`, `outputs`: names of values; an empty name leaves an operand out. */
export type OnnxFileNode = {
  op: string
  inputs: readonly string[]
  outputs: readonly string[]
  name?: string
  domain?: string
  attributes?: Readonly<Record<string, OnnxAttribute>>
}
/** `shape`: a name is a dimension without a size. */
export type OnnxFilePort = { name: string; type: string; shape?: readonly (number | string)[] }
export type OnnxFile = {
  nodes: readonly OnnxFileNode[]
  constants?: TensorProto[]
  inputs: readonly OnnxFilePort[]
  outputs: readonly OnnxFilePort[]
  opset?: number
}

export function writeOnnx({ nodes, constants = [], inputs, outputs, opset = 13 }: OnnxFile): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        node: nodes.map(({ op, inputs: operands, outputs: results, name = '', domain = '', attributes = {} }) => ({
          opType: op,
          input: [...operands],
          output: [...results],
          name,
          domain,
          attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        })),
        initializer: constants,
        input: inputs.map(port),
        output: outputs.map(port),
      },
    }),
  )
}

export function tensor(name: string, type: NumericType, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: typeNumber(type),
    dims: shape.map(BigInt),
    rawData: constantOf(name, type, shape, values).data,
  })
}

export function scalar(name: string, type: NumericType, value: number): TensorProto {
  return tensor(name, type, [], [value])
}

export function typeNumber(name: string): number {
  return Number(Object.entries(elementTypes).find(([, type]) => type.name === name)![0])
}

function port({ name, type, shape }: OnnxFilePort) {
  const dim = shape?.map((size) => ({
    value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size },
  }))
  return { name, type: { tensorType: { elemType: typeNumber(type), ...(dim === undefined ? {} : { shape: { dim } }) } } }
}

function attribute(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: attributeTypes.int, i: BigInt(value) })
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: attributeTypes.string, s: new TextEncoder().encode(value) })
  if ('float' in value) return create(AttributeProtoSchema, { name, type: attributeTypes.float, f: value.float })
  return create(AttributeProtoSchema, { name, type: attributeTypes.ints, ints: value.map(BigInt) })
}
