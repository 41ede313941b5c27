// argMax: where along one dimension the largest (or smallest) element is, int32. Attributes: axis, smallest (1: the smallest instead), last (1: the
// last among equals, otherwise the first).
import { ELEMENTS, fail, OK, RESULT, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opOutput,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkType } from './check'

function size(op: usize): u32 {
  return tensorDim(opInput(op, 0), opAttribute(op, 0))
}

export function argMaxCheck(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 3) || checkNoRequantization(op) || checkType(op, RESULT, INT32)
  if (status !== OK) return status
  const x = opInput(op, 0)
  const attributes = checkAttribute(op, 0, 0, tensorRank(x) - 1) || checkAttribute(op, 1, 0, 1) || checkAttribute(op, 2, 0, 1)
  if (attributes !== OK) return attributes
  const wanted = tensorElements(x) / size(op)
  const got = tensorElements(opOutput(op, 0))
  return got === wanted ? OK : fail(SHAPE, ELEMENTS, got, wanted)
}

/** Units of an element, and of a result. */
const ELEMENT: u64 = 5
const RESULT_ELEMENT: u64 = 2

export function argMaxWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, <u64>tensorElements(opInput(op, 0)) * ELEMENT + <u64>tensorElements(opOutput(op, 0)) * RESULT_ELEMENT)
}

export function argMaxValidate(op: usize): i32 {
  return OK
}

export function argMaxPackedBytes(op: usize): u64 {
  return 0
}

export function argMaxScratchBytes(op: usize): u64 {
  return 0
}

export function argMaxLoad(op: usize): void {}

export function argMaxRun(op: usize): void {
  const x = opInput(op, 0)
  const type = tensorType(x)
  if (type === INT8) scan<i8>(op)
  else if (type === INT16) scan<i16>(op)
  else if (type === INT32) scan<i32>(op)
  else scan<u8>(op)
}

function scan<T>(op: usize): void {
  const x = opInput(op, 0)
  // The complement turns the order round, so that the smallest becomes the largest.
  const flip = -opAttribute(op, 1)
  const isLast = opAttribute(op, 2) !== 0
  const n = size(op)
  let step = <usize>sizeof<T>()
  for (let i = <u32>opAttribute(op, 0) + 1; i < tensorRank(x); i++) step *= tensorDim(x, i)
  let y = tensorPointer(opOutput(op, 0))
  const end = tensorPointer(x) + tensorBytes(x)
  for (let block = tensorPointer(x); block < end; block += step * n) {
    for (let first = block; first < block + step; first += sizeof<T>(), y += 4) {
      let at = first
      let best = <i32>load<T>(at) ^ flip
      let index: u32 = 0
      for (let i: u32 = 1; i < n; i++) {
        at += step
        const value = <i32>load<T>(at) ^ flip
        if (value > best || (isLast && value === best)) {
          best = value
          index = i
        }
      }
      store<u32>(y, index)
    }
  }
}
