/**
 * The graph an importer reads a file into, before anything is lowered: the file's own operators and names, floats still in it.
 * Every format's parser produces it; checks and lowering read it.
 */
export type GraphType =
  | 'float32'
  | 'float16'
  | 'float64'
  | 'int2'
  | 'uint2'
  | 'int4'
  | 'uint4'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'other'

/** Bytes of one element; 0 where the type has no constants that an importer reads. */
export const graphTypeBytes: Readonly<Record<GraphType, number>> = {
  float32: 4,
  float16: 2,
  float64: 8,
  // Of less than a byte: one to a byte, once they are read.
  int2: 1,
  uint2: 1,
  int4: 1,
  uint4: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
  other: 0,
}

/** real = scales[c] · (q − zeroPoints[c]); one entry for the whole tensor, or one for each index c along `axis`. Scales are float32 values. */
export type Quantization = { scales: number[]; zeroPoints: number[]; axis: number }

/**
 * `data`: a constant's bytes, row-major, little-endian. `variable`: keeps its value between runs.
 * `stored`: the type in the file, where the importer has moved the tensor to int8.
 */
export type GraphTensor = {
  name: string
  type: GraphType
  shape: number[]
  quantization?: Quantization
  data?: Uint8Array
  variable?: true
  stored?: 'uint8'
}

export type NodeOptions = Readonly<Record<string, number | boolean | string | readonly number[]>>

/** `name` identifies the node in messages. `inputs`, `outputs`: indices into tensors, −1 for an operand left out. */
export type GraphNode = { op: string; name: string; inputs: number[]; outputs: number[]; options: NodeOptions }

/** `nodes` in the file's order, which is an execution order. `initial`: graphs that are run once, before the first run, to set variables. */
export type Graph = { tensors: GraphTensor[]; nodes: GraphNode[]; inputs: number[]; outputs: number[]; initial?: Graph[] }

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dimension) => count * dimension, 1)
}

/** An int32 or int64 constant's values; undefined where the tensor is no such constant. */
export function constantIntegers(tensor: GraphTensor): number[] | undefined {
  if (tensor.data === undefined || (tensor.type !== 'int32' && tensor.type !== 'int64')) return undefined
  const { data } = tensor
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const count = elementCount(tensor.shape)
  if (tensor.type === 'int32') return Array.from({ length: count }, (_, index) => view.getInt32(4 * index, true))
  return Array.from({ length: count }, (_, index) => Number(view.getBigInt64(8 * index, true)))
}

/** The bytes of an int32 constant. */
export function integerBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int32Array(values).buffer)
}
