// softmax along the last dimension, on int8, int16 or Q16.16. On int8 e(x) depends only on max − x, 0 to 255, so that load tabulates it; the
// result is int8 or int16. On int16 it goes through tables with interpolation.
import { requantizeIn } from '../kernels/int16'
import { exp, exp16, reciprocal } from '../math/fixedpoint'
import { expTable, interpolate, reciprocalTable } from '../math/int16'
import { rdpot, srdhm } from '../math/requantize'
import { fail, OK, RESULT, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opInput,
  opMultiplier,
  opOutput,
  opPacked,
  opScratch,
  opShift,
  rounding,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkCounts, checkRequantizationCounts, checkSameShape, checkType, validateIntegerMultiplier } from './check'
import { isInt16 } from './layer16'

/** The sum in Q12.19 stays an int32. */
const MOST_CLASSES: u32 = 4095
/** On int16 the sum of Q0.15 stays an int32. */
const MOST_CLASSES_16: u32 = 65535
const TABLE_ENTRIES: u32 = 256
/** Offset of the table of e in Q12.19 behind that of e in Q0.31. */
const SUMMANDS: usize = 1024

function isQ16(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT32
}

/** Whether x is int8. */
function hasTable(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT8
}

function classes(op: usize): u32 {
  return tensorDim(opInput(op, 0), tensorRank(opInput(op, 0)) - 1)
}

export function softmaxCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 0)
  if (status !== OK) return status
  const type = isQ16(op) ? INT32 : isInt16(op) ? INT16 : INT8
  const result = type === INT8 && tensorType(opOutput(op, 0)) === INT16 ? INT16 : type
  const entries: u32 = type === INT32 ? 0 : 1
  status = checkRequantizationCounts(op, entries, entries) || checkType(op, 0, type) || checkType(op, RESULT, result)
  if (status === OK) status = checkSameShape(op, RESULT, 0)
  if (status !== OK || type === INT32) return status
  const most = type === INT16 ? MOST_CLASSES_16 : MOST_CLASSES
  return classes(op) <= most ? OK : fail(SHAPE, tensorRank(opInput(op, 0)) - 1, classes(op), most)
}

/** What a row costs beside its elements. */
const ROW_ELEMENTS: u64 = 6

export function softmaxWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  addWork(work, FIXED_POINT_ELEMENTS, elements + (elements / classes(op)) * ROW_ELEMENTS)
  if (hasTable(op)) addWork(work, FIXED_POINT_ELEMENTS, TABLE_ENTRIES)
}

/** Of two int16. */
const LARGEST_DIFFERENCE: i64 = 65535

/** On int8, whatever the shift, differences past 31 · 2^26 are left out before they are shifted: no bound is needed. */
export function softmaxValidate(op: usize): i32 {
  if (isInt16(op)) return validateIntegerMultiplier(op, 0, LARGEST_DIFFERENCE, -31)
  return isQ16(op) ? OK : validateIntegerMultiplier(op, 0, 0, 0)
}

export function softmaxPackedBytes(op: usize): u64 {
  return hasTable(op) ? 2048 : 0
}

/** The exponentials of one row. */
export function softmaxScratchBytes(op: usize): u64 {
  return hasTable(op) ? 0 : (<u64>classes(op)) << 2
}

export function softmaxLoad(op: usize): void {
  if (!hasTable(op)) return
  const shift = opShift(op, 0)
  const furthest = (31 << 26) >> shift
  for (let i = 0; i < <i32>TABLE_ENTRIES; i++) {
    const e = i > furthest ? 0 : exp(srdhm(-i << shift, opMultiplier(op, 0)), 5)
    store<i32>(opPacked(op) + (i << 2), e)
    store<i32>(opPacked(op) + (i << 2), rdpot(e, 12), SUMMANDS)
  }
}

