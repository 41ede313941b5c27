import { reduce } from './reduce.ts'
import type { Invocation } from './tensor.ts'

/** The largest element along the dimensions whose bit is set in `axes`. */
export function reduceMax(invocation: Invocation): void {
  reduce(invocation, Math.max)
}
