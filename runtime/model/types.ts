/**
 * The model artifact: its SSZ types (docs/model-format.md), the plain TypeScript form, and the id.
 *
 * decodeModel(bytes)  artifact → Model; refuses what is not the container, an unknown operator, type or rounding (ModelError).
 *                     It does not validate the model: shapes, order, bounds and limits are the consensus module's.
 * encodeModel(model)  Model → artifact bytes, as given: canonicalize (canonical.ts) comes before.
 * modelId(bytes)      the container's hash_tree_root, as 0x-prefixed hex.
 */
import { ByteListType, ContainerType, ListBasicType, ListCompositeType, UintNumberType, type ValueOf } from '@chainsafe/ssz'
import { bytesToHex } from '@noble/hashes/utils.js'
import { ModelError } from './errors.ts'
import { type OperatorName, operatorByCode, operatorRow } from './operators.ts'

export const formatVersion = 1

/** In the order of their codes. */
export const roundings = ['fp32', 'single', 'double'] as const
export type Rounding = (typeof roundings)[number]

/** In the order of their codes. */
export const tensorTypes = ['int8', 'uint8', 'int16', 'int32'] as const
export type TensorType = (typeof tensorTypes)[number]

/** Bytes of one element. */
export const elementBytes: Readonly<Record<TensorType, number>> = { int8: 1, uint8: 1, int16: 2, int32: 4 }

export const limits = {
  artifactBytes: 2 ** 26,
  tensors: 4096,
  operators: 4096,
  rank: 6,
  dimension: 2 ** 24,
  elements: 2 ** 26,
  operands: 64,
  results: 8,
  attributes: 32,
  multipliers: 65536,
  ports: 16,
} as const

/** `data`: row-major, little-endian; empty for what is computed or given as input. */
export type Tensor = { type: TensorType; shape: number[]; data: Uint8Array }

/**
 * `inputs`, `outputs`: indices into tensors. `attributes`: int32, in the order of the operator's row.
 * `multipliers`: uint32; the bits of a float32 in fp32, the multiplier itself otherwise. `shifts`: int8.
 */
export type Operator = {
  name: OperatorName
  inputs: number[]
  outputs: number[]
  attributes: number[]
  multipliers: number[]
  shifts: number[]
}

/** real = scale · (q − zeroPoint); scale is a float32 value, 0 where the tensor has no scale. */
export type Port = { tensor: number; scale: number; zeroPoint: number }

/** `operators` in execution order. */
export type Model = { rounding: Rounding; tensors: Tensor[]; operators: Operator[]; inputs: Port[]; outputs: Port[] }

const uint8 = new UintNumberType(1)
const uint16 = new UintNumberType(2)
const uint32 = new UintNumberType(4)

export const TensorContainer = new ContainerType({
  type: uint8,
  shape: new ListBasicType(uint32, limits.rank),
  data: new ByteListType(limits.elements),
})

export const OperatorContainer = new ContainerType({
  code: uint16,
  inputs: new ListBasicType(uint16, limits.operands),
  outputs: new ListBasicType(uint16, limits.results),
  attributes: new ListBasicType(uint32, limits.attributes),
  multipliers: new ListBasicType(uint32, limits.multipliers),
  shifts: new ListBasicType(uint8, limits.multipliers),
})

export const PortContainer = new ContainerType({ tensor: uint16, scale: uint32, zeroPoint: uint32 })

export const ModelContainer = new ContainerType({
  format: uint16,
  rounding: uint8,
  tensors: new ListCompositeType(TensorContainer, limits.tensors),
  operators: new ListCompositeType(OperatorContainer, limits.operators),
  inputs: new ListCompositeType(PortContainer, limits.ports),
  outputs: new ListCompositeType(PortContainer, limits.ports),
})

/** The container's own value: unsigned where the format has two's complement. Tests build malformed artifacts from it. */
export type ModelFields = ValueOf<typeof ModelContainer>

const view = new DataView(new ArrayBuffer(4))

/** The bits of the float32 nearest to a number. */
export function floatBits(value: number): number {
  view.setFloat32(0, value)
  return view.getUint32(0)
}

/** The float32 of 32 bits. */
export function bitsFloat(bits: number): number {
  view.setUint32(0, bits)
  return view.getFloat32(0)
}

/** The container's value of a model: what encodeModel serializes. */
export function modelFields(model: Model): ModelFields {
  const port = ({ tensor, scale, zeroPoint }: Port) => ({ tensor, scale: floatBits(scale), zeroPoint: zeroPoint >>> 0 })
  return {
    format: formatVersion,
    rounding: roundings.indexOf(model.rounding),
    tensors: model.tensors.map(({ type, shape, data }) => ({ type: tensorTypes.indexOf(type), shape, data })),
    operators: model.operators.map((operator) => ({
      code: operatorRow(operator.name).code,
      inputs: operator.inputs,
      outputs: operator.outputs,
      attributes: operator.attributes.map((value) => value >>> 0),
      multipliers: operator.multipliers,
      shifts: operator.shifts.map((value) => value & 0xff),
    })),
    inputs: model.inputs.map(port),
    outputs: model.outputs.map(port),
  }
}

export function encodeModel(model: Model): Uint8Array {
  return ModelContainer.serialize(modelFields(model))
}

export function decodeModel(bytes: Uint8Array): Model {
  const fields = decodeFields(bytes)
  if (fields.format !== formatVersion)
    throw new ModelError('format', `the artifact has format ${fields.format}; this version reads ${formatVersion}`)
  const rounding = roundings[fields.rounding]
  if (rounding === undefined)
    throw new ModelError('rounding', `unknown rounding mode ${fields.rounding}; known are 0 to ${roundings.length - 1}`)
  const port = ({ tensor, scale, zeroPoint }: ModelFields['inputs'][number]): Port => ({
    tensor,
    scale: bitsFloat(scale),
    zeroPoint: zeroPoint | 0,
  })
  return {
    rounding,
    tensors: fields.tensors.map(({ type, shape, data }, index) => {
      const name = tensorTypes[type]
      if (name === undefined)
        throw new ModelError('tensor', `tensor ${index} has the unknown type ${type}; known are 0 to ${tensorTypes.length - 1}`)
      return { type: name, shape: Array.from(shape), data }
    }),
    operators: fields.operators.map((operator, index) => {
      const row = operatorByCode(operator.code)
      if (row === undefined) throw new ModelError('operator', `operator ${index} has the unknown code ${operator.code}`)
      return {
        name: row.name,
        inputs: Array.from(operator.inputs),
        outputs: Array.from(operator.outputs),
        attributes: Array.from(operator.attributes, (value) => value | 0),
        multipliers: Array.from(operator.multipliers),
        shifts: Array.from(operator.shifts, (value) => (value << 24) >> 24),
      }
    }),
    inputs: fields.inputs.map(port),
    outputs: fields.outputs.map(port),
  }
}

export function modelId(bytes: Uint8Array): `0x${string}` {
  return `0x${bytesToHex(ModelContainer.hashTreeRoot(decodeFields(bytes)))}`
}

function decodeFields(bytes: Uint8Array): ModelFields {
  if (bytes.length > limits.artifactBytes)
    throw new ModelError('limit', `the artifact has ${bytes.length} bytes; at most ${limits.artifactBytes} are allowed`)
  try {
    return ModelContainer.deserialize(bytes)
  } catch (error) {
    throw new ModelError('encoding', `the bytes are not a model artifact: ${error instanceof Error ? error.message : String(error)}`)
  }
}
