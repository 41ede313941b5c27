// averagePool: the mean of each window's elements inside the picture, half away from zero; x and y int8 or int16, NHWC.
// Attributes: kernelH kernelW strideH strideW padTop padBottom padLeft padRight yMin yMax.
import { checkPool, POOL_AVERAGE, poolWork, runPool } from './pool'

export function averagePoolCheck(op: usize): i32 {
  return checkPool(op)
}

export function averagePoolWork(op: usize, work: usize): void {
  poolWork(op, work, 2)
}

export function averagePoolValidate(op: usize): i32 {
  return 0
}

export function averagePoolPackedBytes(op: usize): u64 {
  return 0
}

export function averagePoolScratchBytes(op: usize): u64 {
  return 0
}

export function averagePoolLoad(op: usize): void {}

export function averagePoolRun(op: usize): void {
  runPool(op, POOL_AVERAGE)
}
