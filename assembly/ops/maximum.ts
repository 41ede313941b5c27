// maximum: y = the greater of a and b, broadcast as in NumPy, int8, int16 or int32.
import { GREATER } from '../kernels/extremum'
import { OK } from '../model/errors'
import { addBinaryWork, BROADCAST_SCRATCH_BYTES } from './broadcast'
import { checkExtremum, comparedElement, extremumPackedBytes, loadExtremum, runExtremum } from './extremum'

export function maximumCheck(op: usize): i32 {
  return checkExtremum(op)
}

export function maximumWork(op: usize, work: usize): void {
  addBinaryWork(op, work, comparedElement(op))
}

export function maximumValidate(op: usize): i32 {
  return OK
}

export function maximumPackedBytes(op: usize): u64 {
  return extremumPackedBytes(op)
}

export function maximumScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function maximumLoad(op: usize): void {
  loadExtremum(op)
}

export function maximumRun(op: usize): void {
  runExtremum(op, GREATER)
}
