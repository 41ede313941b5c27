// sub: y = a − b, broadcast as in NumPy, int8 or int16. Attributes: aZero bZero yZero yMin yMax.
import { addAdditionWork, additionPackedBytes, checkAddition, loadAddition, runAddition, validateAddition } from './addition'
import { BROADCAST_SCRATCH_BYTES } from './broadcast'

export function subCheck(op: usize): i32 {
  return checkAddition(op)
}

export function subWork(op: usize, work: usize): void {
  addAdditionWork(op, work)
}

export function subValidate(op: usize): i32 {
  return validateAddition(op)
}

export function subPackedBytes(op: usize): u64 {
  return additionPackedBytes(op)
}

export function subScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function subLoad(op: usize): void {
  loadAddition(op, -1)
}

export function subRun(op: usize): void {
  runAddition(op, -1)
}
