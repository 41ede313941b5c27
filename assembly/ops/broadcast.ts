// Binary operators: broadcast as in NumPy. Both operands are brought to the order of the result, a block at a time: int8 widened to int16
// x − zero, int16 and int32 as they are.
//
// Each operand has a layout in the packed region: its dimensions with neighbours of one kind (walked, or repeated) merged, so that operands
// of the result's shape are one dimension. A cursor in scratch walks it.
import { fill, widen } from '../kernels/widen'
import { fail, OK, SHAPE } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opOutput,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, ELEMENTS_WORK, PREPARED_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkDim, checkInt8Bounds, checkInt16Bounds, checkRank, checkType, RESULT } from './check'
import { elementBytes } from './layer'

/** Elements of a block; half as many of int32. */
export const BLOCK_ELEMENTS: i32 = 512

// Layout: u32 rank, then for each dimension its size and its step in bytes (0 where it repeats), from the innermost on.
const RANK: usize = 0
const SIZE: usize = 8
const STEP: usize = 12
export const LAYOUT_BYTES: usize = 64

// Cursor: where the run of the innermost dimension begins, how far it is walked, and a counter for each outer dimension.
const POINTER: usize = 0
const WALKED: usize = 4
const COUNTERS: usize = 8
export const CURSOR_BYTES: usize = 32

// Scratch: two cursors, two blocks of int16 (8 elements more may be read) or half as many int32, a block of int32.
const WORDS_A: usize = 2 * CURSOR_BYTES
const WORDS_B: usize = WORDS_A + 1024 + 16
const ACCUMULATORS: usize = WORDS_B + 1024 + 16
export const BROADCAST_SCRATCH_BYTES: u64 = 64 + 1040 + 1040 + 2048 + 64

/** Operands and result, int8 or int16; the attributes aZero bZero yZero yMin yMax, the zero points 0 on int16. */
export function checkBinary(op: usize): i32 {
  let status = checkCounts(op, 2, 2, 5)
  if (status !== OK) return status
  const isWide = tensorType(opInput(op, 0)) === INT16
  const type = isWide ? INT16 : INT8
  status = checkBroadcast(op, type, type)
  const low = isWide ? 0 : -128
  const high = isWide ? 0 : 127
  for (let i: u32 = 0; i < 3 && status === OK; i++) status = checkAttribute(op, i, low, high)
  if (status !== OK) return status
  return isWide ? checkInt16Bounds(op, 3) : checkInt8Bounds(op, 3)
}

/** Two operands of `type` whose shapes broadcast to that of the result, which is of `resultType`. */
export function checkBroadcast(op: usize, type: u32, resultType: u32): i32 {
  const status = checkType(op, 0, type) || checkType(op, 1, type) || checkType(op, RESULT, resultType)
  return status !== OK ? status : checkBroadcastShape(op, 2)
}

/** The shapes of the first `count` operands broadcast to the result's. */
export function checkBroadcastShape(op: usize, count: u32): i32 {
  let rank: u32 = 1
  for (let i: u32 = 0; i < count; i++) rank = max(rank, tensorRank(opInput(op, i)))
  let status = checkRank(op, RESULT, rank)
  for (let d: u32 = 0; d < rank && status === OK; d++) {
    let size: u32 = 1
    for (let i: u32 = 0; i < count && status === OK; i++) {
      const own = alignedDim(opInput(op, i), rank, d)
      if (size === 1) size = own
      else if (own !== 1 && own !== size) status = fail(SHAPE, d, own, size)
    }
    if (status === OK) status = checkDim(op, RESULT, d, size)
  }
  return status
}

/** Dimension i of a tensor right-aligned to `rank` dimensions. */
function alignedDim(t: usize, rank: u32, i: u32): u32 {
  const missing = rank - tensorRank(t)
  return i < missing ? 1 : tensorDim(t, i - missing)
}

/** The cost of a run of its own: that of so many prepared elements. */
const RUN_ELEMENTS: u64 = 32

/** The elements, `cost` units each; and for an operand that is repeated, the elements of all its runs. */
export function addBinaryWork(op: usize, work: usize, cost: u64): void {
  const elements = <u64>tensorElements(opOutput(op, 0))
  addWork(work, ELEMENTS_WORK, elements * cost)
  addBroadcastWork(op, work, 2)
}

/** What it costs to repeat some of the first `count` operands. */
export function addBroadcastWork(op: usize, work: usize, count: u32): void {
  const elements = <u64>tensorElements(opOutput(op, 0))
  for (let i: u32 = 0; i < count; i++)
    if (<u64>tensorElements(opInput(op, i)) !== elements)
      addWork(work, PREPARED_ELEMENTS, elements + (elements / innerRun(op, i)) * RUN_ELEMENTS)
}

/** Size of an operand's innermost merged dimension. */
function innerRun(op: usize, i: u32): u64 {
  const y = opOutput(op, 0)
  const rank = tensorRank(y)
  let size: u64 = 1
  let isWalked = false
  for (let d = <i32>rank - 1; d >= 0; d--) {
    if (tensorDim(y, d) === 1) continue
    const isDimensionWalked = alignedDim(opInput(op, i), rank, d) !== 1
    if (size > 1 && isDimensionWalked !== isWalked) break
    isWalked = isDimensionWalked
    size *= tensorDim(y, d)
  }
  return size
}

