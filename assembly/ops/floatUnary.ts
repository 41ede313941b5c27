// floatUnary: y = f(x), element by element, of float32 bits or to or from integers. Attributes: function, bits (behind the point of an
// integer).
import { exponential, fromInteger, logistic, order, toInteger } from '../math/float32'
import { OK } from '../model/errors'
import { INT32, opAttribute, opInput, opOutput, tensorElements, tensorPointer } from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkSameShape, checkType, RESULT } from './check'

const ORDER: i32 = 0
const TO_INTEGER: i32 = 1
const FROM_INTEGER: i32 = 2
const LOGISTIC: i32 = 3
const EXPONENTIAL: i32 = 4

/** Work of one e^x, alone or in a logistic function, in elements of fixed point. */
const EXPONENTIAL_ELEMENTS: u64 = 12

export function floatUnaryCheck(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 2) || checkNoRequantization(op) || checkType(op, 0, INT32) || checkType(op, RESULT, INT32)
  if (status !== OK) return status
  const kind = opAttribute(op, 0)
  const mostBits = kind === TO_INTEGER || kind === FROM_INTEGER ? 30 : 0
  return checkAttribute(op, 0, ORDER, EXPONENTIAL) || checkAttribute(op, 1, 0, mostBits) || checkSameShape(op, RESULT, 0)
}

export function floatUnaryWork(op: usize, work: usize): void {
  const each = opAttribute(op, 0) >= LOGISTIC ? EXPONENTIAL_ELEMENTS : 1
  addWork(work, FIXED_POINT_ELEMENTS, each * tensorElements(opInput(op, 0)))
}

export function floatUnaryValidate(op: usize): i32 {
  return OK
}

export function floatUnaryPackedBytes(op: usize): u64 {
  return 0
}

export function floatUnaryScratchBytes(op: usize): u64 {
  return 0
}

export function floatUnaryLoad(op: usize): void {}

export function floatUnaryRun(op: usize): void {
  const kind = opAttribute(op, 0)
  const bits = opAttribute(op, 1)
  let x = tensorPointer(opInput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  for (const end = x + ((<usize>tensorElements(opInput(op, 0))) << 2); x < end; x += 4, y += 4)
    store<u32>(y, apply(kind, bits, load<u32>(x)))
}

function apply(kind: i32, bits: i32, x: u32): u32 {
  if (kind === ORDER) return order(x)
  if (kind === TO_INTEGER) return toInteger(x, bits)
  if (kind === FROM_INTEGER) return fromInteger(<i32>x, bits)
  return kind === LOGISTIC ? logistic(x) : exponential(x)
}
