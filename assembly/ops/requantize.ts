// requantize: x int8 or int32 to another scale, y int8. Attributes: xZero yZero yMin yMax; xZero is 0 where x is int32.
//
// One entry: the tensor is read as rows of 8. An entry for each channel: rows of the last dimension, 8 channels at a time.
import { CHANNEL_CONSTANTS_BYTES, requantizePanel } from '../kernels/requantize'
import { copyColumns, widenColumns } from '../kernels/widen'
import { OK } from '../model/errors'
import {
  INT8,
  INT32,
  opAttribute,
  opInput,
  opMultiplierCount,
  opOutput,
  opPacked,
  opScratch,
  rounding,
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
  checkInt8Bounds,
  checkRequantizationPerChannel,
  checkSameShape,
  checkType,
  RESULT,
  validateMultiplier,
} from './check'
import { largestMagnitude, packLayerConstants, packUniformConstants, roundUp } from './layer'

const BLOCK_ROWS: u32 = 64
const BLOCK_BYTES: u64 = 64 * 32

function isInt32(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT32
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
  if (status === OK && !isInt32(op)) status = checkType(op, 0, INT8)
  if (status === OK) status = checkType(op, RESULT, INT8)
  if (status === OK) status = checkSameShape(op, RESULT, 0)
  if (status === OK) status = isInt32(op) ? checkAttribute(op, 0, 0, 0) : checkAttribute(op, 0, -128, 127)
  if (status === OK) status = checkAttribute(op, 1, -128, 127)
  if (status === OK) status = checkInt8Bounds(op, 2)
  return status === OK ? checkRequantizationPerChannel(op, lastDimension(op)) : status
}

export function requantizeWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  addWork(work, REQUANTIZED_ELEMENTS, (elements / columns(op)) * roundUp(columns(op), 8))
}

export function requantizeValidate(op: usize): i32 {
  const bound: i64 = isInt32(op) ? i32.MAX_VALUE : largestMagnitude(opAttribute(op, 0))
  for (let i: u32 = 0; i < opMultiplierCount(op); i++) {
    const status = validateMultiplier(op, i, bound)
    if (status !== OK) return status
  }
  return OK
}

export function requantizePackedBytes(op: usize): u64 {
  return ((<u64>columns(op) + 7) >> 3) * CHANNEL_CONSTANTS_BYTES
}

export function requantizeScratchBytes(op: usize): u64 {
  return BLOCK_BYTES
}

export function requantizeLoad(op: usize): void {
  if (opMultiplierCount(op) > 1) packLayerConstants(op, columns(op), opPacked(op), opScratch(op))
  else packUniformConstants(op, 0, 0, opPacked(op), opScratch(op))
}

export function requantizeRun(op: usize): void {
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
