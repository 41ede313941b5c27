// The rules about tensors, ports and order (docs/model-format.md, Canonical form and Limits), on records that `readModel` has filled.
// Time is linear in the numbers of tensors, operators and operands; the walk keeps its path in the operators' records, so its depth costs
// no stack.
import {
  DATA,
  DIMENSION_LIMIT,
  ELEMENTS_LIMIT,
  ENCODING,
  enter,
  fail,
  INDEX,
  LIMIT,
  NO_PLACE,
  OK,
  ORDER,
  OUTPUT_PORT,
  PORT,
  PORT_SCALE,
  PORT_TENSOR,
  PORT_ZERO,
  PRODUCER,
  RANK,
  RESULT,
  SHAPE,
  TENSOR,
  TYPE,
} from './errors'
import { inputPortCount, inputPorts, outputPortCount, outputPorts, PORT_BYTES } from './read'
import {
  addTensorFlag,
  INT16,
  INT32,
  IS_CONSTANT,
  IS_INPUT,
  IS_OUTPUT,
  NO_INDEX,
  opCursor,
  operatorAt,
  operatorCount,
  opIndex,
  opInputCount,
  opInputIndex,
  opOutputCount,
  opOutputIndex,
  opParent,
  setOpCursor,
  setOpParent,
  setTensorPointer,
  setTensorProducer,
  setTensorSize,
  tensorAt,
  tensorCount,
  tensorData,
  tensorDataBytes,
  tensorDim,
  tensorFlags,
  tensorProducer,
  tensorRank,
  tensorType,
  UINT8,
} from './records'

const MAX_DIMENSION: u32 = 1 << 24
const MAX_ELEMENTS: u32 = 1 << 26

/** Everything about the graph; sets the tensors' flags, sizes and producers, and constants' pointers. */
export function checkGraph(): i32 {
  const status = checkTensors() || checkInputs() || checkOperands() || checkProducers() || checkOutputs() || checkOrder() || checkMentions()
  if (status === OK) enter(NO_INDEX, NO_INDEX)
  return status
}

/** Bytes of one element. */
function typeBytes(type: u32): u32 {
  return type === INT32 ? 4 : type === INT16 ? 2 : 1
}

function checkTensors(): i32 {
  for (let i: u32 = 0; i < tensorCount(); i++) {
    enter(NO_INDEX, i)
    const status = checkTensor(tensorAt(i))
    if (status !== OK) return status
  }
  return OK
}

function checkTensor(t: usize): i32 {
  if (tensorType(t) > INT32) return fail(TENSOR, (TYPE << 8) | NO_PLACE, tensorType(t), INT32)
  if (tensorRank(t) === 0) return fail(TENSOR, (RANK << 8) | NO_PLACE, 0, 1)
  let elements: u64 = 1
  for (let i: u32 = 0; i < tensorRank(t); i++) {
    const dim = tensorDim(t, i)
    if (dim === 0) return fail(SHAPE, i, 0, 1)
    if (dim > MAX_DIMENSION) return fail(LIMIT, DIMENSION_LIMIT, dim, MAX_DIMENSION)
    elements *= dim
    if (elements > MAX_ELEMENTS) return fail(LIMIT, ELEMENTS_LIMIT, elements, MAX_ELEMENTS)
  }
  const bytes = <u32>elements * typeBytes(tensorType(t))
  setTensorSize(t, <u32>elements, bytes)
  if (tensorDataBytes(t) === 0) return OK
  if (tensorDataBytes(t) !== bytes) return fail(TENSOR, (DATA << 8) | NO_PLACE, tensorDataBytes(t), bytes)
  addTensorFlag(t, IS_CONSTANT)
  setTensorPointer(t, tensorData(t))
  return OK
}

function checkInputs(): i32 {
  for (let i: u32 = 0; i < inputPortCount(); i++) {
    const port = inputPorts() + i * PORT_BYTES
    const status = checkPort(port, i)
    if (status !== OK) return status
    const t = tensorAt(load<u16>(port))
    if (tensorFlags(t) !== 0) return fail(PORT, (PORT_TENSOR << 8) | i, load<u16>(port), -1)
    addTensorFlag(t, IS_INPUT)
  }
  return OK
}

function checkOutputs(): i32 {
  enter(NO_INDEX, NO_INDEX)
  if (outputPortCount() === 0) return fail(PORT, OUTPUT_PORT, 0, 1)
  for (let i: u32 = 0; i < outputPortCount(); i++) {
    const port = outputPorts() + i * PORT_BYTES
    const status = checkPort(port, OUTPUT_PORT + i)
    if (status !== OK) return status
    const t = tensorAt(load<u16>(port))
    if (tensorFlags(t) !== 0) return fail(PORT, (PORT_TENSOR << 8) | (OUTPUT_PORT + i), load<u16>(port), -1)
    addTensorFlag(t, IS_OUTPUT)
  }
  return OK
}

