// matmul: a […,M,K] times b […,K,N], both computed or constant; the dimensions before broadcast as in NumPy. On int8 y is int8, or int32 without
// requantization; on int16 zero points are 0, sums have 64 bits, and the requantization is wide. Attributes: aZero bZero yZero yMin yMax.
//
// On int8 of each product b is packed as the weights of a layer (kernels/gemm.ts), then blocks of rows of a go through all panels.
import { gemmPanel } from '../kernels/gemm'
import { requantizeSumsWide, sumColumns } from '../kernels/int16'
import { packMatrixPanel } from '../kernels/pack'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { widen } from '../kernels/widen'
import { ACCUMULATOR, enter, fail, OK, RANK, RESULT, SHAPE, TENSOR } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opIndex,
  opInput,
  opOutput,
  opPacked,
  opScratch,
  tensorDim,
  tensorElements,
  tensorIndex,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, GEMM_MACS, MACS, PREPARED_ELEMENTS, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkCounts,
  checkDim,
  checkInt8Bounds,
  checkInt16Bounds,
  checkNoRequantization,
  checkRank,
  checkRequantization,
  checkRequantizationCounts,
  checkType,
  operand,
  validateMultiplier,
  validateWideMultiplier,
} from './check'
import { BLOCK, denseMacs } from './dense'
import { elementBytes, finishPanel, largestMagnitude, packLayerConstants, roundUp } from './layer'
import { isInt16, LARGEST_SUM, packUniformConstants16 } from './layer16'

// Scratch: pointers to a block's rows, its accumulators, the gap of the one run, the widened rows, the panels of b.
const ACCUMULATORS: usize = 64 * 4
const GAP: usize = 64 * 4 + 64 * 32
const ROWS: usize = 64 * 4 + 64 * 32 + 16

/** What a product, and a panel of it, cost beside their elements, in elements. */
const PRODUCT_ELEMENTS: u64 = 448
const PANEL_ELEMENTS: u64 = 48

/** On int16: a product in those of int8, a result in theirs; scratch. */
const INT16_MACS: u64 = 4
const INT16_RESULT: u64 = 10
const SUM_BYTES: u64 = 64

/** Dimension i from the end of an operand or the result: 0 the last. */
function fromEnd(op: usize, place: u32, i: u32): u32 {
  const t = operand(op, place)
  return tensorDim(t, tensorRank(t) - 1 - i)
}

function rows(op: usize): u32 {
  return fromEnd(op, 0, 1)
}

function depth(op: usize): u32 {
  return fromEnd(op, 0, 0)
}

function columns(op: usize): u32 {
  return fromEnd(op, 1, 0)
}

/** Products of two matrices. */
function products(op: usize): u64 {
  return tensorElements(opOutput(op, 0)) / (<u64>rows(op) * columns(op))
}

export function matmulCheck(op: usize): i32 {
  let status = checkCounts(op, 2, 2, 5)
  if (status !== OK) return status
  const type = isInt16(op) ? INT16 : INT8
  status = checkType(op, 0, type) || checkType(op, 1, type) || checkMatrix(op, 0) || checkMatrix(op, 1)
  if (status !== OK) return status
  const rank = max(tensorRank(opInput(op, 0)), tensorRank(opInput(op, 1)))
  status = checkRank(op, RESULT, rank) || checkDim(op, 1, tensorRank(opInput(op, 1)) - 2, depth(op))
  if (status === OK) status = checkDim(op, RESULT, rank - 2, rows(op)) || checkDim(op, RESULT, rank - 1, columns(op))
  for (let i: u32 = 2; i < rank && status === OK; i++) status = checkLeading(op, i, rank)
  const low = type === INT16 ? 0 : -128
  const high = type === INT16 ? 0 : 127
  if (status === OK) status = checkAttribute(op, 0, low, high) || checkAttribute(op, 1, low, high)
  if (status === OK) status = type === INT16 ? checkResult16(op) : checkResult(op)
  if (status !== OK) return status
  const most: i64 = type === INT16 ? LARGEST_SUM : <i64>i32.MAX_VALUE
  return bound(op) > most ? fail(ACCUMULATOR, 0, bound(op), most) : OK
}

function checkMatrix(op: usize, place: u32): i32 {
  const t = opInput(op, place)
  if (tensorRank(t) >= 2) return OK
  enter(opIndex(op), tensorIndex(t))
  return fail(TENSOR, (RANK << 8) | place, tensorRank(t), 2)
}

/** Size of the leading dimension i from the end; 1 where the operand has none. */
function leading(op: usize, place: u32, i: u32): u32 {
  return i < tensorRank(operand(op, place)) ? fromEnd(op, place, i) : 1
}

function checkLeading(op: usize, i: u32, rank: u32): i32 {
  const a = leading(op, 0, i)
  const b = leading(op, 1, i)
  return a !== b && a !== 1 && b !== 1 ? fail(SHAPE, rank - 1 - i, b, a) : checkDim(op, RESULT, rank - 1 - i, max(a, b))
}

function checkResult(op: usize): i32 {
  if (tensorType(opOutput(op, 0)) !== INT32)
    return checkType(op, RESULT, INT8) || checkAttribute(op, 2, -128, 127) || checkInt8Bounds(op, 3) || checkRequantization(op, 1)
  let status = checkNoRequantization(op)
  for (let i: u32 = 2; i < 5 && status === OK; i++) status = checkAttribute(op, i, 0, 0)
  return status
}

function checkResult16(op: usize): i32 {
  const status = checkType(op, RESULT, INT16) || checkAttribute(op, 2, 0, 0) || checkInt16Bounds(op, 3)
  return status || checkRequantizationCounts(op, 1, 1)
}

