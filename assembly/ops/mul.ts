// mul: y = a · b, broadcast as in NumPy, int8 or int16. Attributes: aZero bZero yZero yMin yMax. On int16 its requantization is in integer
// form in every rounding mode.
import { multiply } from '../kernels/elementwise'
import { requantizeIn } from '../kernels/int16'
import { CHANNEL_CONSTANTS_BYTES, requantizeFlat } from '../kernels/requantize'
import { clampSum } from '../math/requantize'
import { OK } from '../model/errors'
import {
  opAttribute,
  opMultiplier,
  opOutput,
  opPacked,
  opScratch,
  opShift,
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
import { checkRequantization, checkRequantizationCounts, validateIntegerMultiplier, validateMultiplier } from './check'
import { largestMagnitude, packUniformConstants } from './layer'
import { isInt16 } from './layer16'

const CONSTANTS: usize = 2 * LAYOUT_BYTES

export function mulCheck(op: usize): i32 {
  const status = checkBinary(op)
  if (status !== OK) return status
  return isInt16(op) ? checkRequantizationCounts(op, 1, 1) : checkRequantization(op, 1)
}

/** Units of an element: in vectors, or one at a time. */
const ELEMENT: u64 = 3
const INT16_ELEMENT: u64 = 20

export function mulWork(op: usize, work: usize): void {
  addBinaryWork(op, work, isInt16(op) ? INT16_ELEMENT : ELEMENT)
}

export function mulValidate(op: usize): i32 {
  if (isInt16(op)) return validateIntegerMultiplier(op, 0, 1 << 30, -31)
  return validateMultiplier(op, 0, <i64>largestMagnitude(opAttribute(op, 0)) * largestMagnitude(opAttribute(op, 1)))
}

export function mulPackedBytes(op: usize): u64 {
  return CONSTANTS + CHANNEL_CONSTANTS_BYTES
}

export function mulScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function mulLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
  if (!isInt16(op)) packUniformConstants(op, 0, 0, opPacked(op) + CONSTANTS, opScratch(op))
}

export function mulRun(op: usize): void {
  const layouts = opPacked(op)
  const scratch = opScratch(op)
  const y = tensorPointer(opOutput(op, 0))
  const elements = <i32>tensorElements(opOutput(op, 0))
  const zero = opAttribute(op, 2)
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    widenBlock(op, layouts, scratch, count)
    if (isInt16(op)) {
      multiply16(op, count, y + ((<usize>start) << 1))
      continue
    }
    multiply(wordsA(scratch), wordsB(scratch), count, blockAccumulators(scratch))
    requantizeFlat(rounding(), blockAccumulators(scratch), count, layouts + CONSTANTS, zero, least, most, y + start)
  }
}

/** The block in the scratch, one at a time. */
function multiply16(op: usize, count: i32, y: usize): void {
  const a = wordsA(opScratch(op))
  const b = wordsB(opScratch(op))
  const multiplier = <i32>opMultiplier(op, 0)
  const shift = opShift(op, 0)
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  const mode = rounding()
  for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
    const product = requantizeIn(mode, <i32>load<i16>(a + i) * <i32>load<i16>(b + i), multiplier, shift)
    store<i16>(y + i, <i16>clampSum(product, 0, least, most))
  }
}
