// What add and sub share: y = a ± b, broadcast as in NumPy, int8 or int16. Attributes: aZero bZero yZero yMin yMax.
// Requantization: on int8 in fp32 two int32 multipliers and one shift; otherwise that of a, of b and of y.
//
// On int8 the two inner requantizations have 256 arguments each: tables, built at load, that of b with the sign.
import { addLookedUp, addWeighted } from '../kernels/elementwise'
import { requantizeIn } from '../kernels/int16'
import { CHANNEL_CONSTANTS_BYTES, requantizeFlat } from '../kernels/requantize'
import { clampSum } from '../math/requantize'
import { enter, fail, MULTIPLIER, OK, SHIFT_FIELD } from '../model/errors'
import {
  NO_INDEX,
  opAttribute,
  opIndex,
  opMultiplier,
  opOutput,
  opPacked,
  opScratch,
  opShift,
  ROUNDING_FP32,
  rounding,
  tensorElements,
  tensorPointer,
} from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import {
  addBinaryWork,
  BLOCK_ELEMENTS,
  blockAccumulators,
  checkBinary,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  widenBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkRequantizationCounts, validateIntegerMultiplier } from './check'
import { packUniformConstants } from './layer'
import { isInt16 } from './layer16'

const LEFT_SHIFT: i32 = 20
const LEFT_SHIFT_16: i32 = 15
/** Largest magnitude of a shifted operand: 255 · 2^20. Requantization with a shift ≤ 0 makes none larger. */
const SHIFTED: i64 = 255 << 20

// fp32: the sum of both products and the nudge fits int32.
const LEAST_FP32_SHIFT: i32 = 13
const MOST_FP32_SHIFT: i32 = 30
const MOST_FP32_MULTIPLIER: i64 = 1 << 21

const CONSTANTS: usize = 2 * LAYOUT_BYTES
const TABLES: usize = CONSTANTS + CHANNEL_CONSTANTS_BYTES
/** Entries for −128 − zero to 127 − zero. */
const TABLE_BYTES: usize = 1024

export function checkAddition(op: usize): i32 {
  const status = checkBinary(op)
  if (status !== OK) return status
  return isWeighted(op) ? checkRequantizationCounts(op, 2, 1) : checkRequantizationCounts(op, 3, 3)
}

/** Whether it is XNNPACK's form, two weights and one shift. */
function isWeighted(op: usize): bool {
  return rounding() === ROUNDING_FP32 && !isInt16(op)
}

/** Units of an element: weighted in one vector, requantized three times in vectors, or one at a time. */
const WEIGHTED_ELEMENT: u64 = 3
const INTEGER_ELEMENT: u64 = 5
const INT16_ELEMENT: u64 = 48

export function addAdditionWork(op: usize, work: usize): void {
  addBinaryWork(op, work, isInt16(op) ? INT16_ELEMENT : isWeighted(op) ? WEIGHTED_ELEMENT : INTEGER_ELEMENT)
}

export function validateAddition(op: usize): i32 {
  enter(opIndex(op), NO_INDEX)
  if (isWeighted(op)) {
    for (let i: u32 = 0; i < 2; i++) {
      const multiplier = <i64>(<i32>opMultiplier(op, i))
      if (multiplier < -MOST_FP32_MULTIPLIER) return fail(MULTIPLIER, i, multiplier, -MOST_FP32_MULTIPLIER)
      if (multiplier > MOST_FP32_MULTIPLIER) return fail(MULTIPLIER, i, multiplier, MOST_FP32_MULTIPLIER)
    }
    const shift = opShift(op, 0)
    if (shift < LEAST_FP32_SHIFT) return fail(MULTIPLIER, SHIFT_FIELD, shift, LEAST_FP32_SHIFT)
    return shift > MOST_FP32_SHIFT ? fail(MULTIPLIER, SHIFT_FIELD, shift, MOST_FP32_SHIFT) : OK
  }
  const reach: i64 = isInt16(op) ? (<i64>1) << 30 : SHIFTED
  for (let i: u32 = 0; i < 2; i++) {
    const status = validateIntegerMultiplier(op, i, reach, -31)
    if (status !== OK) return status
    if (opShift(op, i) > 0) return fail(MULTIPLIER, SHIFT_FIELD + i, opShift(op, i), 0)
  }
  return validateIntegerMultiplier(op, 2, min(2 * reach, <i64>i32.MAX_VALUE), -31)
}

export function additionPackedBytes(op: usize): u64 {
  return isWeighted(op) || isInt16(op) ? CONSTANTS : TABLES + 2 * TABLE_BYTES
}

/** `sign` is 1 or −1: of b. */
export function loadAddition(op: usize, sign: i32): void {
  loadLayouts(op, opPacked(op))
  if (isWeighted(op) || isInt16(op)) return
  packUniformConstants(op, 2, 0, opPacked(op) + CONSTANTS, opScratch(op))
  for (let i: u32 = 0; i < 2; i++) {
    const multiplier = <i32>opMultiplier(op, i)
    for (let q = -128; q < 128; q++) {
      const shifted = (q - opAttribute(op, i)) << LEFT_SHIFT
      const value = requantizeIn(rounding(), shifted, multiplier, opShift(op, i))
      store<i32>(opPacked(op) + TABLES + <usize>i * TABLE_BYTES + ((<usize>(q + 128)) << 2), i === 0 ? value : value * sign)
    }
  }
}

/** The table entry of operand i where a − zero is 0. */
function tableOrigin(op: usize, i: u32): usize {
  return opPacked(op) + TABLES + <usize>i * TABLE_BYTES + ((<usize>(opAttribute(op, i) + 128)) << 2)
}

export function runAddition(op: usize, sign: i32): void {
  if (isInt16(op)) {
    runAddition16(op, sign)
    return
  }
  const layouts = opPacked(op)
  const scratch = opScratch(op)
  const y = tensorPointer(opOutput(op, 0))
  const elements = <i32>tensorElements(opOutput(op, 0))
  const zero = opAttribute(op, 2)
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  const a = wordsA(scratch)
  const b = wordsB(scratch)
  const accumulators = blockAccumulators(scratch)
  const factorA = <i32>opMultiplier(op, 0)
  const factorB = <i32>opMultiplier(op, 1) * sign
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    widenBlock(op, layouts, scratch, count)
    if (isWeighted(op)) addWeighted(a, b, count, factorA, factorB, opShift(op, 0), zero, least, most, accumulators, y + start)
    else {
      addLookedUp(a, b, count, tableOrigin(op, 0), tableOrigin(op, 1), accumulators)
      requantizeFlat(rounding(), accumulators, count, layouts + CONSTANTS, zero, least, most, y + start)
    }
  }
}

function runAddition16(op: usize, sign: i32): void {
  const scratch = opScratch(op)
  const y = tensorPointer(opOutput(op, 0))
  const elements = <i32>tensorElements(opOutput(op, 0))
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  const mode = rounding()
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    widenBlock(op, opPacked(op), scratch, count)
    for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
      const a = requantizeIn(mode, (<i32>load<i16>(wordsA(scratch) + i)) << LEFT_SHIFT_16, opMultiplier(op, 0), opShift(op, 0))
      const b = requantizeIn(mode, (<i32>load<i16>(wordsB(scratch) + i)) << LEFT_SHIFT_16, opMultiplier(op, 1), opShift(op, 1))
      const sum = requantizeIn(mode, a + b * sign, opMultiplier(op, 2), opShift(op, 2))
      store<i16>(y + ((<usize>start) << 1) + i, <i16>clampSum(sum, 0, least, most))
    }
  }
}
