// What logistic, tanh and gelu share: on int8 they become a table at load, with requantization in integer form in every rounding mode; on
// int32 they are Q16.16. logistic and tanh on int16 go through one table with interpolation.
import { requantizeDouble, requantizeSingle } from '../math/requantize'
import { OK, RESULT } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opInput,
  opInputCount,
  opMultiplier,
  opShift,
  ROUNDING_SINGLE,
  rounding,
  tensorElements,
  tensorType,
} from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkRequantizationCounts, checkSameShape, checkType, validateIntegerMultiplier } from './check'
import { isInt16 } from './layer16'
import { addTableWork, TABLE_BYTES } from './lookup'

/** On int8: `zeros` attributes, all zero points, and q(entries). On int32: neither. */
export function checkActivation(op: usize, zeros: u32, entries: u32): i32 {
  const isWide = opInputCount(op) > 0 && isQ16(op)
  let status = isWide
    ? checkCounts(op, 1, 1, 0) || checkRequantizationCounts(op, 0, 0)
    : checkCounts(op, 1, 1, zeros) || checkRequantizationCounts(op, entries, entries)
  if (status !== OK) return status
  const type = isWide ? INT32 : INT8
  status = checkType(op, 0, type) || checkType(op, RESULT, type) || checkSameShape(op, RESULT, 0)
  if (isWide) return status
  for (let i: u32 = 0; i < zeros && status === OK; i++) status = checkAttribute(op, i, -128, 127)
  return status
}

/** On int16: no attribute, one requantization to steps of 1 / (3 · 4096). */
export function checkActivation16(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 0) || checkRequantizationCounts(op, 1, 1)
  return status || checkType(op, 0, INT16) || checkType(op, RESULT, INT16) || checkSameShape(op, RESULT, 0)
}

/** A shift up to 15. */
export function validateActivation16(op: usize): i32 {
  return validateIntegerMultiplier(op, 0, 1 << 15, -31)
}

/** The int16 at x, in steps of 1 / (3 · 4096); always by the mode `single`. */
export function stepsOfTable(op: usize, x: usize): i32 {
  return requantizeSingle(load<i16>(x), opMultiplier(op, 0), opShift(op, 0))
}

export function isQ16(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT32
}

/** `q16` are the units of an element of Q16.16. */
export function addActivationWork(op: usize, work: usize, q16: u64): void {
  if (isQ16(op) || isInt16(op)) addWork(work, FIXED_POINT_ELEMENTS, <u64>tensorElements(opInput(op, 0)) * (isQ16(op) ? q16 : 1))
  else addTableWork(op, work)
}

export function activationTableBytes(op: usize): u64 {
  return isQ16(op) || isInt16(op) ? 0 : TABLE_BYTES
}

/** Requantization of `value` by entry i, in the model's integer mode, `double` in fp32 models. */
export function requantizeInteger(op: usize, i: u32, value: i32): i32 {
  const multiplier = <i32>opMultiplier(op, i)
  return rounding() === ROUNDING_SINGLE
    ? requantizeSingle(value, multiplier, opShift(op, i))
    : requantizeDouble(value, multiplier, opShift(op, i))
}

/** Values of x − xZero at or past this are where a function of Q4.27 has reached its limit (docs/arithmetic.md, logistic). */
export function saturationRadius(op: usize): i32 {
  return (15 << 27) >> opShift(op, 0)
}

/** A shift of 0 to 30; values past the radius are never requantized, so that no bound is needed. */
export function validateSaturating(op: usize): i32 {
  return validateIntegerMultiplier(op, 0, 0, 0)
}
