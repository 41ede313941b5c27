/** Constants of the graph: TensorProto in all of its forms, and the numbers in it. */
import { ImportError } from '../errors.ts'
import { elementCount, type GraphType, graphTypeBytes } from '../graph.ts'
import { halfFloat } from './float32.ts'
import type { TensorProto } from './generated/onnx_pb.ts'
import { elementsInMemoryOrder, permutedLayout } from './layout.ts'
import { elementTypes, externalLocation, type WholeType } from './names.ts'

/** `data`: row-major, little-endian, in the graph's own order; empty for a type that has no bytes here. `typeName`: the standard's. `texts`: of strings. */
export type Constant = {
  kind: 'constant'
  name: string
  type: GraphType
  typeName: string
  shape: number[]
  data: Uint8Array
  texts?: readonly string[]
}

/** Bytes of a file beside the model's. Throws ImportError where it may not or cannot be read. */
export type ReadExternal = (location: string, offset: number, length: number | undefined) => Uint8Array

/** For models that come without a folder. */
export const noExternalFiles: ReadExternal = (location) => {
  throw malformed(`its data lie in the file "${location}", which was not given`)
}

const mostElements = 2 ** 28

/** @throws ImportError `malformed` */
export function readTensor(tensor: TensorProto, name: string, external: ReadExternal): Constant {
  const { name: typeName, type } = elementTypes[tensor.dataType] ?? { name: `type ${tensor.dataType}`, type: 'other' as const }
  const shape = tensor.dims.map(Number)
  const count = elementCount(shape)
  if (shape.length > 16 || shape.some((size) => size < 0) || !(count <= mostElements))
    throw malformed(`tensor "${name}" has the shape [${shape}]`)
  const bytes = graphTypeBytes[type]
  if (typeName === 'string') {
    const texts = tensor.stringData.map((text) => new TextDecoder().decode(text))
    return { kind: 'constant', name, type, typeName, shape, data: new Uint8Array(), texts }
  }
  if (bytes === 0) return { kind: 'constant', name, type, typeName, shape, data: new Uint8Array() }
  const stored = tensor.dataLocation === externalLocation ? externalData(tensor, name, external) : embeddedData(tensor, type, name)
  const narrow = narrowTypes[type]
  const data = narrow === undefined ? stored : unpacked(stored, count, narrow)
  if (data.length !== count * bytes)
    throw malformed(`tensor "${name}" has ${data.length} bytes of data, its shape [${shape}] of ${typeName} wants ${count * bytes}`)
  return { kind: 'constant', name, type, typeName, shape, data }
}

const narrowTypes: Readonly<Partial<Record<GraphType, { readonly bits: number; readonly isSigned: boolean }>>> = {
  int2: { bits: 2, isSigned: true },
  uint2: { bits: 2, isSigned: false },
  int4: { bits: 4, isSigned: true },
  uint4: { bits: 4, isSigned: false },
}

/** One number to a byte from several, the first in the lowest bits. */
function unpacked(packed: Uint8Array, count: number, { bits, isSigned }: { bits: number; isSigned: boolean }): Uint8Array {
  const each = 8 / bits
  if (packed.length !== Math.ceil(count / each)) return packed
  return Uint8Array.from({ length: count }, (_, at) => {
    const value = (packed[Math.floor(at / each)]! >> ((at % each) * bits)) & (2 ** bits - 1)
    return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
  })
}

