// What averagePool and maxPool share.
import { averageWindow, averageWindow16, maxWindow, maxWindow16, reciprocal } from '../kernels/pool'
import { OK } from '../model/errors'
import { INT8, INT16, opAttribute, opInput, opOutput, tensorDim, tensorElements, tensorPointer } from '../model/records'
import { addWork, POOL_TAPS } from '../model/work'
import {
  checkAttribute,
  checkCounts,
  checkDim,
  checkInt8Bounds,
  checkInt16Bounds,
  checkNoRequantization,
  checkRank,
  checkType,
  RESULT,
} from './check'
import { roundUp } from './layer'
import { isInt16 } from './layer16'
import { checkWindowAxis, LARGEST_DIMENSION } from './window'

export const POOL_AVERAGE: u32 = 0
export const POOL_MAX: u32 = 1

export function checkPool(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 10)
  if (status === OK) status = checkNoRequantization(op)
  if (status !== OK) return status
  const type = isInt16(op) ? INT16 : INT8
  status = checkType(op, 0, type) || checkType(op, RESULT, type)
  if (status === OK) status = checkRank(op, 0, 4)
  if (status === OK) status = checkRank(op, RESULT, 4)
  for (let i: u32 = 0; i < 4 && status === OK; i++) status = checkAttribute(op, i, 1, LARGEST_DIMENSION)
  if (status === OK) status = checkDim(op, RESULT, 0, tensorDim(opInput(op, 0), 0))
  for (let axis: u32 = 1; axis < 3 && status === OK; axis++)
    status = checkWindowAxis(op, axis, opAttribute(op, axis - 1), 1, opAttribute(op, axis + 1))
  if (status === OK) status = checkDim(op, RESULT, 3, tensorDim(opInput(op, 0), 3))
  if (status !== OK) return status
  return type === INT16 ? checkInt16Bounds(op, 8) : checkInt8Bounds(op, 8)
}

/** What a window costs beside its elements, as so many elements; and each of its channels. */
const WINDOW_TAPS: u64 = 32
const CHANNEL_TAPS: u64 = 4
/** A tap of int16, in those of int8: eight channels go at a time there, one here. */
const INT16_TAP: u64 = 8

/** `cost` are the units of a tap. */
export function poolWork(op: usize, work: usize, cost: u64): void {
  const y = opOutput(op, 0)
  const taps = <u64>opAttribute(op, 0) * opAttribute(op, 1)
  const channels = tensorDim(y, 3)
  const windows = <u64>(tensorElements(y) / channels)
  const side = isInt16(op) ? <u64>channels * INT16_TAP : roundUp(channels, 8)
  addWork(work, POOL_TAPS, windows * (side * (taps + CHANNEL_TAPS) + WINDOW_TAPS) * cost)
}

export function runPool(op: usize, kind: u32): void {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const height = <i32>tensorDim(x, 1)
  const width = <i32>tensorDim(x, 2)
  const channels = <usize>tensorDim(x, 3)
  const isWide = isInt16(op)
  const pixelBytes = isWide ? channels << 1 : channels
  const rowBytes = <usize>width * pixelBytes
  const least = opAttribute(op, 8)
  const most = opAttribute(op, 9)
  let out = tensorPointer(y)
  let pixels = 0
  let factor: u32 = 0
  for (let picture: u32 = 0; picture < tensorDim(y, 0); picture++) {
    const corner = tensorPointer(x) + <usize>picture * height * rowBytes
    for (let row: u32 = 0; row < tensorDim(y, 1); row++) {
      const top = <i32>row * opAttribute(op, 2) - opAttribute(op, 4)
      const firstRow = max(top, 0)
      const rows = min(top + opAttribute(op, 0), height) - firstRow
      for (let column: u32 = 0; column < tensorDim(y, 2); column++, out += pixelBytes) {
        const left = <i32>column * opAttribute(op, 3) - opAttribute(op, 6)
        const firstColumn = max(left, 0)
        const columns = min(left + opAttribute(op, 1), width) - firstColumn
        const window = corner + <usize>firstRow * rowBytes + <usize>firstColumn * pixelBytes
        if (isWide) {
          if (kind === POOL_MAX) maxWindow16(window, rows, columns, rowBytes, channels, least, most, out)
          else averageWindow16(window, rows, columns, rowBytes, channels, least, most, out)
        } else if (kind === POOL_MAX) maxWindow(window, rows, columns, rowBytes, channels, least, most, out)
        else {
          // Only windows at the border have another size.
          if (rows * columns !== pixels) factor = reciprocal(rows * columns)
          pixels = rows * columns
          averageWindow(window, rows, columns, rowBytes, channels, factor, least, most, out)
        }
      }
    }
  }
}
