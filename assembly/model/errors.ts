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

const NONE: u32 = 0xffffffff
const record: usize = memory.data(32, 8)

export function errorRecord(): usize {
  return record
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
