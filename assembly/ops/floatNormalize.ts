// floatNormalize, of each row of float32 bits along the last dimension. Attribute: norm. x over the largest element, or over the sum of the
// magnitudes; √(x² over the sum of squares) with the sign of x; or the softmax. Sums run from the first element on.
import { add, div, exponential, isNan, mul, negated, order, squareRoot, sub } from '../math/float32'
import { OK } from '../model/errors'
import { INT32, opAttribute, opInput, opOutput, tensorDim, tensorElements, tensorPointer, tensorRank } from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkSameShape, checkType, RESULT } from './check'

const LARGEST: i32 = 0
const MAGNITUDES: i32 = 1
const SQUARES: i32 = 2
const SOFTMAX: i32 = 3

const MAGNITUDE: u32 = 0x7fffffff
/** The least finite float32. */
const LOWEST: u32 = 0xff7fffff

export function floatNormalizeCheck(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 1) || checkNoRequantization(op) || checkType(op, 0, INT32) || checkType(op, RESULT, INT32)
  return status === OK ? checkAttribute(op, 0, LARGEST, SOFTMAX) || checkSameShape(op, RESULT, 0) : status
}

/** Each element is looked at, added and divided; of squares also multiplied and under a root, of a softmax also an exponent. */
export function floatNormalizeWork(op: usize, work: usize): void {
  const each: u64 = opAttribute(op, 0) >= SQUARES ? 8 : 3
  addWork(work, FIXED_POINT_ELEMENTS, each * tensorElements(opInput(op, 0)))
}

export function floatNormalizeValidate(op: usize): i32 {
  return OK
}

export function floatNormalizePackedBytes(op: usize): u64 {
  return 0
}

export function floatNormalizeScratchBytes(op: usize): u64 {
  return 0
}

export function floatNormalizeLoad(op: usize): void {}

export function floatNormalizeRun(op: usize): void {
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const bytes = (<usize>tensorElements(opInput(op, 0))) << 2
  const row = (<usize>tensorDim(opInput(op, 0), tensorRank(opInput(op, 0)) - 1)) << 2
  const norm = opAttribute(op, 0)
  for (let at: usize = 0; at < bytes; at += row) {
    if (norm === SOFTMAX) powers(x + at, row, y + at)
    else if (norm === SQUARES) squares(x + at, row, y + at)
    else memory.copy(y + at, x + at, row)
    const divisor = norm === LARGEST ? largest(y + at, row) : sum(y + at, row)
    const isKept = norm !== SOFTMAX && (divisor & MAGNITUDE) === 0
    if (isKept) memory.copy(y + at, x + at, row)
    else divide(y + at, row, divisor)
    if (norm === SQUARES && !isKept) roots(x + at, row, y + at)
  }
}

function largest(x: usize, bytes: usize): u32 {
  let found = LOWEST
  for (let at = x; at < x + bytes; at += 4) {
    const value = load<u32>(at)
    if (!isNan(value) && order(value) > order(found)) found = value
  }
  return found
}

function powers(x: usize, bytes: usize, y: usize): void {
  const most = largest(x, bytes)
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(y + at, exponential(sub(load<u32>(x + at), most)))
}

function squares(x: usize, bytes: usize, y: usize): void {
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(y + at, mul(load<u32>(x + at), load<u32>(x + at)))
}

/** Of magnitudes. */
function sum(x: usize, bytes: usize): u32 {
  let total: u32 = 0
  for (let at = x; at < x + bytes; at += 4) total = add(total, load<u32>(at) & MAGNITUDE)
  return total
}

function divide(x: usize, bytes: usize, divisor: u32): void {
  for (let at = x; at < x + bytes; at += 4) store<u32>(at, div(load<u32>(at), divisor))
}

/** y becomes its root, with the sign of x. */
function roots(x: usize, bytes: usize, y: usize): void {
  for (let at: usize = 0; at < bytes; at += 4) {
    const root = squareRoot(load<u32>(y + at))
    store<u32>(y + at, !isNan(root) && order(load<u32>(x + at)) < 0 ? negated(root) : root)
  }
}
