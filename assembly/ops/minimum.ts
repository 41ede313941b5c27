// minimum: y = the lesser of a and b, broadcast as in NumPy, int8, int16 or int32.
import { LESSER } from '../kernels/extremum'
import { OK } from '../model/errors'
import { addBinaryWork, BROADCAST_SCRATCH_BYTES } from './broadcast'
import { checkExtremum, comparedElement, extremumPackedBytes, loadExtremum, runExtremum } from './extremum'

export function minimumCheck(op: usize): i32 {
  return checkExtremum(op)
}

export function minimumWork(op: usize, work: usize): void {
  addBinaryWork(op, work, comparedElement(op))
}

export function minimumValidate(op: usize): i32 {
  return OK
}

export function minimumPackedBytes(op: usize): u64 {
  return extremumPackedBytes(op)
}

export function minimumScratchBytes(op: usize): u64 {
  return BROADCAST_SCRATCH_BYTES
}

export function minimumLoad(op: usize): void {
  loadExtremum(op)
}

export function minimumRun(op: usize): void {
  runExtremum(op, LESSER)
}
