// svdf: a recurrent layer that remembers the last M values of each of F filters. x [N, I] int8, weightsFeature [F, I] int8, weightsTime
// [F, M] and state [N, F · M] int8 or int16, bias [U] int32 optional; y [N, U] int8 and next, of state's shape. F = U · rank.
// Attributes: rank xZero stateZero yZero yMin yMax. Requantization, in integer form in every rounding mode: to the state, to y.
import { dotRow, magnitude } from '../kernels/dot'
import { requantizeIn } from '../kernels/int16'
import { widen } from '../kernels/widen'
import { clampSum, saturate } from '../math/requantize'
import { ACCUMULATOR, fail, OK, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opInputCount,
  opMultiplier,
  opOutput,
  opScratch,
  opShift,
  rounding,
  tensorBytes,
  tensorDim,
  tensorPointer,
  tensorType,
} from '../model/records'
import { addWork, COPIED_BYTES, GEMV_MACS, MACS, PREPARED_ELEMENTS, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkConstant,
  checkCountsOf,
  checkDim,
  checkInt8Bounds,
  checkRank,
  checkRequantizationCounts,
  checkSameShape,
  checkType,
  RESULT,
  validateIntegerMultiplier,
} from './check'
import { elementBytes, largestMagnitude, roundUp } from './layer'
import { LARGEST_SUM } from './layer16'
import { LARGEST_DIMENSION } from './window'

const BIAS: u32 = 4
const NEXT: u32 = RESULT + 1

function batch(op: usize): u32 {
  return tensorDim(opInput(op, 0), 0)
}

/** I. */
function inputs(op: usize): u32 {
  return tensorDim(opInput(op, 0), 1)
}

/** F. */
function filters(op: usize): u32 {
  return tensorDim(opInput(op, 1), 0)
}

/** M. */
function steps(op: usize): u32 {
  return tensorDim(opInput(op, 2), 1)
}

/** U. */
function units(op: usize): u32 {
  return filters(op) / opAttribute(op, 0)
}

function isWide(op: usize): bool {
  return tensorType(opInput(op, 2)) === INT16
}

export function svdfCheck(op: usize): i32 {
  let status = checkCountsOf(op, 4, 5, 6, 2) || checkRequantizationCounts(op, 2, 2)
  if (status !== OK) return status
  const type = isWide(op) ? INT16 : INT8
  status = checkType(op, 0, INT8) || checkType(op, 1, INT8) || checkType(op, 2, type) || checkType(op, 3, type)
  for (let place: u32 = 0; place < 4 && status === OK; place++) status = checkRank(op, place, 2)
  if (status === OK) status = checkConstant(op, 1) || checkConstant(op, 2) || checkType(op, RESULT, INT8) || checkType(op, NEXT, type)
  if (status === OK)
    status = checkDim(op, 1, 1, inputs(op)) || checkDim(op, 2, 0, filters(op)) || checkAttribute(op, 0, 1, LARGEST_DIMENSION)
  if (status !== OK) return status
  if (filters(op) % opAttribute(op, 0) !== 0) return fail(SHAPE, 0, filters(op), opAttribute(op, 0))
  status = checkDim(op, 3, 0, batch(op)) || checkDim(op, 3, 1, <u64>filters(op) * steps(op)) || checkSameShape(op, NEXT, 3)
  if (status === OK) status = checkRank(op, RESULT, 2) || checkDim(op, RESULT, 0, batch(op)) || checkDim(op, RESULT, 1, units(op))
  if (status === OK && opInputCount(op) > BIAS)
    status = checkType(op, BIAS, INT32) || checkConstant(op, BIAS) || checkRank(op, BIAS, 1) || checkDim(op, BIAS, 0, units(op))
  if (status === OK) status = checkAttribute(op, 1, -128, 127) || checkAttribute(op, 3, -128, 127) || checkInt8Bounds(op, 4)
  return status || checkAttribute(op, 2, type === INT16 ? 0 : -128, type === INT16 ? 0 : 127)
}

/** Both products go a row at a time, the second one element by element. */
export function svdfWork(op: usize, work: usize): void {
  const rows = <u64>batch(op) * filters(op)
  addWork(work, MACS, rows * (<u64>inputs(op) + steps(op)))
  addWork(work, GEMV_MACS, rows * (roundUp(inputs(op), 8) + 32 + <u64>steps(op) * 8))
  addWork(work, PREPARED_ELEMENTS, <u64>batch(op) * inputs(op))
  addWork(work, COPIED_BYTES, tensorBytes(opInput(op, 3)))
  addWork(work, REQUANTIZED_ELEMENTS, (rows + <u64>batch(op) * units(op)) * 4)
}

