// pairwise: a whole function of two numbers, broadcast as in NumPy, int8, int16 or int32, in two's complement of that width. Attribute: kind,
// kernels/pairwise.ts. The comparisons give int8 of 0 and 1.
import { compareInts, EQUAL, extendWords, LESS_UNSIGNED, pairInts, QUOTIENT, SHIFT_LEFT } from '../kernels/pairwise'
import { OK } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opOutput,
  opPacked,
  opScratch,
  tensorElements,
  tensorPointer,
  tensorType,
} from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import {
  addBroadcastWork,
  BLOCK_ELEMENTS,
  BROADCAST_SCRATCH_BYTES,
  blockAccumulators,
  checkBroadcast,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  takeBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkAttribute, checkCounts, checkNoRequantization } from './check'

/** Elements of a block, and the bytes of its two operands as int32. */
const BLOCK: i32 = BLOCK_ELEMENTS >> 1
const INTS: usize = (<usize>BLOCK) << 2

// Units of an element: of int32 in vectors, of a type that is widened first or one at a time, and of a division.
const VECTOR_ELEMENT: u64 = 2
const SCALAR_ELEMENT: u64 = 4
const DIVISION_ELEMENT: u64 = 8

function kindOf(op: usize): u32 {
  return opAttribute(op, 0)
}

export function pairwiseCheck(op: usize): i32 {
  const status = checkCounts(op, 2, 2, 1) || checkNoRequantization(op) || checkAttribute(op, 0, 0, LESS_UNSIGNED)
  if (status !== OK) return status
  const type = tensorType(opInput(op, 0))
  const known = type === INT16 || type === INT32 ? type : INT8
  return checkBroadcast(op, known, kindOf(op) >= EQUAL ? INT8 : known)
}

export function pairwiseWork(op: usize, work: usize): void {
  const kind = kindOf(op)
  const isWide = tensorType(opInput(op, 0)) === INT32
  const each = kind < SHIFT_LEFT && isWide ? VECTOR_ELEMENT : kind < QUOTIENT || kind >= EQUAL ? SCALAR_ELEMENT : DIVISION_ELEMENT
  addWork(work, ELEMENTS_WORK, <u64>tensorElements(opOutput(op, 0)) * each)
  addBroadcastWork(op, work, 2)
}

export function pairwiseValidate(op: usize): i32 {
  return OK
}

export function pairwisePackedBytes(op: usize): u64 {
  return 2 * LAYOUT_BYTES
}

export function pairwiseScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES + 2 * INTS
}

export function pairwiseLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
}

export function pairwiseRun(op: usize): void {
  const scratch = opScratch(op)
  const kind = kindOf(op)
  const type = tensorType(opInput(op, 0))
  const shift: usize = type === INT32 ? 2 : type === INT16 ? 1 : 0
  const isWide = type === INT32
  const ints = scratch + <usize>BROADCAST_SCRATCH_BYTES
  const a = isWide ? wordsA(scratch) : ints
  const b = isWide ? wordsB(scratch) : ints + INTS
  const elements = <i32>tensorElements(opOutput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK) {
    const count = min(elements - start, BLOCK)
    takeBlock(op, opPacked(op), scratch, count, 0, 0)
    if (!isWide) {
      extendWords(wordsA(scratch), count, a)
      extendWords(wordsB(scratch), count, b)
    }
    if (kind >= EQUAL) {
      compareInts(kind, a, b, count, y)
      y += count
    } else if (isWide) {
      pairInts(kind, a, b, count, 32, y)
      y += (<usize>count) << 2
    } else {
      pairInts(kind, a, b, count, 8 << (<u32>shift), blockAccumulators(scratch))
      lowBits(blockAccumulators(scratch), count, type, y)
      y += (<usize>count) << shift
    }
  }
}

/** The low byte or word of each int32. */
function lowBits(ints: usize, count: i32, type: u32, out: usize): void {
  const end = ints + ((<usize>count) << 2)
  if (type === INT16) for (; ints < end; ints += 4, out += 2) store<u16>(out, load<u16>(ints))
  else for (; ints < end; ints += 4, out++) store<u8>(out, load<u8>(ints))
}
