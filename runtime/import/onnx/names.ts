/** Numbers of the ONNX standard's enumerations (onnx.proto: TensorProto.DataType, AttributeProto.AttributeType). */
import type { GraphType } from '../graph.ts'

/** Element types by their number; those without an entry have no constants that the importer reads. */
export const elementTypes: Readonly<Record<number, { readonly name: string; readonly type: GraphType }>> = {
  1: { name: 'float32', type: 'float32' },
  2: { name: 'uint8', type: 'uint8' },
  3: { name: 'int8', type: 'int8' },
  4: { name: 'uint16', type: 'uint16' },
  5: { name: 'int16', type: 'int16' },
  6: { name: 'int32', type: 'int32' },
  7: { name: 'int64', type: 'int64' },
  8: { name: 'string', type: 'other' },
  9: { name: 'bool', type: 'bool' },
  10: { name: 'float16', type: 'float16' },
  11: { name: 'float64', type: 'float64' },
  12: { name: 'uint32', type: 'uint32' },
  13: { name: 'uint64', type: 'uint64' },
  16: { name: 'bfloat16', type: 'other' },
  17: { name: 'float8e4m3fn', type: 'other' },
  18: { name: 'float8e4m3fnuz', type: 'other' },
  19: { name: 'float8e5m2', type: 'other' },
  20: { name: 'float8e5m2fnuz', type: 'other' },
  21: { name: 'uint4', type: 'uint4' },
  22: { name: 'int4', type: 'int4' },
  23: { name: 'float4e2m1', type: 'other' },
  25: { name: 'uint2', type: 'uint2' },
  26: { name: 'int2', type: 'int2' },
}

export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const

/** TensorProto.DataLocation: the data lie in a file beside the model's. */
export const externalLocation = 1

/** Operators that make, read or compute with integers of a scale. */
export const quantizedOperators = /[Qq]uantizeLinear|QLinear|Integer|QGemm|QAttention/

/** Types of whole numbers. Those of 64 bits are taken as far as 32 bits hold them; the unsigned ones of 32 are the same bits as int32. */
export const wholeTypes = [
  'bool',
  'int2',
  'uint2',
  'int4',
  'uint4',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
] as const
export type WholeType = (typeof wholeTypes)[number]