export function svdfValidate(op: usize): i32 {
  const reach = <i64>largestMagnitude(opAttribute(op, 1))
  let largest: i64 = 0
  for (let filter: u32 = 0; filter < filters(op); filter++) {
    const bound = magnitude(tensorPointer(opInput(op, 1)) + <usize>filter * inputs(op), inputs(op)) * reach
    if (bound > <i64>i32.MAX_VALUE) return fail(ACCUMULATOR, filter, bound, i32.MAX_VALUE)
    largest = max(largest, bound)
  }
  const status = validateIntegerMultiplier(op, 0, largest, -31)
  if (status !== OK) return status
  largest = 0
  const unitBytes = <usize>opAttribute(op, 0) * steps(op) * elementBytes(tensorType(opInput(op, 2)))
  for (let unit: u32 = 0; unit < units(op); unit++) {
    const bound = abs(<i64>bias(op, unit)) + timeReach(op, tensorPointer(opInput(op, 2)) + <usize>unit * unitBytes, unitBytes)
    if (bound > LARGEST_SUM) return fail(ACCUMULATOR, unit, bound, LARGEST_SUM)
    largest = max(largest, bound)
  }
  return validateIntegerMultiplier(op, 1, min(largest, <i64>i32.MAX_VALUE), -31)
}

/** The largest magnitude that the weights of one unit make of its states. */
function timeReach(op: usize, weights: usize, bytes: usize): i64 {
  if (!isWide(op)) return magnitude(weights, bytes) * <i64>largestMagnitude(opAttribute(op, 2))
  let sum: i64 = 0
  for (let i: usize = 0; i < bytes; i += 2) sum += abs(<i32>load<i16>(weights + i))
  return sum << 15
}

function bias(op: usize, unit: u32): i32 {
  return opInputCount(op) > BIAS ? load<i32>(tensorPointer(opInput(op, BIAS)) + ((<usize>unit) << 2)) : 0
}

export function svdfPackedBytes(op: usize): u64 {
  return 0
}

/** One row of x, widened. */
export function svdfScratchBytes(op: usize): u64 {
  return ((<u64>inputs(op)) << 1) + 16
}

export function svdfLoad(op: usize): void {}

export function svdfRun(op: usize): void {
  const depth = <usize>inputs(op)
  const states = <usize>filters(op) * steps(op) * elementBytes(tensorType(opInput(op, 2)))
  for (let n: usize = 0; n < <usize>batch(op); n++) {
    const next = tensorPointer(opOutput(op, 1)) + n * states
    widen(tensorPointer(opInput(op, 0)) + n * depth, depth, opAttribute(op, 1), opScratch(op))
    remember(op, tensorPointer(opInput(op, 3)) + n * states, next, states)
    recall(op, next, tensorPointer(opOutput(op, 0)) + n * units(op))
  }
}

/** Each filter's states move up by one, and its new value comes last. */
function remember(op: usize, state: usize, next: usize, bytes: usize): void {
  const depth = <usize>inputs(op)
  const step = elementBytes(tensorType(opInput(op, 2)))
  const row = <usize>steps(op) * step
  const mode = rounding()
  const multiplier = <i32>opMultiplier(op, 0)
  const shift = opShift(op, 0)
  const zero = opAttribute(op, 2)
  const isWords = isWide(op)
  let weights = tensorPointer(opInput(op, 1))
  memory.copy(next, state + step, bytes - step)
  for (let last = next + row - step; last < next + bytes; last += row, weights += depth) {
    const value = requantizeIn(mode, dotRow(weights, opScratch(op), depth), multiplier, shift)
    if (isWords) store<i16>(last, <i16>clampSum(value, zero, i16.MIN_VALUE, i16.MAX_VALUE))
    else store<i8>(last, <i8>clampSum(value, zero, -128, 127))
  }
}

/** The states of a unit's filters, weighted. */
function recall(op: usize, next: usize, y: usize): void {
  const count = <usize>opAttribute(op, 0) * steps(op)
  const zero = opAttribute(op, 2)
  const isWords = isWide(op)
  const mode = rounding()
  let weights = tensorPointer(opInput(op, 2))
  for (let unit: u32 = 0; unit < units(op); unit++) {
    let sum = <i64>bias(op, unit)
    if (isWords) for (let i: usize = 0; i < count << 1; i += 2) sum += <i64>(<i32>load<i16>(weights + i) * <i32>load<i16>(next + i))
    else for (let i: usize = 0; i < count; i++) sum += <i64>(<i32>load<i8>(weights + i) * (<i32>load<i8>(next + i) - zero))
    const value = requantizeIn(mode, saturate(sum), opMultiplier(op, 1), opShift(op, 1))
    store<i8>(y + unit, <i8>clampSum(value, opAttribute(op, 3), opAttribute(op, 4), opAttribute(op, 5)))
    weights += isWords ? count << 1 : count
    next += isWords ? count << 1 : count
  }
}
