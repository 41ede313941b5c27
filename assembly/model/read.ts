// Reads the SSZ structure of an artifact (docs/model-format.md, Container) into records: offsets exact, lists within their limits,
// nothing left over.
// What the values mean is checked in ./graph.
import {
  ATTRIBUTES_LIMIT,
  ENCODING,
  enter,
  errorCode,
  fail,
  INPUTS_LIMIT,
  INSTANCE,
  LIMIT,
  MULTIPLIERS_LIMIT,
  OK,
  OPERANDS_LIMIT,
  OPERATORS_LIMIT,
  OUTPUTS_LIMIT,
  RANK_LIMIT,
  RESULTS_LIMIT,
  SHIFTS_LIMIT,
  TENSORS_LIMIT,
  TOO_SMALL,
  TRUNCATED,
} from './errors'
import { alignUp, pagesOf } from './pages'
import {
  NO_INDEX,
  OPERATOR_RECORD_BYTES,
  operatorAt,
  operatorCount,
  placeRecords,
  SLACK_BYTES,
  setOpAttributes,
  setOpCode,
  setOpInputs,
  setOpMultipliers,
  setOpOutputs,
  setOpShifts,
  setTensorData,
  setTensorDim,
  setTensorRank,
  setTensorType,
  TENSOR_RECORD_BYTES,
  tensorAt,
  tensorCount,
} from './records'

export const MAX_ARTIFACT_BYTES: u32 = 1 << 26
const MAX_TENSORS: u32 = 4096
const MAX_OPERATORS: u32 = 4096
const MAX_RANK: u32 = 6
const MAX_OPERANDS: u32 = 64
const MAX_RESULTS: u32 = 8
const MAX_ATTRIBUTES: u32 = 32
const MAX_MULTIPLIERS: u32 = 65536
const MAX_PORTS: u32 = 16

// Bytes of the containers' fixed parts.
const MODEL_BYTES: u32 = 19
const TENSOR_BYTES: u32 = 9
const OPERATOR_BYTES: u32 = 22
export const PORT_BYTES: u32 = 10

let artifact: usize = 0
let inputs: usize = 0
let inputCount: u32 = 0
let outputs: usize = 0
let outputCount: u32 = 0

export function modelFormat(): u32 {
  return load<u16>(artifact)
}

export function modelRounding(): u32 {
  return load<u8>(artifact, 2)
}

export function inputPorts(): usize {
  return inputs
}

export function inputPortCount(): u32 {
  return inputCount
}

export function outputPorts(): usize {
  return outputs
}

export function outputPortCount(): u32 {
  return outputCount
}

/** Most bytes that the records of an artifact of `bytes` can take: a list's entry has at least its offset and fixed part. */
export function mostRecordBytes(bytes: u32): u64 {
  const tensors = min(bytes / (4 + TENSOR_BYTES), MAX_TENSORS)
  const operators = min(bytes / (4 + OPERATOR_BYTES), MAX_OPERATORS)
  return recordBytes(tensors, operators)
}

function recordBytes(tensors: u32, operators: u32): u64 {
  return <u64>tensors * TENSOR_RECORD_BYTES + <u64>operators * OPERATOR_RECORD_BYTES
}

/** Bytes from the artifact's start to its records. */
export function recordsOffset(bytes: u32): u64 {
  return alignUp(<u64>bytes + SLACK_BYTES)
}

/** Reads the `bytes` at `pointer` and lays the records behind them. */
export function readModel(pointer: usize, bytes: u32): i32 {
  artifact = pointer
  if (bytes < MODEL_BYTES) return fail(TRUNCATED, 0, bytes, MODEL_BYTES)
  const tensors = load<u32>(pointer, 3)
  const operators = load<u32>(pointer, 7)
  const ins = load<u32>(pointer, 11)
  const outs = load<u32>(pointer, 15)
  const status =
    checkFirstOffset(2, tensors, MODEL_BYTES, bytes) ||
    checkOffset(3, operators, tensors, bytes) ||
    checkOffset(4, ins, operators, bytes) ||
    checkOffset(5, outs, ins, bytes)
  if (status !== OK) return status
  const tensorTotal = containerCount(pointer + tensors, operators - tensors, 2, MAX_TENSORS, TENSORS_LIMIT)
  if (tensorTotal < 0) return errorCode()
  const operatorTotal = containerCount(pointer + operators, ins - operators, 3, MAX_OPERATORS, OPERATORS_LIMIT)
  if (operatorTotal < 0) return errorCode()
  inputs = pointer + ins
  inputCount = (outs - ins) / PORT_BYTES
  outputs = pointer + outs
  outputCount = (bytes - outs) / PORT_BYTES
  const records = pointer + <usize>recordsOffset(bytes)
  const needed = pagesOf(<u64>records + recordBytes(tensorTotal, operatorTotal))
  if (<u64>memory.size() < needed) return fail(INSTANCE, TOO_SMALL, memory.size(), needed)
  placeRecords(records, tensorTotal, operatorTotal)
  return (
    checkList(outs - ins, PORT_BYTES, 4, MAX_PORTS, INPUTS_LIMIT) ||
    checkList(bytes - outs, PORT_BYTES, 5, MAX_PORTS, OUTPUTS_LIMIT) ||
    readTensors(pointer + tensors, operators - tensors) ||
    readOperators(pointer + operators, ins - operators)
  )
}

/** A container's first offset is the size of its fixed part. */
function checkFirstOffset(field: u32, offset: u32, fixed: u32, bytes: u32): i32 {
  if (offset > bytes) return fail(TRUNCATED, field, offset, bytes)
  return offset === fixed ? OK : fail(ENCODING, field, offset, fixed)
}

