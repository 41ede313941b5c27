// maxPool: the largest of each window's elements inside the picture; x and y int8 or int16, NHWC.
// Attributes: kernelH kernelW strideH strideW padTop padBottom padLeft padRight yMin yMax.
import { checkPool, POOL_MAX, poolWork, runPool } from './pool'

export function maxPoolCheck(op: usize): i32 {
  return checkPool(op)
}

export function maxPoolWork(op: usize, work: usize): void {
  poolWork(op, work, 1)
}

export function maxPoolValidate(op: usize): i32 {
  return 0
}

export function maxPoolPackedBytes(op: usize): u64 {
  return 0
}

export function maxPoolScratchBytes(op: usize): u64 {
  return 0
}

export function maxPoolLoad(op: usize): void {}

export function maxPoolRun(op: usize): void {
  runPool(op, POOL_MAX)
}
