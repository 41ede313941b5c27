// What minimum and maximum share: the lesser or greater of a and b, broadcast as in NumPy; all int8, int16 or int32 of one scale.
import { extremeInts, extremeWords, narrowWords } from '../kernels/extremum'
import { OK } from '../model/errors'
import { INT8, INT16, INT32, opInput, opOutput, opPacked, opScratch, tensorElements, tensorPointer, tensorType } from '../model/records'
import {
  BLOCK_ELEMENTS,
  blockAccumulators,
  checkBroadcast,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  takeBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkCounts, checkNoRequantization } from './check'
import { elementBytes } from './layer'

/** Units of an element of int8, int16 and int32: as many as its bytes, and one. */
export function comparedElement(op: usize): u64 {
  return elementBytes(tensorType(opInput(op, 0))) + 1
}

export function checkExtremum(op: usize): i32 {
  const status = checkCounts(op, 2, 2, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  const type = tensorType(opInput(op, 0))
  const known = type === INT16 || type === INT32 ? type : INT8
  return checkBroadcast(op, known, known)
}

export function extremumPackedBytes(op: usize): u64 {
  return 2 * LAYOUT_BYTES
}

export function loadExtremum(op: usize): void {
  loadLayouts(op, opPacked(op))
}

export function runExtremum(op: usize, kind: u32): void {
  const scratch = opScratch(op)
  const type = tensorType(opInput(op, 0))
  const elements = <i32>tensorElements(opOutput(op, 0))
  const block = type === INT32 ? BLOCK_ELEMENTS >> 1 : BLOCK_ELEMENTS
  const a = wordsA(scratch)
  const b = wordsB(scratch)
  let y = tensorPointer(opOutput(op, 0))
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += block) {
    const count = min(elements - start, block)
    takeBlock(op, opPacked(op), scratch, count, 0, 0)
    if (type === INT32) {
      extremeInts(kind, a, b, count, y)
      y += (<usize>count) << 2
      continue
    }
    const words = blockAccumulators(scratch)
    extremeWords(kind, a, b, count, words)
    if (type === INT8) {
      narrowWords(words, count, y)
      y += count
    } else {
      memory.copy(y, words, (<usize>count) << 1)
      y += (<usize>count) << 1
    }
  }
}
