// Fixed-size records of a model's tensors and operators, laid in the arena behind the artifact. Everything reads them through these
// getters.
// A record pointer is a usize. Lists stay in the artifact's bytes and are read from there, unaligned.
// `fail` and the status codes are in ./errors.

// Tensor record: all fields are set when an operator's functions are called, but for the pointer, which exists from load on.
const TENSOR_INDEX: usize = 0
const TENSOR_TYPE: usize = 4
const TENSOR_RANK: usize = 8
const TENSOR_FLAGS: usize = 12
const TENSOR_DIMS: usize = 16 // 6 × u32
const TENSOR_ELEMENTS: usize = 40
const TENSOR_BYTES: usize = 44
const TENSOR_POINTER: usize = 48
const TENSOR_PRODUCER: usize = 52 // operator's index, or NO_INDEX
const TENSOR_LAST_USE: usize = 56 // operator's index
const TENSOR_ALIAS: usize = 60 // record of the tensor whose buffer it shares, or 0
const TENSOR_NEXT: usize = 64 // memory planning: next live buffer, by offset
const TENSOR_DATA: usize = 68 // its data in the artifact
const TENSOR_DATA_BYTES: usize = 72
export const TENSOR_RECORD_BYTES: usize = 80

const OPERATOR_INDEX: usize = 0
const OPERATOR_CODE: usize = 4
const OPERATOR_INPUTS: usize = 8 // each list: pointer, then count
const OPERATOR_OUTPUTS: usize = 16
const OPERATOR_ATTRIBUTES: usize = 24
const OPERATOR_MULTIPLIERS: usize = 32
const OPERATOR_SHIFTS: usize = 40
const OPERATOR_PACKED: usize = 48
const OPERATOR_PARENT: usize = 52 // canonical order: the operator that the walk came from, or 0
const OPERATOR_CURSOR: usize = 56 // canonical order: next operand to visit; NOT_VISITED before
export const OPERATOR_RECORD_BYTES: usize = 64

export const NO_INDEX: u32 = 0xffffffff

export const INT8: u32 = 0
export const UINT8: u32 = 1
export const INT16: u32 = 2
export const INT32: u32 = 3

export const ROUNDING_FP32: u32 = 0
export const ROUNDING_SINGLE: u32 = 1
export const ROUNDING_DOUBLE: u32 = 2

/** Bytes that may be read, never written, past the end of any buffer. */
export const SLACK_BYTES: u64 = 64

export const IS_CONSTANT: u32 = 1
export const IS_INPUT: u32 = 2
export const IS_OUTPUT: u32 = 4

let mode: u32 = 0
let tensors: usize = 0
let tensorTotal: u32 = 0
let operators: usize = 0
let operatorTotal: u32 = 0
let scratch: usize = 0

/** The model's rounding mode. */
export function rounding(): u32 {
  return mode
}

export function setRounding(value: u32): void {
  mode = value
}

/** Says where the records are and how many; zeros them. */
export function placeRecords(pointer: usize, tensorCount: u32, operatorCount: u32): void {
  tensors = pointer
  tensorTotal = tensorCount
  operators = pointer + <usize>tensorCount * TENSOR_RECORD_BYTES
  operatorTotal = operatorCount
  memory.fill(pointer, 0, <usize>tensorCount * TENSOR_RECORD_BYTES + <usize>operatorCount * OPERATOR_RECORD_BYTES)
  for (let i: u32 = 0; i < tensorCount; i++) {
    store<u32>(tensorAt(i), i, TENSOR_INDEX)
    store<u32>(tensorAt(i), NO_INDEX, TENSOR_PRODUCER)
  }
  for (let i: u32 = 0; i < operatorCount; i++) {
    store<u32>(operatorAt(i), i, OPERATOR_INDEX)
    store<u32>(operatorAt(i), NO_INDEX, OPERATOR_CURSOR)
  }
}

/** First byte behind the records. */
export function recordsEnd(): usize {
  return operators + <usize>operatorTotal * OPERATOR_RECORD_BYTES
}

export function tensorCount(): u32 {
  return tensorTotal
}

export function operatorCount(): u32 {
  return operatorTotal
}

export function tensorAt(index: u32): usize {
  return tensors + <usize>index * TENSOR_RECORD_BYTES
}

export function operatorAt(index: u32): usize {
  return operators + <usize>index * OPERATOR_RECORD_BYTES
}

// --- Tensor ---