export function loadLayouts(op: usize, layouts: usize): void {
  loadLayout(op, 0, layouts)
  loadLayout(op, 1, layouts + LAYOUT_BYTES)
}

/** The layout of operand i. */
export function loadLayout(op: usize, i: u32, layout: usize): void {
  const t = opInput(op, i)
  const y = opOutput(op, 0)
  const rank = tensorRank(y)
  let entry = layout
  let merged: u32 = 0
  let stride = <u32>elementBytes(tensorType(t))
  for (let d = <i32>rank - 1; d >= 0; d--) {
    const size = tensorDim(y, d)
    if (size === 1) continue
    const step = alignedDim(t, rank, d) === 1 ? 0 : stride
    const isLikeLast = merged > 0 && step > 0 === load<u32>(entry, STEP) > 0
    if (isLikeLast) store<u32>(entry, load<u32>(entry, SIZE) * size, SIZE)
    else {
      if (merged > 0) entry += 8
      store<u32>(entry, size, SIZE)
      store<u32>(entry, step, STEP)
      merged++
    }
    if (step > 0) stride *= size
  }
  if (merged === 0) {
    store<u32>(layout, 1, SIZE)
    store<u32>(layout, 1, STEP)
    merged = 1
  }
  store<u32>(layout, merged, RANK)
}

export function startBinary(op: usize, scratch: usize): void {
  startCursor(op, 0, scratch)
  startCursor(op, 1, scratch + CURSOR_BYTES)
}

export function startCursor(op: usize, i: u32, cursor: usize): void {
  memory.fill(cursor, 0, CURSOR_BYTES)
  store<u32>(cursor, <u32>tensorPointer(opInput(op, i)), POINTER)
}

/** Brings the next `count` elements of both operands to the scratch; the attributes 0 and 1 are the zero points of int8. */
export function widenBlock(op: usize, layouts: usize, scratch: usize, count: i32): void {
  takeBlock(op, layouts, scratch, count, opAttribute(op, 0), opAttribute(op, 1))
}

/** As widenBlock, with the zero points given. */
export function takeBlock(op: usize, layouts: usize, scratch: usize, count: i32, zeroA: i32, zeroB: i32): void {
  const type = tensorType(opInput(op, 0))
  walk(type, layouts, scratch, count, zeroA, wordsA(scratch))
  walk(type, layouts + LAYOUT_BYTES, scratch + CURSOR_BYTES, count, zeroB, wordsB(scratch))
}

export function wordsA(scratch: usize): usize {
  return scratch + WORDS_A
}

export function wordsB(scratch: usize): usize {
  return scratch + WORDS_B
}

export function blockAccumulators(scratch: usize): usize {
  return scratch + ACCUMULATORS
}

/** Brings the next `count` elements of an operand to `out`: int8 as int16 less `zero`, the others as they are. */
export function walk(type: u32, layout: usize, cursor: usize, count: i32, zero: i32, out: usize): void {
  const size = load<u32>(layout, SIZE)
  const isWalked = load<u32>(layout, STEP) > 0
  const taken: usize = type === INT32 ? 4 : 2
  let left = <u32>count
  while (left > 0) {
    const pointer = <usize>load<u32>(cursor, POINTER)
    const walked = load<u32>(cursor, WALKED)
    const run = min(size - walked, left)
    if (type === INT8) {
      if (isWalked) widen(pointer + walked, run, zero, out)
      else fill(out, run, <i32>load<i8>(pointer) - zero)
    } else if (isWalked) memory.copy(out, pointer + <usize>walked * taken, <usize>run * taken)
    else if (type === INT16) fill(out, run, load<i16>(pointer))
    else fillInts(out, run, load<i32>(pointer))
    out += <usize>run * taken
    left -= run
    store<u32>(cursor, walked + run, WALKED)
    if (walked + run === size) nextRun(layout, cursor)
  }
}

function fillInts(out: usize, count: usize, value: i32): void {
  for (const end = out + (count << 2); out < end; out += 4) store<i32>(out, value)
}

/** Moves to the start of the next run: the outer dimensions count up, each carrying to the next. */
function nextRun(layout: usize, cursor: usize): void {
  const rank = load<u32>(layout, RANK)
  let pointer = load<u32>(cursor, POINTER)
  store<u32>(cursor, 0, WALKED)
  for (let d: u32 = 1; d < rank; d++) {
    const entry = layout + ((<usize>d) << 3)
    const counter = cursor + ((<usize>d) << 2)
    const count = load<u32>(counter, COUNTERS) + 1
    const step = load<u32>(entry, STEP)
    if (count < load<u32>(entry, SIZE)) {
      store<u32>(counter, count, COUNTERS)
      store<u32>(cursor, pointer + step, POINTER)
      return
    }
    store<u32>(counter, 0, COUNTERS)
    pointer -= (count - 1) * step
  }
}
