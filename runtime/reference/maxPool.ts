import { clamp } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'
import { eachWindow } from './window.ts'

/** The largest element of each window. */
export function maxPool(invocation: Invocation): void {
  const { yMin, yMax } = invocation.attributes as Record<string, number>
  eachWindow(invocation, (values) => clamp(Math.max(...values), yMin!, yMax!))
}
