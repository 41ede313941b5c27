// softmax along the last dimension, on int8 or on Q16.16. On int8 e(x) depends only on max − x, 0 to 255, so that load tabulates it.
import { exp, exp16, reciprocal } from '../math/fixedpoint'
import { rdpot, srdhm } from '../math/requantize'
import { fail, OK, RESULT, SHAPE } from '../model/errors'
import {
  INT8,
  INT32,
  opInput,
  opMultiplier,
  opOutput,
  opPacked,
  opScratch,
  opShift,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkCounts, checkRequantizationCounts, checkSameShape, checkType, validateIntegerMultiplier } from './check'

/** The sum in Q12.19 stays an int32. */
const MOST_CLASSES: u32 = 4095
const TABLE_ENTRIES: u32 = 256
/** Offset of the table of e in Q12.19 behind that of e in Q0.31. */
const SUMMANDS: usize = 1024

function isQ16(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT32
}

function classes(op: usize): u32 {
  return tensorDim(opInput(op, 0), tensorRank(opInput(op, 0)) - 1)
}

export function softmaxCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 0)
  if (status !== OK) return status
  const type = isQ16(op) ? INT32 : INT8
  const entries: u32 = type === INT32 ? 0 : 1
  status = checkRequantizationCounts(op, entries, entries) || checkType(op, 0, type) || checkType(op, RESULT, type)
  if (status === OK) status = checkSameShape(op, RESULT, 0)
  if (status !== OK || type === INT32) return status
  return classes(op) <= MOST_CLASSES ? OK : fail(SHAPE, tensorRank(opInput(op, 0)) - 1, classes(op), MOST_CLASSES)
}

export function softmaxWork(op: usize, work: usize): void {
  addWork(work, FIXED_POINT_ELEMENTS, tensorElements(opInput(op, 0)))
  if (!isQ16(op)) addWork(work, FIXED_POINT_ELEMENTS, TABLE_ENTRIES)
}

/** Whatever the shift, differences past 31 · 2^26 are left out before they are shifted: no bound is needed. */
export function softmaxValidate(op: usize): i32 {
  return isQ16(op) ? OK : validateIntegerMultiplier(op, 0, 0, 0)
}

export function softmaxPackedBytes(op: usize): u64 {
  return isQ16(op) ? 0 : 2048
}

/** The exponentials of one row. */
export function softmaxScratchBytes(op: usize): u64 {
  return isQ16(op) ? (<u64>classes(op)) << 2 : 0
}

export function softmaxLoad(op: usize): void {
  if (isQ16(op)) return
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