function bound(op: usize): i64 {
  if (isInt16(op)) return (<i64>depth(op)) << 30
  return <i64>depth(op) * largestMagnitude(opAttribute(op, 0)) * largestMagnitude(opAttribute(op, 1))
}

export function matmulWork(op: usize, work: usize): void {
  const n = products(op)
  addWork(work, MACS, n * rows(op) * columns(op) * depth(op))
  if (isInt16(op)) {
    const results = n * rows(op) * roundUp(columns(op), 8)
    addWork(work, GEMM_MACS, results * depth(op) * INT16_MACS)
    addWork(work, REQUANTIZED_ELEMENTS, results * INT16_RESULT)
    return
  }
  addWork(work, GEMM_MACS, n * denseMacs(rows(op), columns(op), 1, depth(op)))
  addWork(work, PREPARED_ELEMENTS, n * ((<u64>rows(op) + roundUp(columns(op), 8)) * depth(op) + PRODUCT_ELEMENTS))
  addWork(work, PREPARED_ELEMENTS, n * ((<u64>columns(op) + 7) >> 3) * PANEL_ELEMENTS)
  addWork(work, REQUANTIZED_ELEMENTS, n * rows(op) * roundUp(columns(op), 8))
}

export function matmulValidate(op: usize): i32 {
  if (isInt16(op)) return validateWideMultiplier(op, 0)
  return tensorType(opOutput(op, 0)) === INT32 ? OK : validateMultiplier(op, 0, bound(op))
}

/** Constants for 8 columns, which are those of all. */
export function matmulPackedBytes(op: usize): u64 {
  return CHANNEL_CONSTANTS_BYTES
}

function panelBytes(op: usize): u64 {
  return roundUp(depth(op), 2) << 4
}

/** The kernel reads one element past the last row. */
function rowBytes(op: usize): u64 {
  return roundUp((<u64>min(rows(op), <u32>BLOCK) * depth(op)) << 1, 16) + 16
}

export function matmulScratchBytes(op: usize): u64 {
  if (isInt16(op)) return SUM_BYTES
  return <u64>ROWS + rowBytes(op) + ((<u64>columns(op) + 7) >> 3) * panelBytes(op)
}

export function matmulLoad(op: usize): void {
  if (isInt16(op)) packUniformConstants16(op, 0, opPacked(op))
  else packLayerConstants(op, 8, opPacked(op), opScratch(op))
}

export function matmulRun(op: usize): void {
  const resultBytes = elementBytes(tensorType(opOutput(op, 0)))
  const step = <usize>rows(op) * columns(op) * resultBytes
  let y = tensorPointer(opOutput(op, 0))
  let packed: usize = 0
  for (let i: u32 = 0; i < <u32>products(op); i++, y += step) {
    const b = matrix(op, 1, i)
    if (isInt16(op)) {
      multiplyRows16(op, matrix(op, 0, i), b, y)
      continue
    }
    if (b !== packed) packColumns(op, b)
    packed = b
    multiplyRows(op, matrix(op, 0, i), y, resultBytes)
  }
}

/** The operand's matrix in product i: counted in the leading dimensions of the result. */
function matrix(op: usize, place: u32, i: u32): usize {
  const t = opInput(op, place)
  let step = fromEnd(op, place, 0) * fromEnd(op, place, 1) * <u32>elementBytes(tensorType(t))
  let pointer = tensorPointer(t)
  for (let d: u32 = 2; d < tensorRank(opOutput(op, 0)); d++) {
    const size = fromEnd(op, RESULT, d)
    const own = leading(op, place, d)
    if (own > 1) pointer += <usize>(i % size) * step
    step *= own
    i /= size
  }
  return pointer
}

function packColumns(op: usize, b: usize): void {
  const width = columns(op)
  let panel = opScratch(op) + ROWS + <usize>rowBytes(op)
  for (let first: u32 = 0; first < width; first += 8, panel += <usize>panelBytes(op))
    packMatrixPanel(b + first, min(width - first, 8), width, depth(op), opAttribute(op, 1), panel)
}

function multiplyRows(op: usize, a: usize, y: usize, resultBytes: usize): void {
  const scratch = opScratch(op)
  const wide = scratch + ROWS
  const accumulators = scratch + ACCUMULATORS
  const length = <usize>depth(op)
  const width = <usize>columns(op)
  const pairs = <i32>((length + 1) >> 1)
  store<u32>(scratch, 0, GAP)
  for (let start: u32 = 0; start < rows(op); start += BLOCK) {
    const count = <i32>min(rows(op) - start, BLOCK)
    widen(a + <usize>start * length, <usize>count * length, opAttribute(op, 0), wide)
    // Pointers to the rows, the last one repeated to a multiple of 4.
    for (let i: usize = 0; i < roundUp(count, 4); i++) store<u32>(scratch + (i << 2), <u32>(wide + ((min(i, count - 1) * length) << 1)))
    let panel = wide + <usize>rowBytes(op)
    for (let first: usize = 0; first < width; first += 8, panel += <usize>panelBytes(op)) {
      gemmPanel(scratch, count, 1, scratch + GAP, pairs, panel, accumulators)
      finishPanel(op, 0, accumulators, count, opPacked(op), y + <usize>start * width * resultBytes, width, first)
    }
  }
}

function multiplyRows16(op: usize, a: usize, b: usize, y: usize): void {
  const width = <usize>columns(op)
  const length = <usize>depth(op)
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  const sums = opScratch(op)
  for (let row: u32 = 0; row < rows(op); row++, a += length << 1, y += width << 1)
    for (let first: usize = 0; first < width; first += 8) {
      sumColumns(a, b + (first << 1), width, length, sums)
      requantizeSumsWide(sums, 1, opPacked(op), least, most, y + (first << 1), width, min(width - first, 8))
    }
}