export function softmaxRun(op: usize): void {
  const row = <usize>classes(op)
  let x = tensorPointer(opInput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  const elements = <usize>tensorElements(opInput(op, 0))
  if (isQ16(op)) {
    for (const end = x + (elements << 2); x < end; x += row << 2, y += row << 2) softmaxRow16(x, y, row << 2, opScratch(op))
  } else if (isInt16(op)) {
    for (const end = x + (elements << 1); x < end; x += row << 1, y += row << 1) softmaxRowInt16(op, x, y, row)
  } else if (tensorType(opOutput(op, 0)) === INT16) {
    for (const end = x + elements; x < end; x += row, y += row << 1) softmaxRowToInt16(x, y, row, opPacked(op))
  } else {
    for (const end = x + elements; x < end; x += row, y += row) softmaxRow(x, y, row, opPacked(op))
  }
}

/** One row of int8. An element that arithmetic.md leaves out has e = 0, which gives the same sum and −128. */
function softmaxRow(x: usize, y: usize, row: usize, table: usize): void {
  let largest: i32 = -128
  for (let i: usize = 0; i < row; i++) largest = max(largest, <i32>load<i8>(x + i))
  let sum = 0
  for (let i: usize = 0; i < row; i++) sum += load<i32>(table + ((largest - <i32>load<i8>(x + i)) << 2), SUMMANDS)
  const zeros = clz(sum)
  const scale = reciprocal((sum << zeros) - i32.MIN_VALUE)
  for (let i: usize = 0; i < row; i++) {
    const e = load<i32>(table + ((largest - <i32>load<i8>(x + i)) << 2))
    store<i8>(y + i, min(rdpot(srdhm(scale, e), 35 - zeros) - 128, 127))
  }
}

/** As softmaxRow, with a result of int16. */
function softmaxRowToInt16(x: usize, y: usize, row: usize, table: usize): void {
  let largest: i32 = -128
  for (let i: usize = 0; i < row; i++) largest = max(largest, <i32>load<i8>(x + i))
  let sum = 0
  for (let i: usize = 0; i < row; i++) sum += load<i32>(table + ((largest - <i32>load<i8>(x + i)) << 2), SUMMANDS)
  const zeros = clz(sum)
  const scale = reciprocal((sum << zeros) - i32.MIN_VALUE)
  for (let i: usize = 0; i < row; i++) {
    const e = load<i32>(table + ((largest - <i32>load<i8>(x + i)) << 2))
    store<i16>(y + (i << 1), <i16>min(rdpot(srdhm(scale, e), 27 - zeros) - 32768, 32767))
  }
}

/** One row of int16: exponentials and their sum in Q0.15, then the reciprocal of the sum. */
function softmaxRowInt16(op: usize, x: usize, y: usize, row: usize): void {
  const exponentials = opScratch(op)
  const mode = rounding()
  let largest = <i32>i16.MIN_VALUE
  for (let i: usize = 0; i < row; i++) largest = max(largest, <i32>load<i16>(x + (i << 1)))
  let sum = 0
  for (let i: usize = 0; i < row; i++) {
    const difference = <i32>load<i16>(x + (i << 1)) - largest
    const scaled = requantizeIn(mode, difference, opMultiplier(op, 0), opShift(op, 0))
    const e = interpolate(expTable, max(scaled + 32767, <i32>i16.MIN_VALUE))
    store<i32>(exponentials + (i << 2), e)
    sum += e
  }
  const zeros = clz(sum)
  const shifted = <i32>((((<i64>sum) << (zeros - 1)) + (1 << 13)) >> 14)
  const scale = interpolate(reciprocalTable, min(shifted - 98304, <i32>i16.MAX_VALUE))
  const shift = 31 - zeros
  for (let i: usize = 0; i < row; i++) {
    const product = load<i32>(exponentials + (i << 2)) * scale
    store<i16>(y + (i << 1), <i16>min((product + (1 << (shift - 1))) >> shift, 32767))
  }
}

/** One row of Q16.16, `bytes` long. */
function softmaxRow16(x: usize, y: usize, bytes: usize, exponentials: usize): void {
  let largest = i32.MIN_VALUE
  for (let i: usize = 0; i < bytes; i += 4) largest = max(largest, load<i32>(x + i))
  let sum: i64 = 0
  for (let i: usize = 0; i < bytes; i += 4) {
    const e = exp16(<i64>load<i32>(x + i) - <i64>largest)
    store<i32>(exponentials + i, e)
    sum += e
  }
  for (let i: usize = 0; i < bytes; i += 4) store<i32>(y + i, <i32>((((<i64>load<i32>(exponentials + i)) << 16) + sum / 2) / sum))
}
