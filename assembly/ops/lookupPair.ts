// lookupPair: y = table[a + 128][b + 128], any function of two int8, broadcast as in NumPy. Operands: a, b, table.
import { OK } from '../model/errors'
import { INT8, opInput, opOutput, opPacked, opScratch, tensorElements, tensorPointer } from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import {
  addBroadcastWork,
  BLOCK_ELEMENTS,
  BROADCAST_SCRATCH_BYTES,
  checkBroadcast,
  LAYOUT_BYTES,
  loadLayouts,
  startBinary,
  takeBlock,
  wordsA,
  wordsB,
} from './broadcast'
import { checkConstant, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'

/** Work of an element, in those of an int8 addition: the table is larger than the first cache. */
const ELEMENT: u64 = 3

export function lookupPairCheck(op: usize): i32 {
  const status = checkCounts(op, 3, 3, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  const table = checkType(op, 2, INT8) || checkConstant(op, 2) || checkRank(op, 2, 2) || checkDim(op, 2, 0, 256) || checkDim(op, 2, 1, 256)
  return table !== OK ? table : checkBroadcast(op, INT8, INT8)
}

export function lookupPairWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, <u64>tensorElements(opOutput(op, 0)) * ELEMENT)
  addBroadcastWork(op, work, 2)
}

export function lookupPairValidate(op: usize): i32 {
  return OK
}

export function lookupPairPackedBytes(op: usize): u64 {
  return 2 * LAYOUT_BYTES
}

export function lookupPairScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function lookupPairLoad(op: usize): void {
  loadLayouts(op, opPacked(op))
}

export function lookupPairRun(op: usize): void {
  const scratch = opScratch(op)
  const table = tensorPointer(opInput(op, 2))
  const elements = <i32>tensorElements(opOutput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  startBinary(op, scratch)
  for (let start = 0; start < elements; start += BLOCK_ELEMENTS) {
    const count = min(elements - start, BLOCK_ELEMENTS)
    // Less −128: from 0 to 255.
    takeBlock(op, opPacked(op), scratch, count, -128, -128)
    let a = wordsA(scratch)
    let b = wordsB(scratch)
    for (const end = y + count; y < end; y++, a += 2, b += 2) store<u8>(y, load<u8>(table + ((<usize>load<u16>(a)) << 8) + load<u16>(b)))
  }
}
