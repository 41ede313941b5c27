// layerNorm: each row along the last dimension less its mean (where it is centred), over its root mean square, times gamma, plus beta.
// x int8 or int16, y int8 or int16; gamma and beta int32 [m], the element at position p of x takes entry (p div repeat) mod m.
// Attributes: centred repeat xZero epsilonLow epsilonHigh shift yZero yMin yMax; xZero is 0 where x is int16 or the rows are centred.
import { sumRow, sumSquares } from '../kernels/moments'
import { normalizeRun, packNormalization, packRow, ROW_CONSTANTS_BYTES } from '../kernels/normalize'
import { evenShift, inverseRoot } from '../math/root'
import { ELEMENTS, fail, OK, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opOutput,
  opPacked,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS, POOL_TAPS, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkConstant,
  checkCounts,
  checkDim,
  checkInt8Bounds,
  checkInt16Bounds,
  checkNoRequantization,
  checkRank,
  checkSameShape,
  checkType,
  RESULT,
} from './check'
import { isInt16 } from './layer16'

/** Every sum stays within 64 bits. */
const MOST_ELEMENTS: u32 = 1 << 15
const MOST_REPEAT: i32 = 1 << 24
const MOST_SHIFT: i32 = 23
const MOST_EPSILON_HIGH: i32 = (1 << 30) - 1

function isCentred(op: usize): bool {
  return opAttribute(op, 0) === 1
}

function isWideResult(op: usize): bool {
  return tensorType(opOutput(op, 0)) === INT16
}

/** Elements of a row. */
function rowElements(op: usize): u32 {
  return tensorDim(opInput(op, 0), tensorRank(opInput(op, 0)) - 1)
}

/** m. */
function factors(op: usize): u32 {
  return tensorDim(opInput(op, 1), 0)
}

export function layerNormCheck(op: usize): i32 {
  let status = checkCounts(op, 3, 3, 9) || checkNoRequantization(op)
  if (status === OK) status = checkType(op, 0, isInt16(op) ? INT16 : INT8) || checkType(op, RESULT, isWideResult(op) ? INT16 : INT8)
  if (status === OK) status = checkSameShape(op, RESULT, 0)
  for (let place: u32 = 1; place < 3 && status === OK; place++)
    status = checkType(op, place, INT32) || checkConstant(op, place) || checkRank(op, place, 1) || checkDim(op, place, 0, factors(op))
  if (status === OK) status = checkAttribute(op, 0, 0, 1) || checkAttribute(op, 1, 1, MOST_REPEAT)
  const hasZero = !isCentred(op) && !isInt16(op)
  if (status === OK) status = checkAttribute(op, 2, hasZero ? -128 : 0, hasZero ? 127 : 0)
  if (status === OK) status = checkAttribute(op, 4, 0, MOST_EPSILON_HIGH) || checkAttribute(op, 5, 0, MOST_SHIFT)
  if (status !== OK) return status
  if (isWideResult(op)) status = checkAttribute(op, 6, 0, 0) || checkInt16Bounds(op, 7)
  else status = checkAttribute(op, 6, -128, 127) || checkInt8Bounds(op, 7)
  if (status !== OK) return status
  if (rowElements(op) > MOST_ELEMENTS) return fail(SHAPE, tensorRank(opInput(op, 0)) - 1, rowElements(op), MOST_ELEMENTS)
  const period = <u64>factors(op) * opAttribute(op, 1)
  const elements = <u64>tensorElements(opInput(op, 0))
  return elements % period === 0 ? OK : fail(SHAPE, ELEMENTS, elements, period)
}

/** The cost of an element beside its sums, and of a row and of a run of one factor, as so many requantized elements. */
const ELEMENT: u64 = 4
const ROW: u64 = 24
const RUN: u64 = 8

export function layerNormWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  const rows = elements / rowElements(op)
  const runs = elements / min(<u64>rowElements(op), opAttribute(op, 1) === 1 ? <u64>factors(op) : <u64>opAttribute(op, 1))
  addWork(work, POOL_TAPS, 2 * elements)
  addWork(work, REQUANTIZED_ELEMENTS, elements * ELEMENT + runs * RUN)
  addWork(work, FIXED_POINT_ELEMENTS, rows * ROW)
}

export function layerNormValidate(op: usize): i32 {
  return OK
}

export function layerNormPackedBytes(op: usize): u64 {
  return ROW_CONSTANTS_BYTES
}

export function layerNormScratchBytes(op: usize): u64 {
  return 0
}

export function layerNormLoad(op: usize): void {
  packNormalization(opPacked(op), rowElements(op), opAttribute(op, 5), opAttribute(op, 6), opAttribute(op, 7), opAttribute(op, 8))
}

export function layerNormRun(op: usize): void {
  const x = opInput(op, 0)
  const row = <usize>rowElements(op)
  const elements = <usize>tensorElements(x)
  const isWideX = isInt16(op)
  const size: usize = isWideX ? 2 : 1
  for (let start: usize = 0; start < elements; start += row) {
    measure(op, tensorPointer(x) + start * size, row, isWideX)
    normalizeRow(op, start, row, isWideX)
  }
}

/** The mean and the inverse root of the row at `x`. */
function measure(op: usize, x: usize, row: usize, isWide: bool): void {
  const n = <i64>row
  const zero = <i64>opAttribute(op, 2)
  const sum = sumRow(x, row, isWide)
  const squares = sumSquares(x, row, isWide)
  const epsilon = ((<i64>opAttribute(op, 4)) << 32) | (<i64>opAttribute(op, 3) & 0xffffffff)
  const spread = isCentred(op) ? n * squares - sum * sum : n * (squares - 2 * zero * sum + n * zero * zero)
  const offset = <i32>(isCentred(op) ? sum : n * zero)
  const radicand = <u64>(spread + epsilon)
  if (radicand === 0) packRow(opPacked(op), offset, 0, 1)
  else packRow(opPacked(op), offset, inverseRoot(radicand), 47 - (evenShift(radicand) >> 1))
}

/** Runs of elements whose factors lie side by side, or are one. */
function normalizeRow(op: usize, start: usize, row: usize, isWideX: bool): void {
  const repeat = <usize>opAttribute(op, 1)
  const m = <usize>factors(op)
  const isWideY = isWideResult(op)
  const sizeX: usize = isWideX ? 2 : 1
  const sizeY: usize = isWideY ? 2 : 1
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const gamma = tensorPointer(opInput(op, 1))
  const beta = tensorPointer(opInput(op, 2))
  const step: usize = repeat === 1 ? 4 : 0
  const end = start + row
  for (let at = start; at < end; ) {
    const entry = (at / repeat) % m
    const count = min(repeat === 1 ? m - entry : repeat - (at % repeat), end - at)
    const factor = entry << 2
    normalizeRun(opPacked(op), x + at * sizeX, isWideX, y + at * sizeY, isWideY, count, gamma + factor, beta + factor, step)
    at += count
  }
}