function embeddedData(tensor: TensorProto, type: GraphType, name: string): Uint8Array {
  if (tensor.rawData.length > 0) return tensor.rawData
  const { floatData, int32Data, int64Data, uint64Data, doubleData } = tensor
  if (type === 'float32') return bytesOf(Float32Array.from(floatData))
  if (type === 'float64') return bytesOf(Float64Array.from(doubleData))
  if (type === 'int64') return bytesOf(BigInt64Array.from(int64Data))
  if (type === 'int32') return bytesOf(Int32Array.from(int32Data))
  if (type === 'uint64') return bytesOf(BigUint64Array.from(uint64Data))
  if (type === 'uint32') return bytesOf(Uint32Array.from(uint64Data, Number))
  // The narrow types lie in int32_data, one element to an entry.
  if (type === 'int16' || type === 'uint16' || type === 'float16') return bytesOf(Uint16Array.from(int32Data))
  if (graphTypeBytes[type] === 1) return Uint8Array.from(int32Data)
  throw malformed(`tensor "${name}" has no data`)
}

function externalData(tensor: TensorProto, name: string, external: ReadExternal): Uint8Array {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]))
  const location = entries.get('location')
  if (location === undefined) throw malformed(`tensor "${name}" lies in another file that it does not name`)
  const number = (key: string) => (entries.has(key) ? Number(entries.get(key)) : undefined)
  const [offset = 0, length] = [number('offset'), number('length')]
  if (!isLength(offset) || (length !== undefined && !isLength(length)))
    throw malformed(`tensor "${name}" lies at offset ${offset}, length ${length} of "${location}"`)
  return external(location, offset, length)
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength)
}

/** All elements as numbers; undefined for a type without numbers. int64 beyond 2^53 lose their last digits. */
export function numbersOf({ type, data }: Constant): number[] | undefined {
  const bytes = graphTypeBytes[type]
  if (bytes === 0) return undefined
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: data.length / bytes }, (_, index) => readers[type]!(view, index * bytes))
}

const readers: Partial<Record<GraphType, (view: DataView, at: number) => number>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  float16: (view, at) => halfFloat(view.getUint16(at, true)),
  int2: (view, at) => view.getInt8(at),
  uint2: (view, at) => view.getUint8(at),
  int4: (view, at) => view.getInt8(at),
  uint4: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => view.getUint8(at),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
}

export type NumericType = 'float32' | WholeType

/** A constant of the importer's own computing. */
export function constantOf(name: string, type: NumericType, shape: readonly number[], values: readonly number[]): Constant {
  const data = {
    float32: () => Float32Array.from(values),
    int2: () => Int8Array.from(values),
    uint2: () => Uint8Array.from(values),
    int4: () => Int8Array.from(values),
    uint4: () => Uint8Array.from(values),
    int8: () => Int8Array.from(values),
    uint8: () => Uint8Array.from(values),
    bool: () => Uint8Array.from(values),
    int16: () => Int16Array.from(values),
    uint16: () => Uint16Array.from(values),
    int32: () => Int32Array.from(values),
    uint32: () => Uint32Array.from(values),
    uint64: () => BigUint64Array.from(values, (value) => BigInt(Math.trunc(Math.min(Math.max(value, 0), 2 ** 64 - 2048)))),
    int64: () => BigInt64Array.from(values, (value) => BigInt(Math.trunc(Math.min(Math.max(value, -(2 ** 63)), 2 ** 63 - 1024)))),
  }[type]()
  return { kind: 'constant', name, type, typeName: type, shape: [...shape], data: bytesOf(data) }
}

/** The elements of `data` with dimension d of the result being dimension permutation[d]. */
export function transposedBytes(
  data: Uint8Array,
  elementBytes: number,
  shape: readonly number[],
  permutation: readonly number[],
): Uint8Array {
  return pickedBytes(data, elementBytes, elementsInMemoryOrder(permutedLayout(shape, permutation)))
}

/** The elements of `data` that are numbered, in that order. */
export function pickedBytes(data: Uint8Array, elementBytes: number, elements: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(elements.length * elementBytes)
  for (let at = 0; at < elements.length; at += 1)
    for (let byte = 0; byte < elementBytes; byte += 1) result[at * elementBytes + byte] = data[elements[at]! * elementBytes + byte]!
  return result
}

export function malformed(reason: string): ImportError {
  return new ImportError('malformed', `not a usable ONNX file: ${reason}`)
}
