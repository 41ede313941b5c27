// pad: x inside a frame of one value. Attributes: value, then before and after of each dimension.
import { OK, RESULT } from '../model/errors'
import {
  INT16,
  INT32,
  opAttribute,
  opInput,
  opInputCount,
  opOutput,
  opScratch,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
  UINT8,
} from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkAttribute, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'
import { copyBytes, SINGLE_RUN_BYTES } from './copy'

const MOST_PADDING: i32 = 1 << 24

export function padCheck(op: usize): i32 {
  const x = opInputCount(op) > 0 ? opInput(op, 0) : 0
  let status = checkCounts(op, 1, 1, x !== 0 ? 1 + 2 * tensorRank(x) : 0) || checkNoRequantization(op)
  if (status !== OK) return status
  const type = tensorType(x)
  const rank = tensorRank(x)
  status = checkType(op, RESULT, type) || checkRank(op, RESULT, rank) || checkValue(op, type)
  for (let i: u32 = 0; i < rank && status === OK; i++) {
    status = checkAttribute(op, 1 + 2 * i, 0, MOST_PADDING) || checkAttribute(op, 2 + 2 * i, 0, MOST_PADDING)
    if (status === OK) status = checkDim(op, RESULT, i, <u64>tensorDim(x, i) + before(op, i) + <u32>opAttribute(op, 2 + 2 * i))
  }
  return status
}

function checkValue(op: usize, type: u32): i32 {
  if (type === INT32) return OK
  if (type === INT16) return checkAttribute(op, 0, i16.MIN_VALUE, i16.MAX_VALUE)
  return type === UINT8 ? checkAttribute(op, 0, 0, 255) : checkAttribute(op, 0, -128, 127)
}

function before(op: usize, dimension: u32): u32 {
  return opAttribute(op, 1 + 2 * dimension)
}

export function padWork(op: usize, work: usize): void {
  const x = opInput(op, 0)
  let runs: u64 = 1
  for (let i: u32 = 0; i < runDimension(op); i++) runs *= tensorDim(x, i)
  addWork(work, COPIED_BYTES, tensorBytes(opOutput(op, 0)) + runs * SINGLE_RUN_BYTES)
}

/** The last padded dimension, or 0. Behind it all is contiguous, so that it and all behind it are one run of bytes in x. */
function runDimension(op: usize): u32 {
  const x = opInput(op, 0)
  let i = tensorRank(x) - 1
  while (i > 0 && tensorDim(x, i) === tensorDim(opOutput(op, 0), i)) i--
  return i
}

export function padValidate(op: usize): i32 {
  return OK
}

export function padPackedBytes(op: usize): u64 {
  return 0
}

/** One counter for each dimension. */
export function padScratchBytes(op: usize): u64 {
  return tensorRank(opInput(op, 0)) << 2
}

export function padLoad(op: usize): void {}

export function padRun(op: usize): void {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const counters = opScratch(op)
  fill(tensorPointer(y), tensorElements(y), tensorType(y), opAttribute(op, 0))
  const inner = runDimension(op)
  let stride = <usize>(tensorBytes(x) / tensorElements(x))
  for (let i = tensorRank(x) - 1; i > inner; i--) stride *= tensorDim(x, i)
  const run = stride * tensorDim(x, inner)
  const step = stride * tensorDim(y, inner)
  let to = tensorPointer(y) + stride * before(op, inner)
  for (let i = inner, s = step; i > 0; i--) {
    store<u32>(counters + ((i - 1) << 2), 0)
    to += s * before(op, i - 1)
    s *= tensorDim(y, i - 1)
  }
  const end = tensorPointer(x) + tensorBytes(x)
  for (let from = tensorPointer(x); from < end; from += run) {
    copyBytes(to, from, run)
    to += step + frame(x, y, inner, step, counters)
  }
}

/**
 * Counts one row of x; returns the bytes of frame in y between it and the next. `step` is the distance of rows, `inner` the first
 * dimension inside a row.
 */
function frame(x: usize, y: usize, inner: u32, step: usize, counters: usize): usize {
  let bytes: usize = 0
  for (let i = inner; i > 0; i--) {
    const counter = counters + ((i - 1) << 2)
    const count = load<u32>(counter) + 1
    if (count < tensorDim(x, i - 1)) {
      store<u32>(counter, count)
      break
    }
    store<u32>(counter, 0)
    bytes += step * (tensorDim(y, i - 1) - tensorDim(x, i - 1))
    step *= tensorDim(y, i - 1)
  }
  return bytes
}

function fill(to: usize, elements: usize, type: u32, value: i32): void {
  if (type === INT32) for (const end = to + (elements << 2); to < end; to += 4) store<i32>(to, value)
  else if (type === INT16) for (const end = to + (elements << 1); to < end; to += 2) store<i16>(to, value)
  else memory.fill(to, <u8>value, elements)
}
