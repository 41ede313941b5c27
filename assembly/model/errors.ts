// The error record (docs/embedding.md): what was wrong, where, got and wanted. 32 bytes of static memory, little-endian.

export const OK: i32 = 0
export const TRUNCATED: i32 = 1
export const ENCODING: i32 = 2
export const FORMAT: i32 = 3
export const ROUNDING: i32 = 4
export const LIMIT: i32 = 5
export const OPERATOR: i32 = 6
export const TENSOR: i32 = 7
export const ATTRIBUTE: i32 = 8
export const SHAPE: i32 = 9
export const ORDER: i32 = 10
export const PORT: i32 = 11
export const MULTIPLIER: i32 = 12
export const ACCUMULATOR: i32 = 13
export const MEMORY: i32 = 14
export const INSTANCE: i32 = 15

// `field` of LIMIT: which limit.
export const ARTIFACT_LIMIT: u32 = 0
export const TENSORS_LIMIT: u32 = 1
export const OPERATORS_LIMIT: u32 = 2
export const RANK_LIMIT: u32 = 3
export const DIMENSION_LIMIT: u32 = 4
export const ELEMENTS_LIMIT: u32 = 5
export const OPERANDS_LIMIT: u32 = 6
export const RESULTS_LIMIT: u32 = 7
export const ATTRIBUTES_LIMIT: u32 = 8
export const INPUTS_LIMIT: u32 = 9
export const OUTPUTS_LIMIT: u32 = 10
export const MULTIPLIERS_LIMIT: u32 = 11
export const SHIFTS_LIMIT: u32 = 12
export const WORK_LIMIT: u32 = 13

// `field` of TENSOR is aspect << 8 | place. A place is an operand (0 to 63), a result (RESULT + index), or NO_PLACE for the tensor by
// itself.
export const TYPE: u32 = 0
export const DATA: u32 = 1
export const RANK: u32 = 2
export const PRODUCER: u32 = 3
export const INDEX: u32 = 4
export const VALUE: u32 = 5
export const RESULT: u32 = 64
export const NO_PLACE: u32 = 255

// `field` of PORT is aspect << 8 | place; inputs have the places from 0, outputs from OUTPUT_PORT.
export const PORT_TENSOR: u32 = 0
export const PORT_SCALE: u32 = 1
export const PORT_ZERO: u32 = 2
export const OUTPUT_PORT: u32 = 16

/** `field` of SHAPE is the dimension, or this where it is the number of elements. */
export const ELEMENTS: u32 = 255

/** `field` of MULTIPLIER is the entry's index, and this more where it is the shift that is wrong. */
export const SHIFT_FIELD: u32 = 65536

// `field` of INSTANCE.
export const TOO_SMALL: u32 = 0
export const NOT_READY: u32 = 1
export const NO_SUCH_INDEX: u32 = 2

const NONE: u32 = 0xffffffff
const record: usize = memory.data(32, 8)

export function errorRecord(): usize {
  return record
}

export function errorCode(): i32 {
  return load<i32>(record)
}

/** Empties the record: no error, and no operator or tensor is being looked at. */
export function clearError(): void {
  memory.fill(record, 0, 32)
  enter(NONE, NONE)
}

/** Names the operator and tensor (indices in the artifact, 0xffffffff for none) that a following `fail` is about. */
export function enter(operator: u32, tensor: u32): void {
  store<u32>(record, operator, 4)
  store<u32>(record, tensor, 8)
}

/** Fills the error record and gives the code back: `return fail(SHAPE, 0, got, wanted)`. */
export function fail(code: i32, field: u32, got: i64, wanted: i64): i32 {
  store<u32>(record, code, 0)
  store<u32>(record, field, 12)
  store<i64>(record, got, 16)
  store<i64>(record, wanted, 24)
  return code
}
