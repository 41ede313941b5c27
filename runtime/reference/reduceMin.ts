import { reduce } from './reduce.ts'
import type { Invocation } from './tensor.ts'

/** The smallest element along the dimensions whose bit is set in `axes`. */
export function reduceMin(invocation: Invocation): void {
  reduce(invocation, Math.min)
}
