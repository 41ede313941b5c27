import { clamp as clampValue } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

export function clamp({ attributes, operands: [x], result }: Invocation): void {
  for (const [at, value] of x!.values.entries()) result.values[at] = clampValue(value, attributes.yMin!, attributes.yMax!)
}
