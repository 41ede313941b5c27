// reduceMin: the smallest element over the dimensions whose bit is set in `axes`; any type. Attribute: axes.
import { OK } from '../model/errors'
import { checkExtreme, EXTREME_PACKED_BYTES, EXTREME_SCRATCH_BYTES, extremeWork, loadExtreme, runExtreme, SMALLEST } from './extreme'

export function reduceMinCheck(op: usize): i32 {
  return checkExtreme(op)
}

export function reduceMinWork(op: usize, work: usize): void {
  extremeWork(op, work)
}

export function reduceMinValidate(op: usize): i32 {
  return OK
}

export function reduceMinPackedBytes(op: usize): u64 {
  return EXTREME_PACKED_BYTES
}

export function reduceMinScratchBytes(op: usize): u64 {
  return EXTREME_SCRATCH_BYTES
}

export function reduceMinLoad(op: usize): void {
  loadExtreme(op)
}

export function reduceMinRun(op: usize): void {
  runExtreme(op, SMALLEST)
}
