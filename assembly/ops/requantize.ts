// requantize: x int8, int16 or int32 to another scale, y any of them. Attributes: xZero yZero yMin yMax; xZero is 0 where x is int32.
//
// int8 or int32 to int8: one entry: the tensor is read as rows of 8; an entry for each channel: rows of the last dimension, 8 channels at a
// time. The others go one element at a time, with requantization in integer form in every rounding mode.
import { requantizeIn } from '../kernels/int16'
import { CHANNEL_CONSTANTS_BYTES, requantizePanel } from '../kernels/requantize'
import { copyColumns, widenColumns } from '../kernels/widen'
import { clampSum } from '../math/requantize'
import { OK } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opMultiplier,
  opMultiplierCount,
  opOutput,
  opPacked,
  opScratch,
  opShift,
  rounding,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkCounts,
  checkRequantizationCounts,
  checkRequantizationPerChannel,
  checkSameShape,
  checkType,
  RESULT,
  validateIntegerMultiplier,
  validateMultiplier,
} from './check'
import { elementBytes, packLayerConstants, packUniformConstants, roundUp } from './layer'

const BLOCK_ROWS: u32 = 64
const BLOCK_BYTES: u64 = 64 * 32

function isInt32(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT32
}

/** Whether x or y has a type beyond int8 or int32 to int8. */
function isPlain(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT16 || tensorType(opOutput(op, 0)) !== INT8
}

/** Elements of a row of the matrix that is walked in panels of 8 columns. */
function columns(op: usize): u32 {
  return opMultiplierCount(op) > 1 ? lastDimension(op) : min(tensorElements(opInput(op, 0)), 8)
}

function lastDimension(op: usize): u32 {
  const x = opInput(op, 0)
  return tensorDim(x, tensorRank(x) - 1)
}

export function requantizeCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 4)
  if (status !== OK) return status
  const from = numberType(tensorType(opInput(op, 0)))
  const to = numberType(tensorType(opOutput(op, 0)))
  status = checkType(op, 0, from) || checkType(op, RESULT, to) || checkSameShape(op, RESULT, 0)
  if (status === OK) status = from === INT32 ? checkAttribute(op, 0, 0, 0) : checkAttribute(op, 0, leastOf(from), mostOf(from))
  for (let i: u32 = 1; i < 4 && status === OK; i++) status = checkAttribute(op, i, i === 3 ? opAttribute(op, 2) : leastOf(to), mostOf(to))
  if (status !== OK || !isPlain(op)) return status || checkRequantizationPerChannel(op, lastDimension(op))
  const entries: u32 = opMultiplierCount(op) === 1 ? 1 : lastDimension(op)
  return checkRequantizationCounts(op, entries, entries)
}

/** int8 where it is not int16 or int32. */
function numberType(type: u32): u32 {
  return type === INT16 || type === INT32 ? type : INT8
}

function leastOf(type: u32): i32 {
  return type === INT32 ? i32.MIN_VALUE : type === INT16 ? <i32>i16.MIN_VALUE : -128
}

function mostOf(type: u32): i32 {
  return -1 - leastOf(type)
}

/** Work of an element that goes by itself. */
const PLAIN_ELEMENT: u64 = 8

export function requantizeWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  if (isPlain(op)) {
    addWork(work, REQUANTIZED_ELEMENTS, elements * PLAIN_ELEMENT)
    return
  }
  addWork(work, REQUANTIZED_ELEMENTS, (elements / columns(op)) * roundUp(columns(op), 8))
}

export function requantizeValidate(op: usize): i32 {
  const type = tensorType(opInput(op, 0))
  const zero = opAttribute(op, 0)
  const bound: i64 = type === INT32 ? i32.MAX_VALUE : max(zero - leastOf(type), mostOf(type) - zero)
  for (let i: u32 = 0; i < opMultiplierCount(op); i++) {
    const status = isPlain(op) ? validateIntegerMultiplier(op, i, bound, -31) : validateMultiplier(op, i, bound)
    if (status !== OK) return status
  }
  return OK
}

export function requantizePackedBytes(op: usize): u64 {
  return isPlain(op) ? 0 : ((<u64>columns(op) + 7) >> 3) * CHANNEL_CONSTANTS_BYTES
}

export function requantizeScratchBytes(op: usize): u64 {
  return BLOCK_BYTES
}

export function requantizeLoad(op: usize): void {
  if (isPlain(op)) return
  if (opMultiplierCount(op) > 1) packLayerConstants(op, columns(op), opPacked(op), opScratch(op))
  else packUniformConstants(op, 0, 0, opPacked(op), opScratch(op))
}

export function requantizeRun(op: usize): void {
  if (isPlain(op)) {
    runPlain(op)
    return
  }
  const elements = tensorElements(opInput(op, 0))
  const width = columns(op)
  const rows = elements / width
  const tail = elements % width
  for (let first: u32 = 0; first < width; first += 8) requantizeColumns(op, 0, rows, first, min(width - first, 8))
  if (tail > 0) requantizeColumns(op, rows, 1, 0, tail)
}

/** `count` rows from row `start` on, `panel` of up to 8 columns from column `first` on. */
function requantizeColumns(op: usize, start: u32, count: u32, first: u32, panel: u32): void {
  const width = columns(op)
  const size: usize = isInt32(op) ? 4 : 1
  const accumulators = opScratch(op)
  const constants = opPacked(op) + <usize>(first >> 3) * CHANNEL_CONSTANTS_BYTES
  for (let row = start; row < start + count; row += BLOCK_ROWS) {
    const rows = min(start + count - row, BLOCK_ROWS)
    const offset = <usize>row * width + first
    const x = tensorPointer(opInput(op, 0)) + offset * size
    const y = tensorPointer(opOutput(op, 0)) + offset
    if (isInt32(op)) copyColumns(x, rows, width << 2, panel, accumulators)
    else widenColumns(x, rows, width, panel, opAttribute(op, 0), accumulators)
    requantizePanel(rounding(), accumulators, rows, constants, opAttribute(op, 1), opAttribute(op, 2), opAttribute(op, 3), y, width, panel)
  }
}

function runPlain(op: usize): void {
  const from = tensorType(opInput(op, 0))
  const to = tensorType(opOutput(op, 0))
  const step = elementBytes(from)
  const stride = elementBytes(to)
  const zero = opAttribute(op, 0)
  const entries = opMultiplierCount(op)
  const mode = rounding()
  let x = tensorPointer(opInput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  let entry: u32 = 0
  for (const end = x + tensorBytes(opInput(op, 0)); x < end; x += step, y += stride) {
    const acc = loadNumber(from, x) - zero
    const value = requantizeIn(mode, acc, opMultiplier(op, entry), opShift(op, entry))
    storeNumber(to, y, clampSum(value, opAttribute(op, 1), opAttribute(op, 2), opAttribute(op, 3)))
    if (++entry === entries) entry = 0
  }
}

function loadNumber(type: u32, pointer: usize): i32 {
  return type === INT32 ? load<i32>(pointer) : type === INT16 ? <i32>load<i16>(pointer) : <i32>load<i8>(pointer)
}

function storeNumber(type: u32, pointer: usize, value: i32): void {
  if (type === INT32) store<i32>(pointer, value)
  else if (type === INT16) store<i16>(pointer, <i16>value)
  else store<i8>(pointer, <i8>value)
}
