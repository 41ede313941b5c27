import type { Invocation } from './tensor.ts'

/** The typed array of the result keeps the low bits. */
export function cast({ operands: [x], result }: Invocation): void {
  result.values.set(x!.values)
}
