/** The one list of float operators that are rewritten into simpler ones before calibration, one file each; results may be composite again. */
import { batchNormalization } from './batchNormalization.ts'
import type { Decompose } from './composite.ts'
import { max, mean, min, sum } from './variadic.ts'

export const decompositions: Readonly<Record<string, Decompose>> = {
  BatchNormalization: batchNormalization,
  Max: max,
  Mean: mean,
  Min: min,
  Sum: sum,
}
