// prelu: y = x where x ≥ 0, else x · alpha; int8 or int16, broadcast as in NumPy. Attributes: xZero alphaZero yZero yMin yMax, the zero
// points 0 on int16. Requantization, in integer form in every rounding mode: of x, of x · alpha.
import { requantizeIn } from '../kernels/int16'
import { clampSum } from '../math/requantize'
import { OK } from '../model/errors'
import {
  opAttribute,
  opInput,
  opMultiplier,
  opOutput,
  opPacked,
  opScratch,
  opShift,
  rounding,
  tensorElements,
  tensorIsConstant,
  tensorPointer,
} from '../model/records'
import { addWork, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  addBinaryWork,
  BLOCK_ELEMENTS,
  BROADCAST_SCRATCH_BYTES,
  checkBinary,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  widenBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkRequantizationCounts, validateIntegerMultiplier } from './check'
import { largestMagnitude } from './layer'
import { isInt16 } from './layer16'

export function preluCheck(op: usize): i32 {
  const status = checkBinary(op)
  return status === OK ? checkRequantizationCounts(op, 2, 2) : status
}

/** The elements leave one at a time. */
export function preluWork(op: usize, work: usize): void {
  addBinaryWork(op, work, 1)
  addWork(work, REQUANTIZED_ELEMENTS, <u64>tensorElements(opOutput(op, 0)) * 12)
}

export function preluValidate(op: usize): i32 {
  const reach: i64 = isInt16(op) ? 1 << 15 : largestMagnitude(opAttribute(op, 0))
  const status = validateIntegerMultiplier(op, 0, reach, -31)
  return status === OK ? validateIntegerMultiplier(op, 1, reach * largestAlpha(op), -31) : status
}

/** Largest |alpha − alphaZero|: of its values where they are constant. */
function largestAlpha(op: usize): i64 {
  const t = opInput(op, 1)
  if (!tensorIsConstant(t)) return isInt16(op) ? 1 << 15 : largestMagnitude(opAttribute(op, 1))
  const alpha = tensorPointer(t)
  let largest = 0
  for (let i: usize = 0; i < <usize>tensorElements(t); i++) {
    const value = isInt16(op) ? <i32>load<i16>(alpha + (i << 1)) : <i32>load<i8>(alpha + i) - opAttribute(op, 1)
    largest = max(largest, abs(value))
  }
  return largest
}

export function preluPackedBytes(op: usize): u64 {
  return 2 * LAYOUT_BYTES
}

export function preluScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function preluLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
}

export function preluRun(op: usize): void {
  const scratch = opScratch(op)
  const elements = <i32>tensorElements(opOutput(op, 0))
  const zero = opAttribute(op, 2)
  const least = opAttribute(op, 3)
  const most = opAttribute(op, 4)
  const mode = rounding()
  const isWide = isInt16(op)
  let y = tensorPointer(opOutput(op, 0))
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    widenBlock(op, opPacked(op), scratch, count)
    for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
      const x = <i32>load<i16>(wordsA(scratch) + i)
      const alpha = <i32>load<i16>(wordsB(scratch) + i)
      const value =
        x >= 0
          ? requantizeIn(mode, x, opMultiplier(op, 0), opShift(op, 0))
          : requantizeIn(mode, x * alpha, opMultiplier(op, 1), opShift(op, 1))
      const clamped = clampSum(value, zero, least, most)
      if (isWide) store<i16>(y + i, <i16>clamped)
      else store<i8>(y + (i >> 1), <i8>clamped)
    }
    y += isWide ? (<usize>count) << 1 : <usize>count
  }
}
