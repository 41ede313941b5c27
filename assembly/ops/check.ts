// Checks that several operators share. Each returns OK, or fills the error record (docs/embedding.md, Details) and returns a code.
// A place names an operand (0 to 63) or a result (RESULT + index).
import {
  ATTRIBUTE,
  DATA,
  ELEMENTS,
  ENCODING,
  enter,
  fail,
  MULTIPLIER,
  OK,
  RANK,
  RESULT,
  SHAPE,
  SHIFT_FIELD,
  TENSOR,
  TYPE,
} from '../model/errors'

export { RESULT } from '../model/errors'

import {
  NO_INDEX,
  opAttribute,
  opAttributeCount,
  opIndex,
  opInput,
  opInputCount,
  opMultiplier,
  opMultiplierCount,
  opOutput,
  opOutputCount,
  opShift,
  opShiftCount,
  ROUNDING_FP32,
  rounding,
  tensorDim,
  tensorElements,
  tensorIndex,
  tensorIsConstant,
  tensorRank,
  tensorType,
} from '../model/records'

export function operand(op: usize, place: u32): usize {
  return place < RESULT ? opInput(op, place) : opOutput(op, place - RESULT)
}

/** Number of operands within bounds, one result, the number of attributes. */
export function checkCounts(op: usize, fewestInputs: u32, mostInputs: u32, attributes: u32): i32 {
  return checkCountsOf(op, fewestInputs, mostInputs, attributes, 1)
}

/** As checkCounts, with `results` results. */
export function checkCountsOf(op: usize, fewestInputs: u32, mostInputs: u32, attributes: u32, results: u32): i32 {
  const inputs = opInputCount(op)
  if (inputs < fewestInputs) return fail(ENCODING, 1, inputs, fewestInputs)
  if (inputs > mostInputs) return fail(ENCODING, 1, inputs, mostInputs)
  if (opOutputCount(op) !== results) return fail(ENCODING, 2, opOutputCount(op), results)
  if (opAttributeCount(op) !== attributes) return fail(ENCODING, 3, opAttributeCount(op), attributes)
  return OK
}

/** Exact lengths of the two requantization lists. */
export function checkRequantizationCounts(op: usize, multipliers: u32, shifts: u32): i32 {
  if (opMultiplierCount(op) !== multipliers) return fail(ENCODING, 4, opMultiplierCount(op), multipliers)
  if (opShiftCount(op) !== shifts) return fail(ENCODING, 5, opShiftCount(op), shifts)
  return OK
}

/** No requantization. */
export function checkNoRequantization(op: usize): i32 {
  return checkRequantizationCounts(op, 0, 0)
}

/** q(n) in the model's mode: n multipliers, and n shifts but in fp32. */
export function checkRequantization(op: usize, entries: u32): i32 {
  return checkRequantizationCounts(op, entries, rounding() === ROUNDING_FP32 ? 0 : entries)
}

/** q(1), or q(channels). */
export function checkRequantizationPerChannel(op: usize, channels: u32): i32 {
  return checkRequantization(op, opMultiplierCount(op) === 1 ? 1 : channels)
}

export function checkType(op: usize, place: u32, type: u32): i32 {
  const t = operand(op, place)
  return tensorType(t) === type ? OK : failTensor(op, t, (TYPE << 8) | place, tensorType(t), type)
}

export function checkConstant(op: usize, place: u32): i32 {
  const t = operand(op, place)
  return tensorIsConstant(t) ? OK : failTensor(op, t, (DATA << 8) | place, 0, 1)
}

export function checkRank(op: usize, place: u32, rank: u32): i32 {
  const t = operand(op, place)
  return tensorRank(t) === rank ? OK : failTensor(op, t, (RANK << 8) | place, tensorRank(t), rank)
}

function failTensor(op: usize, t: usize, field: u32, got: i64, wanted: i64): i32 {
  enter(opIndex(op), tensorIndex(t))
  return fail(TENSOR, field, got, wanted)
}

/** low ≤ attribute i ≤ high. */
export function checkAttribute(op: usize, i: u32, low: i32, high: i32): i32 {
  const value = opAttribute(op, i)
  if (value < low) return fail(ATTRIBUTE, i, value, low)
  if (value > high) return fail(ATTRIBUTE, i, value, high)
  return OK
}

