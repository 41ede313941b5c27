// select: y = condition ? a : b, broadcast as in NumPy. Operands: condition (int8, true where it is not 0), a, b of int8, int16 or int32.

import { narrowWords } from '../kernels/extremum'
import { selectInts, selectWords } from '../kernels/select'
import { OK, RESULT } from '../model/errors'
import { INT8, INT16, INT32, opInput, opOutput, opPacked, opScratch, tensorElements, tensorPointer, tensorType } from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import {
  addBroadcastWork,
  BLOCK_ELEMENTS,
  CURSOR_BYTES,
  checkBroadcastShape,
  LAYOUT_BYTES,
  loadLayout,
  startCursor,
  walk,
} from './broadcast'
import { checkCounts, checkNoRequantization, checkType } from './check'

// Scratch: three cursors, three blocks and that of the result; 8 words more may be read and written.
const BLOCK_BYTES: usize = 1024 + 16
const BLOCKS: usize = 3 * CURSOR_BYTES

export function selectCheck(op: usize): i32 {
  const status = checkCounts(op, 3, 3, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  const type = tensorType(opInput(op, 1))
  const known = type === INT16 || type === INT32 ? type : INT8
  return (
    checkType(op, 0, INT8) ||
    checkType(op, 1, known) ||
    checkType(op, 2, known) ||
    checkType(op, RESULT, known) ||
    checkBroadcastShape(op, 3)
  )
}

export function selectWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, 2 * <u64>tensorElements(opOutput(op, 0)))
  addBroadcastWork(op, work, 3)
}

export function selectValidate(op: usize): i32 {
  return OK
}

export function selectPackedBytes(op: usize): u64 {
  return 3 * LAYOUT_BYTES
}

export function selectScratchBytes(op: usize): u64 {
  return BLOCKS + 4 * BLOCK_BYTES
}

export function selectLoad(op: usize): void {
  for (let i: u32 = 0; i < 3; i++) loadLayout(op, i, opPacked(op) + <usize>i * LAYOUT_BYTES)
}

export function selectRun(op: usize): void {
  const scratch = opScratch(op)
  const type = tensorType(opInput(op, 1))
  const elements = <i32>tensorElements(opOutput(op, 0))
  const block = type === INT32 ? BLOCK_ELEMENTS >> 1 : BLOCK_ELEMENTS
  const condition = scratch + BLOCKS
  const a = condition + BLOCK_BYTES
  const b = a + BLOCK_BYTES
  const chosen = b + BLOCK_BYTES
  let y = tensorPointer(opOutput(op, 0))
  for (let i: u32 = 0; i < 3; i++) startCursor(op, i, scratch + <usize>i * CURSOR_BYTES)
  for (let start = 0; start < elements; start += block) {
    const count = min(elements - start, block)
    for (let i: u32 = 0; i < 3; i++)
      walk(
        i === 0 ? INT8 : type,
        opPacked(op) + <usize>i * LAYOUT_BYTES,
        scratch + <usize>i * CURSOR_BYTES,
        count,
        0,
        condition + <usize>i * BLOCK_BYTES,
      )
    if (type === INT32) {
      selectInts(condition, a, b, count, y)
      y += (<usize>count) << 2
      continue
    }
    selectWords(condition, a, b, count, chosen)
    if (type === INT8) {
      narrowWords(chosen, count, y)
      y += count
    } else {
      memory.copy(y, chosen, (<usize>count) << 1)
      y += (<usize>count) << 1
    }
  }
}