export function tensorIndex(t: usize): u32 {
  return load<u32>(t, TENSOR_INDEX)
}

/** INT8, UINT8, INT16 or INT32. */
export function tensorType(t: usize): u32 {
  return load<u32>(t, TENSOR_TYPE)
}

/** 1 to 6. */
export function tensorRank(t: usize): u32 {
  return load<u32>(t, TENSOR_RANK)
}

/** 1 to 2^24. */
export function tensorDim(t: usize, i: u32): u32 {
  return load<u32>(t + (i << 2), TENSOR_DIMS)
}

/** 1 to 2^26. */
export function tensorElements(t: usize): u32 {
  return load<u32>(t, TENSOR_ELEMENTS)
}

/** Elements times the type's size, up to 2^28. */
export function tensorBytes(t: usize): u32 {
  return load<u32>(t, TENSOR_BYTES)
}

export function tensorIsConstant(t: usize): bool {
  return (load<u32>(t, TENSOR_FLAGS) & IS_CONSTANT) !== 0
}

/**
 * Its buffer, or a constant's bytes in the artifact (those from `measure` on, buffers from `load` on). Any alignment; SLACK_BYTES may
 * be read behind it.
 */
export function tensorPointer(t: usize): usize {
  return load<u32>(t, TENSOR_POINTER)
}

// The following are for the reader and the planner, not for operators.

export function tensorFlags(t: usize): u32 {
  return load<u32>(t, TENSOR_FLAGS)
}

export function addTensorFlag(t: usize, flag: u32): void {
  store<u32>(t, load<u32>(t, TENSOR_FLAGS) | flag, TENSOR_FLAGS)
}

export function tensorProducer(t: usize): u32 {
  return load<u32>(t, TENSOR_PRODUCER)
}

export function tensorLastUse(t: usize): u32 {
  return load<u32>(t, TENSOR_LAST_USE)
}

export function tensorAlias(t: usize): usize {
  return load<u32>(t, TENSOR_ALIAS)
}

export function tensorNext(t: usize): usize {
  return load<u32>(t, TENSOR_NEXT)
}

export function tensorData(t: usize): usize {
  return load<u32>(t, TENSOR_DATA)
}

/** Its shape in the artifact: tensorRank × u32, which the data follows. */
export function tensorShapePointer(t: usize): usize {
  return tensorData(t) - (tensorRank(t) << 2)
}

export function tensorDataBytes(t: usize): u32 {
  return load<u32>(t, TENSOR_DATA_BYTES)
}

export function setTensorType(t: usize, type: u32): void {
  store<u32>(t, type, TENSOR_TYPE)
}

export function setTensorRank(t: usize, rank: u32): void {
  store<u32>(t, rank, TENSOR_RANK)
}

export function setTensorDim(t: usize, i: u32, dim: u32): void {
  store<u32>(t + (i << 2), dim, TENSOR_DIMS)
}

export function setTensorSize(t: usize, elements: u32, bytes: u32): void {
  store<u32>(t, elements, TENSOR_ELEMENTS)
  store<u32>(t, bytes, TENSOR_BYTES)
}

export function setTensorPointer(t: usize, pointer: usize): void {
  store<u32>(t, <u32>pointer, TENSOR_POINTER)
}

export function setTensorProducer(t: usize, operator: u32): void {
  store<u32>(t, operator, TENSOR_PRODUCER)
}

export function setTensorLastUse(t: usize, operator: u32): void {
  store<u32>(t, operator, TENSOR_LAST_USE)
}

export function setTensorAlias(t: usize, other: usize): void {
  store<u32>(t, <u32>other, TENSOR_ALIAS)
}

export function setTensorNext(t: usize, other: usize): void {
  store<u32>(t, <u32>other, TENSOR_NEXT)
}

export function setTensorData(t: usize, pointer: usize, bytes: u32): void {
  store<u32>(t, <u32>pointer, TENSOR_DATA)
  store<u32>(t, bytes, TENSOR_DATA_BYTES)
}

// --- Operator ---

export function opIndex(op: usize): u32 {
  return load<u32>(op, OPERATOR_INDEX)
}

export function opCode(op: usize): u32 {
  return load<u32>(op, OPERATOR_CODE)
}

export function opInputCount(op: usize): u32 {
  return load<u32>(op, OPERATOR_INPUTS + 4)
}

/** Record of the i-th operand. */
export function opInput(op: usize, i: u32): usize {
  return tensorAt(opInputIndex(op, i))
}

