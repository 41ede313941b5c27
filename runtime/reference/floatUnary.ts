import { bitsOf, exponential, floatOf, logistic, order, toInteger } from './float32.ts'
import type { Invocation } from './tensor.ts'

const functions: readonly ((bits: number, point: number) => number)[] = [
  order,
  (bits, point) => toInteger(floatOf(bits) * 2 ** point),
  (integer, point) => bitsOf(integer / 2 ** point),
  (bits) => bitsOf(logistic(floatOf(bits))),
  (bits) => bitsOf(exponential(floatOf(bits))),
]

export function floatUnary({ attributes, operands: [x], result }: Invocation): void {
  const apply = functions[attributes.function!]!
  for (const [at, value] of x!.values.entries()) result.values[at] = apply(value, attributes.bits!)
}
