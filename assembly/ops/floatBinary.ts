// floatBinary: y = a ∘ b on float32 bits, broadcast as in NumPy. Attribute: function.
import { add, div, isNan, mul, order, sub } from '../math/float32'
import { OK } from '../model/errors'
import { INT32, opAttribute, opOutput, opPacked, opScratch, tensorElements, tensorPointer } from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import {
  addBroadcastWork,
  BLOCK_ELEMENTS,
  BROADCAST_SCRATCH_BYTES,
  checkBroadcast,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  takeBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkAttribute, checkCounts, checkNoRequantization } from './check'

const ADD: i32 = 0
const SUB: i32 = 1
const MUL: i32 = 2
const DIV: i32 = 3
const MINIMUM: i32 = 4
const MAXIMUM: i32 = 5
const OTHERWISE: i32 = 6

/** Work of one result in elements of fixed point. */
const QUOTIENT_ELEMENTS: u64 = 6
const OTHER_ELEMENTS: u64 = 2

export function floatBinaryCheck(op: usize): i32 {
  const status = checkCounts(op, 2, 2, 1) || checkNoRequantization(op) || checkAttribute(op, 0, ADD, OTHERWISE)
  return status === OK ? checkBroadcast(op, INT32, INT32) : status
}

export function floatBinaryWork(op: usize, work: usize): void {
  addBroadcastWork(op, work, 2)
  const each = opAttribute(op, 0) === DIV ? QUOTIENT_ELEMENTS : OTHER_ELEMENTS
  addWork(work, FIXED_POINT_ELEMENTS, each * tensorElements(opOutput(op, 0)))
}

export function floatBinaryValidate(op: usize): i32 {
  return OK
}

export function floatBinaryPackedBytes(op: usize): u64 {
  return 2 * LAYOUT_BYTES
}

export function floatBinaryScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function floatBinaryLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
}

export function floatBinaryRun(op: usize): void {
  const scratch = opScratch(op)
  const elements = <i32>tensorElements(opOutput(op, 0))
  const block = BLOCK_ELEMENTS >> 1
  const a = wordsA(scratch)
  const b = wordsB(scratch)
  let y = tensorPointer(opOutput(op, 0))
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += block) {
    const count = min(elements - start, block)
    takeBlock(op, opPacked(op), scratch, count, 0, 0)
    for (let i: usize = 0; i < (<usize>count) << 2; i += 4, y += 4)
      store<u32>(y, combine(opAttribute(op, 0), load<u32>(a + i), load<u32>(b + i)))
  }
}

function combine(kind: i32, a: u32, b: u32): u32 {
  if (kind === ADD) return add(a, b)
  if (kind === SUB) return sub(a, b)
  if (kind === MUL) return mul(a, b)
  if (kind === DIV) return div(a, b)
  if (kind === OTHERWISE) return isNan(a) ? b : a
  if (isNan(a)) return a
  if (isNan(b)) return b
  return (kind === MINIMUM) === order(b) < order(a) ? b : a
}
