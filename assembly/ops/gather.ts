// gather: the slices of x along one dimension that the indices name, in their order: y = x[…before the axis] · indices · x[…behind it].
// Attribute: axis. An index that is computed counts from the end where it is negative, and is then brought into the dimension.
import { enter, fail, OK, RESULT, TENSOR, VALUE } from '../model/errors'
import {
  INT32,
  opAttribute,
  opIndex,
  opInput,
  opOutput,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorIndex,
  tensorIsConstant,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkAttribute, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'
import { copyBytes, SINGLE_RUN_BYTES } from './copy'

function axis(op: usize): u32 {
  return opAttribute(op, 0)
}

export function gatherCheck(op: usize): i32 {
  let status = checkCounts(op, 2, 2, 1) || checkNoRequantization(op)
  if (status !== OK) return status
  const x = opInput(op, 0)
  const indices = opInput(op, 1)
  status = checkType(op, 1, INT32) || checkType(op, RESULT, tensorType(x)) || checkAttribute(op, 0, 0, tensorRank(x) - 1)
  if (status !== OK) return status
  const named = tensorRank(indices)
  status = checkRank(op, RESULT, tensorRank(x) - 1 + named)
  for (let i: u32 = 0; i < axis(op) && status === OK; i++) status = checkDim(op, RESULT, i, tensorDim(x, i))
  for (let i: u32 = 0; i < named && status === OK; i++) status = checkDim(op, RESULT, axis(op) + i, tensorDim(indices, i))
  for (let i = axis(op) + 1; i < tensorRank(x) && status === OK; i++) status = checkDim(op, RESULT, named + i - 1, tensorDim(x, i))
  return status
}

/** Elements of x before the axis: each index is looked up as many times. */
function outerElements(op: usize): u64 {
  let elements: u64 = 1
  for (let i: u32 = 0; i < axis(op); i++) elements *= tensorDim(opInput(op, 0), i)
  return elements
}

export function gatherWork(op: usize, work: usize): void {
  addWork(work, COPIED_BYTES, tensorBytes(opOutput(op, 0)) + outerElements(op) * tensorElements(opInput(op, 1)) * SINGLE_RUN_BYTES)
}

/** Constant indices lie inside the dimension. */
export function gatherValidate(op: usize): i32 {
  const indices = opInput(op, 1)
  if (!tensorIsConstant(indices)) return OK
  const last = <i32>tensorDim(opInput(op, 0), axis(op)) - 1
  for (let i: usize = 0; i < <usize>tensorElements(indices); i++) {
    const index = load<i32>(tensorPointer(indices) + (i << 2))
    if (index >= 0 && index <= last) continue
    enter(opIndex(op), tensorIndex(indices))
    return fail(TENSOR, (VALUE << 8) | 1, index, index < 0 ? 0 : last)
  }
  return OK
}

export function gatherPackedBytes(op: usize): u64 {
  return 0
}

export function gatherScratchBytes(op: usize): u64 {
  return 0
}

export function gatherLoad(op: usize): void {}

export function gatherRun(op: usize): void {
  const x = opInput(op, 0)
  const size = <i32>tensorDim(x, axis(op))
  const outer = <usize>outerElements(op)
  const rows = <usize>tensorBytes(x) / outer
  const run = rows / size
  const first = tensorPointer(opInput(op, 1))
  const last = first + ((<usize>tensorElements(opInput(op, 1))) << 2)
  let to = tensorPointer(opOutput(op, 0))
  let from = tensorPointer(x)
  for (let i: usize = 0; i < outer; i++, from += rows, to += ((last - first) >> 2) * run) {
    if (run === 1) for (let at = first, y = to; at < last; at += 4, y++) store<u8>(y, load<u8>(from + position(load<i32>(at), size)))
    else for (let at = first, y = to; at < last; at += 4, y += run) copyBytes(y, from + position(load<i32>(at), size) * run, run)
  }
}

/** Negative indices count from the end; all are brought into the dimension. */
function position(index: i32, size: i32): usize {
  return min(max(index < 0 ? index + size : index, 0), size - 1)
}