/** A port's tensor exists; its scale is a positive normal float32 and its zero point one of the type's values, or both are 0. */
function checkPort(port: usize, place: u32): i32 {
  const index = <u32>load<u16>(port)
  enter(NO_INDEX, NO_INDEX)
  if (index >= tensorCount()) return fail(PORT, (PORT_TENSOR << 8) | place, index, <i64>tensorCount() - 1)
  enter(NO_INDEX, index)
  const scale = load<u32>(port, 2)
  const zero = load<i32>(port, 6)
  if (scale !== 0 && scale < 0x00800000) return fail(PORT, (PORT_SCALE << 8) | place, scale, 0x00800000)
  if (scale > 0x7f7fffff) return fail(PORT, (PORT_SCALE << 8) | place, scale, 0x7f7fffff)
  const type = tensorType(tensorAt(index))
  const bits = typeBytes(type) << 3
  const low = scale === 0 || type === UINT8 ? 0 : -((<i64>1) << (bits - 1))
  const high = scale === 0 ? 0 : type === UINT8 ? 255 : ((<i64>1) << (bits - 1)) - 1
  if (zero < low) return fail(PORT, (PORT_ZERO << 8) | place, zero, low)
  if (zero > high) return fail(PORT, (PORT_ZERO << 8) | place, zero, high)
  return OK
}

/** Operands and results exist; a result is no constant, no model input, and has no other producer. */
function checkOperands(): i32 {
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    enter(i, NO_INDEX)
    for (let j: u32 = 0; j < opInputCount(op); j++) {
      const index = opInputIndex(op, j)
      if (index >= tensorCount()) return fail(TENSOR, (INDEX << 8) | j, index, <i64>tensorCount() - 1)
    }
    for (let j: u32 = 0; j < opOutputCount(op); j++) {
      const index = opOutputIndex(op, j)
      if (index >= tensorCount()) return fail(TENSOR, (INDEX << 8) | (RESULT + j), index, <i64>tensorCount() - 1)
      const t = tensorAt(index)
      if (tensorFlags(t) !== 0) return failTensor(i, index, DATA, RESULT + j, tensorFlags(t), 0)
      if (tensorProducer(t) !== NO_INDEX) return failTensor(i, index, PRODUCER, RESULT + j, tensorProducer(t), i)
      setTensorProducer(t, i)
    }
  }
  return OK
}

function failTensor(operator: u32, tensor: u32, aspect: u32, place: u32, got: i64, wanted: i64): i32 {
  enter(operator, tensor)
  return fail(TENSOR, (aspect << 8) | place, got, wanted)
}

/** What has no data and is no input is computed. */
function checkProducers(): i32 {
  for (let i: u32 = 0; i < tensorCount(); i++) {
    const t = tensorAt(i)
    if (tensorFlags(t) === 0 && tensorProducer(t) === NO_INDEX) return failTensor(NO_INDEX, i, PRODUCER, NO_PLACE, NO_INDEX, 0)
  }
  return OK
}

/**
 * Operators stand in depth-first post-order from the outputs. An operator with index below `placed` is done; one with a cursor and not
 * done is on the path.
 */
function checkOrder(): i32 {
  let placed: u32 = 0
  for (let i: u32 = 0; i < outputPortCount(); i++) {
    const root = operatorAt(tensorProducer(tensorAt(load<u16>(outputPorts() + i * PORT_BYTES))))
    if (opCursor(root) !== NO_INDEX) continue
    setOpCursor(root, 0)
    let op = root
    while (op !== 0) {
      const cursor = opCursor(op)
      if (cursor === opInputCount(op)) {
        if (opIndex(op) !== placed) return failOrder(op, placed)
        placed++
        op = opParent(op)
        continue
      }
      setOpCursor(op, cursor + 1)
      const producer = tensorProducer(tensorAt(opInputIndex(op, cursor)))
      if (producer === NO_INDEX) continue
      const next = operatorAt(producer)
      if (opCursor(next) === NO_INDEX) {
        setOpCursor(next, 0)
        setOpParent(next, op)
        op = next
      } else if (producer >= placed) return failOrder(op, placed)
    }
  }
  return placed === operatorCount() ? OK : failOrder(operatorAt(placed), operatorCount())
}

function failOrder(op: usize, placed: u32): i32 {
  enter(opIndex(op), NO_INDEX)
  return fail(ORDER, 0, opIndex(op), placed)
}

/** Tensors are numbered in the order of their first mention, and each is mentioned. */
function checkMentions(): i32 {
  let next: u32 = 0
  for (let i: u32 = 0; i < inputPortCount(); i++) {
    const index = <u32>load<u16>(inputPorts() + i * PORT_BYTES)
    if (index > next) return failMention(NO_INDEX, index, next)
    if (index === next) next++
  }
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    for (let j: u32 = 0; j < opInputCount(op); j++) {
      const index = opInputIndex(op, j)
      if (index > next) return failMention(i, index, next)
      if (index === next) next++
    }
    for (let j: u32 = 0; j < opOutputCount(op); j++) {
      const index = opOutputIndex(op, j)
      if (index > next) return failMention(i, index, next)
      if (index === next) next++
    }
  }
  enter(NO_INDEX, next)
  return next === tensorCount() ? OK : fail(ENCODING, 2, tensorCount(), next)
}

function failMention(operator: u32, tensor: u32, next: u32): i32 {
  enter(operator, tensor)
  return fail(ORDER, 1, tensor, next)
}
