// reshape: the same elements under another shape. The planner lets the result share the operand's buffer where it can.
import { OK, RESULT } from '../model/errors'
import { opInput, opOutput, tensorBytes, tensorPointer, tensorType } from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkCounts, checkNoRequantization, checkSameElements, checkType } from './check'

export function reshapeCheck(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  return checkType(op, RESULT, tensorType(opInput(op, 0))) || checkSameElements(op, RESULT, 0)
}

export function reshapeWork(op: usize, work: usize): void {
  addWork(work, COPIED_BYTES, tensorBytes(opInput(op, 0)))
}

export function reshapeValidate(op: usize): i32 {
  return OK
}

export function reshapePackedBytes(op: usize): u64 {
  return 0
}

export function reshapeScratchBytes(op: usize): u64 {
  return 0
}

export function reshapeLoad(op: usize): void {}

export function reshapeRun(op: usize): void {
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  if (x !== y) memory.copy(y, x, tensorBytes(opInput(op, 0)))
}
