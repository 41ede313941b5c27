// add: y = a + b, broadcast as in NumPy, int8. Attributes: aZero bZero yZero yMin yMax.
// Requantization: in fp32 two int32 multipliers and one shift; in single and double that of a, of b and of y.
//
// The two inner requantizations have 256 arguments each: tables, built at load.
import { addLookedUp, addWeighted } from '../kernels/elementwise'
import { CHANNEL_CONSTANTS_BYTES, requantizeFlat } from '../kernels/requantize'
import { requantizeDouble, requantizeSingle } from '../math/requantize'
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
  ROUNDING_SINGLE,
  rounding,
  tensorElements,
  tensorPointer,
} from '../model/records'
import {
  addBinaryWork,
  BLOCK_ELEMENTS,
  BROADCAST_SCRATCH_BYTES,
  blockAccumulators,
  checkBinary,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  widenBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkRequantization, checkRequantizationCounts, validateMultiplier } from './check'
import { packUniformConstants } from './layer'

const LEFT_SHIFT: i32 = 20
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

export function addCheck(op: usize): i32 {
  const status = checkBinary(op)
  if (status !== OK) return status
  return rounding() === ROUNDING_FP32 ? checkRequantizationCounts(op, 2, 1) : checkRequantization(op, 3)
}

export function addWork(op: usize, work: usize): void {
  addBinaryWork(op, work)
}

export function addValidate(op: usize): i32 {
  enter(opIndex(op), NO_INDEX)
  if (rounding() === ROUNDING_FP32) {
    for (let i: u32 = 0; i < 2; i++) {
      const multiplier = <i64>(<i32>opMultiplier(op, i))
      if (multiplier < -MOST_FP32_MULTIPLIER) return fail(MULTIPLIER, i, multiplier, -MOST_FP32_MULTIPLIER)
      if (multiplier > MOST_FP32_MULTIPLIER) return fail(MULTIPLIER, i, multiplier, MOST_FP32_MULTIPLIER)
    }
    const shift = opShift(op, 0)
    if (shift < LEAST_FP32_SHIFT) return fail(MULTIPLIER, SHIFT_FIELD, shift, LEAST_FP32_SHIFT)
    return shift > MOST_FP32_SHIFT ? fail(MULTIPLIER, SHIFT_FIELD, shift, MOST_FP32_SHIFT) : OK
  }
  for (let i: u32 = 0; i < 2; i++) {
    const status = validateMultiplier(op, i, SHIFTED)
    if (status !== OK) return status
    if (opShift(op, i) > 0) return fail(MULTIPLIER, SHIFT_FIELD + i, opShift(op, i), 0)
  }
  return validateMultiplier(op, 2, 2 * SHIFTED)
}

export function addPackedBytes(op: usize): u64 {
  return rounding() === ROUNDING_FP32 ? CONSTANTS : TABLES + 2 * TABLE_BYTES
}

export function addScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function addLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
  if (rounding() === ROUNDING_FP32) return
  packUniformConstants(op, 2, 0, opPacked(op) + CONSTANTS, opScratch(op))
  for (let i: u32 = 0; i < 2; i++) {
    const multiplier = <i32>opMultiplier(op, i)
    const shift = opShift(op, i)
    for (let q = -128; q < 128; q++) {
      const shifted = (q - opAttribute(op, i)) << LEFT_SHIFT
      const value =
        rounding() === ROUNDING_SINGLE ? requantizeSingle(shifted, multiplier, shift) : requantizeDouble(shifted, multiplier, shift)
      store<i32>(opPacked(op) + TABLES + <usize>i * TABLE_BYTES + ((<usize>(q + 128)) << 2), value)
    }
  }
}

/** The table entry of operand i where a − zero is 0. */
function tableOrigin(op: usize, i: u32): usize {
  return opPacked(op) + TABLES + <usize>i * TABLE_BYTES + ((<usize>(opAttribute(op, i) + 128)) << 2)
}

export function addRun(op: usize): void {
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
  const factorB = <i32>opMultiplier(op, 1)
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    widenBlock(op, layouts, scratch, count)
    if (rounding() === ROUNDING_FP32) addWeighted(a, b, count, factorA, factorB, opShift(op, 0), zero, least, most, accumulators, y + start)
    else {
      addLookedUp(a, b, count, tableOrigin(op, 0), tableOrigin(op, 1), accumulators)
      requantizeFlat(rounding(), accumulators, count, layouts + CONSTANTS, zero, least, most, y + start)
    }
  }
}
