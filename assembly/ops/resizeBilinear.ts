// resizeBilinear: x int8 [N,H,W,C] to y [N,OH,OW,C]. Operands: x, rows int32 const [OH,3], columns int32 const [OW,3]: for each row (column)
// of y the two of x that it lies between, and the weight of the second in units of 2^-bits. Attribute: bits.
import { interpolate } from '../kernels/interpolate'
import { enter, fail, OK, RESULT, TENSOR, VALUE } from '../model/errors'
import {
  INT8,
  INT32,
  opAttribute,
  opIndex,
  opInput,
  opOutput,
  ROUNDING_DOUBLE,
  rounding,
  tensorDim,
  tensorIndex,
  tensorPointer,
} from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import { checkAttribute, checkConstant, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'
import { roundUp } from './layer'

/** More would let the sum pass 2^31. */
const MOST_BITS: i32 = 11

/** Bytes of a row of `rows` and `columns`. */
const ENTRY: usize = 12

export function resizeBilinearCheck(op: usize): i32 {
  let status = checkCounts(op, 3, 3, 1) || checkNoRequantization(op) || checkAttribute(op, 0, 1, MOST_BITS)
  if (status !== OK) return status
  status = checkType(op, 0, INT8) || checkType(op, RESULT, INT8) || checkRank(op, 0, 4) || checkRank(op, RESULT, 4)
  for (let i: u32 = 1; i < 3 && status === OK; i++) {
    status = checkType(op, i, INT32) || checkConstant(op, i) || checkRank(op, i, 2) || checkDim(op, i, 1, 3)
    if (status === OK) status = checkDim(op, RESULT, i, tensorDim(opInput(op, i), 0))
  }
  if (status !== OK) return status
  const x = opInput(op, 0)
  return checkDim(op, RESULT, 0, tensorDim(x, 0)) || checkDim(op, RESULT, 3, tensorDim(x, 3))
}

/** Eight channels at a time. */
export function resizeBilinearWork(op: usize, work: usize): void {
  const y = opOutput(op, 0)
  addWork(work, ELEMENTS_WORK, 2 * <u64>tensorDim(y, 0) * tensorDim(y, 1) * tensorDim(y, 2) * roundUp(tensorDim(y, 3), 8))
}

/** Rows and columns lie in the picture, weights between 0 and 1. */
export function resizeBilinearValidate(op: usize): i32 {
  for (let i: u32 = 1; i < 3; i++) {
    const t = opInput(op, i)
    const last = <i32>tensorDim(opInput(op, 0), i) - 1
    const end = tensorPointer(t) + <usize>tensorDim(t, 0) * ENTRY
    for (let entry = tensorPointer(t); entry < end; entry += ENTRY) {
      const status = checkValue(op, i, load<i32>(entry), last) || checkValue(op, i, load<i32>(entry, 4), last)
      if (status !== OK) return status
      if (checkValue(op, i, load<i32>(entry, 8), 1 << opAttribute(op, 0)) !== OK) return TENSOR
    }
  }
  return OK
}

function checkValue(op: usize, place: u32, value: i32, most: i32): i32 {
  if (value >= 0 && value <= most) return OK
  enter(opIndex(op), tensorIndex(opInput(op, place)))
  return fail(TENSOR, (VALUE << 8) | place, value, value < 0 ? 0 : most)
}

export function resizeBilinearPackedBytes(op: usize): u64 {
  return 0
}

export function resizeBilinearScratchBytes(op: usize): u64 {
  return 0
}

export function resizeBilinearLoad(op: usize): void {}

export function resizeBilinearRun(op: usize): void {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const bits = opAttribute(op, 0)
  const away = rounding() === ROUNDING_DOUBLE ? 1 : 0
  const channels = <usize>tensorDim(x, 3)
  const rowBytes = <usize>tensorDim(x, 2) * channels
  const pictureBytes = <usize>tensorDim(x, 1) * rowBytes
  const rows = tensorPointer(opInput(op, 1))
  const columns = tensorPointer(opInput(op, 2))
  const rowsEnd = rows + <usize>tensorDim(y, 1) * ENTRY
  const columnsEnd = columns + <usize>tensorDim(y, 2) * ENTRY
  let out = tensorPointer(y)
  for (let n: u32 = 0; n < tensorDim(x, 0); n++) {
    const picture = tensorPointer(x) + <usize>n * pictureBytes
    for (let row = rows; row < rowsEnd; row += ENTRY) {
      const above = picture + <usize>load<u32>(row) * rowBytes
      const below = picture + <usize>load<u32>(row, 4) * rowBytes
      const weight = load<i32>(row, 8)
      for (let column = columns; column < columnsEnd; column += ENTRY, out += channels) {
        const left = <usize>load<u32>(column) * channels
        const right = <usize>load<u32>(column, 4) * channels
        const side = load<i32>(column, 8)
        interpolate(above + left, above + right, below + left, below + right, channels, bits, side, weight, away, out)
      }
    }
  }
}
