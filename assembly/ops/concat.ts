// concat: operands of one type side by side along one dimension. Attribute: axis.
import { OK, RESULT } from '../model/errors'
import {
  opAttribute,
  opInput,
  opInputCount,
  opOutput,
  tensorBytes,
  tensorDim,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkAttribute, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'
import { copyRuns, RUN_BYTES } from './copy'

const MOST_OPERANDS: u32 = 64

export function concatCheck(op: usize): i32 {
  let status = checkCounts(op, 1, MOST_OPERANDS, 1) || checkNoRequantization(op)
  if (status !== OK) return status
  const type = tensorType(opInput(op, 0))
  const rank = tensorRank(opInput(op, 0))
  status = checkType(op, RESULT, type) || checkRank(op, RESULT, rank) || checkAttribute(op, 0, 0, rank - 1)
  if (status !== OK) return status
  const y = opOutput(op, 0)
  const axis = <u32>opAttribute(op, 0)
  let total: u64 = 0
  for (let i: u32 = 0; i < opInputCount(op); i++) {
    status = checkType(op, i, type) || checkRank(op, i, rank)
    for (let j: u32 = 0; j < rank && status === OK; j++) if (j !== axis) status = checkDim(op, i, j, tensorDim(y, j))
    if (status !== OK) return status
    total += tensorDim(opInput(op, i), axis)
  }
  return checkDim(op, RESULT, axis, total)
}

export function concatWork(op: usize, work: usize): void {
  addWork(work, COPIED_BYTES, tensorBytes(opOutput(op, 0)) + outerElements(op) * opInputCount(op) * RUN_BYTES)
}

/** Elements of the dimensions before the axis: each operand is copied in as many runs. */
function outerElements(op: usize): u64 {
  let elements: u64 = 1
  for (let i: u32 = 0; i < <u32>opAttribute(op, 0); i++) elements *= tensorDim(opOutput(op, 0), i)
  return elements
}

export function concatValidate(op: usize): i32 {
  return OK
}

export function concatPackedBytes(op: usize): u64 {
  return 0
}

export function concatScratchBytes(op: usize): u64 {
  return 0
}

export function concatLoad(op: usize): void {}

export function concatRun(op: usize): void {
  const y = opOutput(op, 0)
  const outer = <usize>outerElements(op)
  const stride = <usize>tensorBytes(y) / outer
  let column = tensorPointer(y)
  for (let i: u32 = 0; i < opInputCount(op); i++) {
    const x = opInput(op, i)
    const run = <usize>tensorBytes(x) / outer
    copyRuns(column, stride, tensorPointer(x), run, run, outer)
    column += run
  }
}
