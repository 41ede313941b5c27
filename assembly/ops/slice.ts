// slice: from each dimension of x the elements begin, begin + stride, … as many as y has. Attributes: begin and stride of each dimension;
// a negative stride goes backwards.
import { ATTRIBUTE, enter, fail, OK, RESULT, SHAPE } from '../model/errors'
import {
  opAttribute,
  opIndex,
  opInput,
  opInputCount,
  opOutput,
  opScratch,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorIndex,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkRank, checkType } from './check'
import { copyRuns, ROW_BYTES, RUN_BYTES } from './copy'

const LARGEST_STRIDE: i32 = 1 << 24

function begin(op: usize, dimension: u32): isize {
  return opAttribute(op, 2 * dimension)
}

function stride(op: usize, dimension: u32): isize {
  return opAttribute(op, 2 * dimension + 1)
}

export function sliceCheck(op: usize): i32 {
  const x = opInputCount(op) > 0 ? opInput(op, 0) : 0
  let status = checkCounts(op, 1, 1, x !== 0 ? 2 * tensorRank(x) : 0) || checkNoRequantization(op)
  if (status !== OK) return status
  status = checkType(op, RESULT, tensorType(x)) || checkRank(op, RESULT, tensorRank(x))
  for (let i: u32 = 0; i < tensorRank(x) && status === OK; i++) status = checkDimension(op, i)
  return status
}

function checkDimension(op: usize, i: u32): i32 {
  const size = <i32>tensorDim(opInput(op, 0), i)
  const status = checkAttribute(op, 2 * i, 0, size - 1) || checkAttribute(op, 2 * i + 1, -LARGEST_STRIDE, LARGEST_STRIDE)
  if (status !== OK) return status
  const step = <i32>stride(op, i)
  if (step === 0) return fail(ATTRIBUTE, 2 * i + 1, 0, 1)
  const most = (step > 0 ? (size - 1 - <i32>begin(op, i)) / step : <i32>begin(op, i) / -step) + 1
  const y = opOutput(op, 0)
  if (<i32>tensorDim(y, i) <= most) return OK
  enter(opIndex(op), tensorIndex(y))
  return fail(SHAPE, i, tensorDim(y, i), most)
}

/** Dimensions from this one on are one run of bytes in x. */
function runDimension(op: usize): u32 {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  let i = tensorRank(x)
  while (i > 0 && (stride(op, i - 1) === 1 || tensorDim(y, i - 1) === 1)) {
    i--
    if (tensorDim(y, i) !== tensorDim(x, i)) break
  }
  return i
}

function elementBytes(op: usize): u32 {
  const x = opInput(op, 0)
  return tensorBytes(x) / tensorElements(x)
}

function runBytes(op: usize): u32 {
  const y = opOutput(op, 0)
  let bytes = elementBytes(op)
  for (let i = runDimension(op); i < tensorRank(y); i++) bytes *= tensorDim(y, i)
  return bytes
}

/** Runs in a row: the innermost dimension outside of them strings them together. */
function strungRuns(op: usize): u32 {
  const outer = runDimension(op)
  return outer > 0 ? tensorDim(opOutput(op, 0), outer - 1) : 1
}

export function sliceWork(op: usize, work: usize): void {
  const bytes = <u64>tensorBytes(opOutput(op, 0))
  const runs = bytes / runBytes(op)
  addWork(work, COPIED_BYTES, bytes + runs * RUN_BYTES + (runs / strungRuns(op)) * ROW_BYTES)
}

export function sliceValidate(op: usize): i32 {
  return OK
}

export function slicePackedBytes(op: usize): u64 {
  return 0
}

/** One counter for each dimension. */
export function sliceScratchBytes(op: usize): u64 {
  return tensorRank(opInput(op, 0)) << 2
}

export function sliceLoad(op: usize): void {}

export function sliceRun(op: usize): void {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const counters = opScratch(op)
  const run = <usize>runBytes(op)
  const outer = runDimension(op)
  const strung = <usize>strungRuns(op)
  let from = tensorPointer(x)
  let step: isize = 0
  let bytes: isize = elementBytes(op)
  for (let i = tensorRank(x); i > 0; i--) {
    from += begin(op, i - 1) * bytes
    if (i === outer) step = stride(op, i - 1) * bytes
    bytes *= tensorDim(x, i - 1)
    store<u32>(counters + ((i - 1) << 2), 0)
  }
  const end = tensorPointer(y) + tensorBytes(y)
  for (let to = tensorPointer(y); to < end; to += run * strung) {
    copyRuns(to, run, from, step, run, strung)
    if (outer > 1) from += nextRow(op, outer - 1, counters)
  }
}

/** Counts up the dimensions before `outer`, each carrying to the next; returns the bytes from one row in x to the following. */
function nextRow(op: usize, outer: u32, counters: usize): isize {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  let bytes: isize = elementBytes(op)
  for (let i = tensorRank(x); i > outer; i--) bytes *= tensorDim(x, i - 1)
  let distance: isize = 0
  for (let i = outer; i > 0; i--) {
    const counter = counters + ((i - 1) << 2)
    const count = load<u32>(counter) + 1
    if (count < tensorDim(y, i - 1)) {
      store<u32>(counter, count)
      return distance + stride(op, i - 1) * bytes
    }
    store<u32>(counter, 0)
    distance -= <isize>(count - 1) * stride(op, i - 1) * bytes
    bytes *= tensorDim(x, i - 1)
  }
  return distance
}
