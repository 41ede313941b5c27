/** The one list of float operators that are rewritten into simpler ones before calibration, one file each; results may be composite again. */
import { batchNormalization } from './batchNormalization.ts'
import type { Decompose } from './composite.ts'
import { gemm } from './gemm.ts'
import { hardmax, logSoftmax, reduceL1, reduceL2, reduceLogSum, reduceLogSumExp, reduceProd, reduceSumSquare } from './reductions.ts'
import { max, mean, min, sum } from './variadic.ts'

export const decompositions: Readonly<Record<string, Decompose>> = {
  BatchNormalization: batchNormalization,
  Max: max,
  Mean: mean,
  Min: min,
  Gemm: gemm,
  ReduceL1: reduceL1,
  ReduceL2: reduceL2,
  ReduceSumSquare: reduceSumSquare,
  ReduceLogSum: reduceLogSum,
  ReduceLogSumExp: reduceLogSumExp,
  ReduceProd: reduceProd,
  LogSoftmax: logSoftmax,
  Hardmax: hardmax,
  Sum: sum,
}