/** Attributes i and i + 1: −128 ≤ yMin ≤ yMax ≤ 127. */
export function checkInt8Bounds(op: usize, i: u32): i32 {
  const status = checkAttribute(op, i, -128, 127)
  return status !== OK ? status : checkAttribute(op, i + 1, opAttribute(op, i), 127)
}

/** Attributes i and i + 1: −2^15 ≤ yMin ≤ yMax ≤ 2^15 − 1. */
export function checkInt16Bounds(op: usize, i: u32): i32 {
  const status = checkAttribute(op, i, i16.MIN_VALUE, i16.MAX_VALUE)
  return status !== OK ? status : checkAttribute(op, i + 1, opAttribute(op, i), i16.MAX_VALUE)
}

/** Dimension i of the tensor at `place` is `wanted`. */
export function checkDim(op: usize, place: u32, i: u32, wanted: u64): i32 {
  const t = operand(op, place)
  const got = tensorDim(t, i)
  if (<u64>got === wanted) return OK
  enter(opIndex(op), tensorIndex(t))
  return fail(SHAPE, i, got, wanted)
}

/** The tensors at two places have one shape. */
export function checkSameShape(op: usize, place: u32, other: u32): i32 {
  const rank = tensorRank(operand(op, other))
  let status = checkRank(op, place, rank)
  for (let i: u32 = 0; i < rank && status === OK; i++) status = checkDim(op, place, i, tensorDim(operand(op, other), i))
  return status
}

export function checkSameElements(op: usize, place: u32, other: u32): i32 {
  const t = operand(op, place)
  const wanted = tensorElements(operand(op, other))
  if (tensorElements(t) === wanted) return OK
  enter(opIndex(op), tensorIndex(t))
  return fail(SHAPE, ELEMENTS, tensorElements(t), wanted)
}

const SMALLEST_NORMAL_BITS: u32 = 0x00800000
const LARGEST_FINITE_BITS: u32 = 0x7f7fffff
const MOST_WIDE_SHIFT: i32 = 7

/** Value of entry i in the model's mode; `bound` is the largest magnitude that is requantized with it, 0 to 2^31 − 1. */
export function validateMultiplier(op: usize, i: u32, bound: i64): i32 {
  if (rounding() !== ROUNDING_FP32) return validateIntegerMultiplier(op, i, bound, -31)
  const bits = opMultiplier(op, i)
  enter(opIndex(op), NO_INDEX)
  if (bits < SMALLEST_NORMAL_BITS) return fail(MULTIPLIER, i, bits, SMALLEST_NORMAL_BITS)
  if (bits > LARGEST_FINITE_BITS) return fail(MULTIPLIER, i, bits, LARGEST_FINITE_BITS)
  return OK
}

/** Value of entry i in integer form, whatever the model's mode; `lowest` is the lowest shift allowed. */
export function validateIntegerMultiplier(op: usize, i: u32, bound: i64, lowest: i32): i32 {
  const multiplier = <i64>(<i32>opMultiplier(op, i))
  const shift = opShift(op, i)
  enter(opIndex(op), NO_INDEX)
  if (multiplier < 0) return fail(MULTIPLIER, i, multiplier, 0)
  if (multiplier > 0 && multiplier < 1 << 29) return fail(MULTIPLIER, i, multiplier, 1 << 29)
  if (shift < lowest) return fail(MULTIPLIER, SHIFT_FIELD + i, shift, lowest)
  if (shift > 30) return fail(MULTIPLIER, SHIFT_FIELD + i, shift, 30)
  if (shift > 0 && bound << shift >= (<i64>1) << 31) return fail(MULTIPLIER, SHIFT_FIELD + i, shift, <i64>30 - (<i64>63 - clz(bound)))
  return OK
}

/** Value of entry i of a wide requantization: a shift of −31 to 7, whatever the accumulator. */
export function validateWideMultiplier(op: usize, i: u32): i32 {
  const status = validateIntegerMultiplier(op, i, 0, -31)
  if (status !== OK) return status
  return opShift(op, i) > MOST_WIDE_SHIFT ? fail(MULTIPLIER, SHIFT_FIELD + i, opShift(op, i), MOST_WIDE_SHIFT) : OK
}
