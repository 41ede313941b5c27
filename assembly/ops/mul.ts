// mul: y = a · b, broadcast as in NumPy, int8. Attributes: aZero bZero yZero yMin yMax.
import { multiply } from '../kernels/elementwise'
import { CHANNEL_CONSTANTS_BYTES, requantizeFlat } from '../kernels/requantize'
import { OK } from '../model/errors'
import { opAttribute, opOutput, opPacked, opScratch, rounding, tensorElements, tensorPointer } from '../model/records'
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
import { checkRequantization, validateMultiplier } from './check'
import { largestMagnitude, packUniformConstants } from './layer'

const CONSTANTS: usize = 2 * LAYOUT_BYTES

export function mulCheck(op: usize): i32 {
  const status = checkBinary(op)
  return status === OK ? checkRequantization(op, 1) : status
}

export function mulWork(op: usize, work: usize): void {
  addBinaryWork(op, work)
}

export function mulValidate(op: usize): i32 {
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
  packUniformConstants(op, 0, 0, opPacked(op) + CONSTANTS, opScratch(op))
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
    multiply(wordsA(scratch), wordsB(scratch), count, blockAccumulators(scratch))
    requantizeFlat(rounding(), blockAccumulators(scratch), count, layouts + CONSTANTS, zero, least, most, y + start)
  }
}