export function opInputIndex(op: usize, i: u32): u32 {
  return load<u16>(load<u32>(op, OPERATOR_INPUTS) + (i << 1))
}

export function opOutputCount(op: usize): u32 {
  return load<u32>(op, OPERATOR_OUTPUTS + 4)
}

/** Record of the i-th result. */
export function opOutput(op: usize, i: u32): usize {
  return tensorAt(opOutputIndex(op, i))
}

export function opOutputIndex(op: usize, i: u32): u32 {
  return load<u16>(load<u32>(op, OPERATOR_OUTPUTS) + (i << 1))
}

export function opAttributeCount(op: usize): u32 {
  return load<u32>(op, OPERATOR_ATTRIBUTES + 4)
}

export function opAttribute(op: usize, i: u32): i32 {
  return load<i32>(load<u32>(op, OPERATOR_ATTRIBUTES) + (i << 2))
}

export function opMultiplierCount(op: usize): u32 {
  return load<u32>(op, OPERATOR_MULTIPLIERS + 4)
}

/** fp32: bits of the float32 scale; single, double: int32 multiplier. */
export function opMultiplier(op: usize, i: u32): u32 {
  return load<u32>(load<u32>(op, OPERATOR_MULTIPLIERS) + (i << 2))
}

/** opMultiplierCount × u32 in the artifact, any alignment. */
export function opMultipliersPointer(op: usize): usize {
  return load<u32>(op, OPERATOR_MULTIPLIERS)
}

export function opShiftCount(op: usize): u32 {
  return load<u32>(op, OPERATOR_SHIFTS + 4)
}

export function opShift(op: usize, i: u32): i32 {
  return load<i8>(load<u32>(op, OPERATOR_SHIFTS) + i)
}

/** opShiftCount × i8 in the artifact. */
export function opShiftsPointer(op: usize): usize {
  return load<u32>(op, OPERATOR_SHIFTS)
}

/**
 * The operator's own region for packed weights and tables, as large as its PackedBytes function said; 16-aligned; written by Load, read
 * by Run.
 */
export function opPacked(op: usize): usize {
  return load<u32>(op, OPERATOR_PACKED)
}

/**
 * Scratch region for the duration of one Load or Run, shared by all operators, as large as the largest ScratchBytes; 16-aligned; holds
 * anything at entry.
 */
export function opScratch(op: usize): usize {
  return scratch
}

// The following are for the reader and the planner, not for operators.

export function opInputsPointer(op: usize): usize {
  return load<u32>(op, OPERATOR_INPUTS)
}

export function opOutputsPointer(op: usize): usize {
  return load<u32>(op, OPERATOR_OUTPUTS)
}

export function opAttributesPointer(op: usize): usize {
  return load<u32>(op, OPERATOR_ATTRIBUTES)
}

export function setOpCode(op: usize, code: u32): void {
  store<u32>(op, code, OPERATOR_CODE)
}

export function setOpInputs(op: usize, pointer: usize, count: u32): void {
  setList(op + OPERATOR_INPUTS, pointer, count)
}

export function setOpOutputs(op: usize, pointer: usize, count: u32): void {
  setList(op + OPERATOR_OUTPUTS, pointer, count)
}

export function setOpAttributes(op: usize, pointer: usize, count: u32): void {
  setList(op + OPERATOR_ATTRIBUTES, pointer, count)
}

export function setOpMultipliers(op: usize, pointer: usize, count: u32): void {
  setList(op + OPERATOR_MULTIPLIERS, pointer, count)
}

export function setOpShifts(op: usize, pointer: usize, count: u32): void {
  setList(op + OPERATOR_SHIFTS, pointer, count)
}

function setList(field: usize, pointer: usize, count: u32): void {
  store<u32>(field, <u32>pointer)
  store<u32>(field, count, 4)
}

export function setOpPacked(op: usize, pointer: usize): void {
  store<u32>(op, <u32>pointer, OPERATOR_PACKED)
}

export function setScratch(pointer: usize): void {
  scratch = pointer
}

export function opParent(op: usize): usize {
  return load<u32>(op, OPERATOR_PARENT)
}

export function setOpParent(op: usize, parent: usize): void {
  store<u32>(op, <u32>parent, OPERATOR_PARENT)
}

export function opCursor(op: usize): u32 {
  return load<u32>(op, OPERATOR_CURSOR)
}

export function setOpCursor(op: usize, cursor: u32): void {
  store<u32>(op, cursor, OPERATOR_CURSOR)
}
