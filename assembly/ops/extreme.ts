// reduceMax and reduceMin: the largest (smallest) element over the dimensions whose bit is set in `axes`; any type. Attribute: axes.
//
// Neighbouring dimensions of one kind are merged. x is walked from its first byte to its last, a stretch of the innermost dimensions at a
// time: where they are kept, a strip of results; where they are reduced, one result.
import { extremeRun, extremeStrip } from '../kernels/extreme'
import { ELEMENTS, fail, OK, RESULT, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opOutput,
  opPacked,
  opScratch,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, ELEMENTS_WORK, POOL_TAPS } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkType } from './check'
import { roundUp } from './layer'

/** The complement of the order: results are the largest of x ^ flip. */
export const LARGEST: i32 = 0
export const SMALLEST: i32 = -1

// The packed region: u32 count of groups, then from the innermost on the size of each and its step in y in bytes, 0 where it is reduced.
const GROUPS: usize = 0
const SIZE: usize = 8
const STEP: usize = 12
export const EXTREME_PACKED_BYTES: u64 = 8 + 6 * 8
/** A counter for each group. */
export const EXTREME_SCRATCH_BYTES: u64 = 6 * 4

function isReduced(op: usize, dimension: u32): bool {
  return ((opAttribute(op, 0) >> dimension) & 1) !== 0
}

export function checkExtreme(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 1) || checkNoRequantization(op)
  if (status !== OK) return status
  const x = opInput(op, 0)
  const types = checkType(op, RESULT, tensorType(x)) || checkAttribute(op, 0, 1, (1 << tensorRank(x)) - 1)
  if (types !== OK) return types
  let wanted: u32 = 1
  for (let i: u32 = 0; i < tensorRank(x); i++) if (!isReduced(op, i)) wanted *= tensorDim(x, i)
  const got = tensorElements(opOutput(op, 0))
  return got === wanted ? OK : fail(SHAPE, ELEMENTS, got, wanted)
}

/** Elements of the innermost dimensions of one kind. */
function stretch(op: usize): u64 {
  const x = opInput(op, 0)
  let elements: u64 = 1
  let kind = -1
  for (let i = <i32>tensorRank(x) - 1; i >= 0; i--) {
    if (tensorDim(x, i) === 1) continue
    const reduced = isReduced(op, i) ? 1 : 0
    if (kind >= 0 && reduced !== kind) break
    kind = reduced
    elements *= tensorDim(x, i)
  }
  return elements
}

/** What a stretch of int8 costs beside its vectors of 16, and each element behind the last whole one where the stretch is kept. */
const STRETCH_TAPS: u64 = 64
const TAIL_TAPS: u64 = 12
/** Units of an element of another type, and of a stretch. */
const ELEMENT: u64 = 4

export function extremeWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  const stretches = elements / stretch(op)
  if (tensorType(opInput(op, 0)) !== INT8) addWork(work, ELEMENTS_WORK, (elements + stretches) * ELEMENT)
  else {
    const tail = isStretchReduced(op) ? 0 : (stretch(op) & 15) * TAIL_TAPS
    addWork(work, POOL_TAPS, stretches * (roundUp(stretch(op), 16) + STRETCH_TAPS + tail))
  }
}

function isStretchReduced(op: usize): bool {
  const x = opInput(op, 0)
  for (let i = <i32>tensorRank(x) - 1; i >= 0; i--) if (tensorDim(x, i) !== 1) return isReduced(op, i)
  return true
}

export function loadExtreme(op: usize): void {
  const packed = opPacked(op)
  const x = opInput(op, 0)
  let groups: u32 = 0
  let step = tensorBytes(x) / tensorElements(x)
  for (let i = <i32>tensorRank(x) - 1; i >= 0; i--) {
    const dim = tensorDim(x, i)
    if (dim === 1) continue
    const entry = packed + ((<usize>groups) << 3)
    const reduced = isReduced(op, i)
    // The entry before this one.
    if (groups > 0 && (load<u32>(entry - 8, STEP) === 0) === reduced) store<u32>(entry - 8, load<u32>(entry - 8, SIZE) * dim, SIZE)
    else {
      store<u32>(entry, dim, SIZE)
      store<u32>(entry, reduced ? 0 : step, STEP)
      groups++
    }
    if (!reduced) step *= dim
  }
  if (groups === 0) {
    store<u32>(packed, 1, SIZE)
    store<u32>(packed, step, STEP)
    groups = 1
  }
  store<u32>(packed, groups, GROUPS)
}

export function runExtreme(op: usize, flip: i32): void {
  const type = tensorType(opInput(op, 0))
  if (type === INT8) reduce<i8>(op, flip)
  else if (type === INT16) reduce<i16>(op, flip)
  else if (type === INT32) reduce<i32>(op, flip)
  else reduce<u8>(op, flip)
}

function reduce<T>(op: usize, flip: i32): void {
  const packed = opPacked(op)
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const size = <usize>load<u32>(packed, SIZE)
  const isStrip = load<u32>(packed, STEP) > 0
  memory.fill(opScratch(op), 0, <usize>EXTREME_SCRATCH_BYTES)
  // What the first element of each result replaces, or equals.
  const lowest = lowestOf<T>() ^ flip
  const yEnd = tensorPointer(y) + tensorBytes(y)
  if (sizeof<T>() === 1) memory.fill(tensorPointer(y), <u8>lowest, tensorBytes(y))
  else for (let at = tensorPointer(y); at < yEnd; at += sizeof<T>()) store<T>(at, <T>lowest)
  const end = tensorPointer(x) + tensorBytes(x)
  let out = tensorPointer(y)
  for (let from = tensorPointer(x); from < end; from += size * sizeof<T>()) {
    if (isStrip) extremeStrip<T>(from, size, flip, out)
    else extremeRun<T>(from, size, flip, out)
    out += nextStretch(op)
  }
}

/** Its complement is the largest. */
function lowestOf<T>(): i32 {
  return isSigned<T>() ? -1 << (8 * sizeof<T>() - 1) : 0
}

/** Counts up the groups behind the first, each carrying to the next; returns the bytes to move on in y. */
function nextStretch(op: usize): isize {
  const packed = opPacked(op)
  const groups = load<u32>(packed, GROUPS)
  let distance: isize = 0
  for (let i: u32 = 1; i < groups; i++) {
    const entry = packed + ((<usize>i) << 3)
    const counter = opScratch(op) + ((<usize>i) << 2)
    const count = load<u32>(counter) + 1
    const step = <isize>load<u32>(entry, STEP)
    if (count < load<u32>(entry, SIZE)) {
      store<u32>(counter, count)
      return distance + step
    }
    store<u32>(counter, 0)
    distance -= <isize>(count - 1) * step
  }
  return distance
}
