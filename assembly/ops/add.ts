// add: y = a + b, broadcast as in NumPy, int8 or int16. Attributes: aZero bZero yZero yMin yMax.
import { addAdditionWork, additionPackedBytes, checkAddition, loadAddition, runAddition, validateAddition } from './addition'
import { BROADCAST_SCRATCH_BYTES } from './broadcast'

export function addCheck(op: usize): i32 {
  return checkAddition(op)
}

export function addWork(op: usize, work: usize): void {
  addAdditionWork(op, work)
}

export function addValidate(op: usize): i32 {
  return validateAddition(op)
}

export function addPackedBytes(op: usize): u64 {
  return additionPackedBytes(op)
}

export function addScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function addLoad(op: usize): void {
  loadAddition(op, 1)
}

export function addRun(op: usize): void {
  runAddition(op, 1)
}
