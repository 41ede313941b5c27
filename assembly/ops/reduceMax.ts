// reduceMax: the largest element over the dimensions whose bit is set in `axes`; any type. Attribute: axes.
import { OK } from '../model/errors'
import { checkExtreme, EXTREME_PACKED_BYTES, EXTREME_SCRATCH_BYTES, extremeWork, LARGEST, loadExtreme, runExtreme } from './extreme'

export function reduceMaxCheck(op: usize): i32 {
  return checkExtreme(op)
}

export function reduceMaxWork(op: usize, work: usize): void {
  extremeWork(op, work)
}

export function reduceMaxValidate(op: usize): i32 {
  return OK
}

export function reduceMaxPackedBytes(op: usize): u64 {
  return EXTREME_PACKED_BYTES
}

export function reduceMaxScratchBytes(op: usize): u64 {
  return EXTREME_SCRATCH_BYTES
}

export function reduceMaxLoad(op: usize): void {
  loadExtreme(op)
}

export function reduceMaxRun(op: usize): void {
  runExtreme(op, LARGEST)
}