function checkOffset(field: u32, offset: u32, previous: u32, bytes: u32): i32 {
  if (offset > bytes) return fail(TRUNCATED, field, offset, bytes)
  return offset >= previous ? OK : fail(ENCODING, field, offset, previous)
}

/** A list of values of `size` bytes. */
function checkList(bytes: u32, size: u32, field: u32, most: u32, limit: u32): i32 {
  if (bytes % size !== 0) return fail(ENCODING, field, bytes, bytes - (bytes % size))
  return bytes / size <= most ? OK : fail(LIMIT, limit, bytes / size, most)
}

/** Length of a list of containers, which its first offset tells; −1 and an error where that is wrong. */
function containerCount(pointer: usize, bytes: u32, field: u32, most: u32, limit: u32): i32 {
  if (bytes === 0) return 0
  if (bytes < 4) return -fail(TRUNCATED, field, bytes, 4)
  const first = load<u32>(pointer)
  if (first > bytes) return -fail(TRUNCATED, field, first, bytes)
  if (first === 0 || first % 4 !== 0) return -fail(ENCODING, field, first, max<u32>(first & ~3, 4))
  if (first / 4 > most) return -fail(LIMIT, limit, first / 4, most)
  return first / 4
}

/** End of element i of a list of containers: where the next begins, or the list's end; −1 and an error where that is wrong. */
function containerEnd(pointer: usize, bytes: u32, i: u32, count: u32, start: u32): i32 {
  if (i + 1 === count) return bytes
  const end = load<u32>(pointer + ((i + 1) << 2))
  return checkOffset(0, end, start, bytes) === OK ? end : -1
}

function readTensors(pointer: usize, bytes: u32): i32 {
  let start = tensorCount() << 2
  for (let i: u32 = 0; i < tensorCount(); i++) {
    enter(NO_INDEX, i)
    const end = containerEnd(pointer, bytes, i, tensorCount(), start)
    if (end < 0) return errorCode()
    const status = readTensor(tensorAt(i), pointer + start, end - start)
    if (status !== OK) return status
    start = end
  }
  enter(NO_INDEX, NO_INDEX)
  return OK
}

function readTensor(t: usize, pointer: usize, bytes: u32): i32 {
  if (bytes < TENSOR_BYTES) return fail(TRUNCATED, 0, bytes, TENSOR_BYTES)
  const shape = load<u32>(pointer, 1)
  const data = load<u32>(pointer, 5)
  const status =
    checkFirstOffset(1, shape, TENSOR_BYTES, bytes) ||
    checkOffset(2, data, shape, bytes) ||
    checkList(data - shape, 4, 1, MAX_RANK, RANK_LIMIT)
  if (status !== OK) return status
  const rank = (data - shape) >> 2
  setTensorType(t, load<u8>(pointer))
  setTensorRank(t, rank)
  for (let i: u32 = 0; i < rank; i++) setTensorDim(t, i, load<u32>(pointer + shape + (i << 2)))
  setTensorData(t, pointer + data, bytes - data)
  return OK
}

function readOperators(pointer: usize, bytes: u32): i32 {
  let start = operatorCount() << 2
  for (let i: u32 = 0; i < operatorCount(); i++) {
    enter(i, NO_INDEX)
    const end = containerEnd(pointer, bytes, i, operatorCount(), start)
    if (end < 0) return errorCode()
    const status = readOperator(operatorAt(i), pointer + start, end - start)
    if (status !== OK) return status
    start = end
  }
  enter(NO_INDEX, NO_INDEX)
  return OK
}

function readOperator(op: usize, pointer: usize, bytes: u32): i32 {
  if (bytes < OPERATOR_BYTES) return fail(TRUNCATED, 0, bytes, OPERATOR_BYTES)
  const ins = load<u32>(pointer, 2)
  const outs = load<u32>(pointer, 6)
  const attributes = load<u32>(pointer, 10)
  const multipliers = load<u32>(pointer, 14)
  const shifts = load<u32>(pointer, 18)
  const status =
    checkFirstOffset(1, ins, OPERATOR_BYTES, bytes) ||
    checkOffset(2, outs, ins, bytes) ||
    checkOffset(3, attributes, outs, bytes) ||
    checkOffset(4, multipliers, attributes, bytes) ||
    checkOffset(5, shifts, multipliers, bytes) ||
    checkList(outs - ins, 2, 1, MAX_OPERANDS, OPERANDS_LIMIT) ||
    checkList(attributes - outs, 2, 2, MAX_RESULTS, RESULTS_LIMIT) ||
    checkList(multipliers - attributes, 4, 3, MAX_ATTRIBUTES, ATTRIBUTES_LIMIT) ||
    checkList(shifts - multipliers, 4, 4, MAX_MULTIPLIERS, MULTIPLIERS_LIMIT) ||
    checkList(bytes - shifts, 1, 5, MAX_MULTIPLIERS, SHIFTS_LIMIT)
  if (status !== OK) return status
  setOpCode(op, load<u16>(pointer))
  setOpInputs(op, pointer + ins, (outs - ins) >> 1)
  setOpOutputs(op, pointer + outs, (attributes - outs) >> 1)
  setOpAttributes(op, pointer + attributes, (multipliers - attributes) >> 2)
  setOpMultipliers(op, pointer + multipliers, (shifts - multipliers) >> 2)
  setOpShifts(op, pointer + shifts, bytes - shifts)
  return OK
}
