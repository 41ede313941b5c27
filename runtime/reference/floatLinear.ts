import { bitsOf, floatOf } from './float32.ts'
import type { Invocation } from './tensor.ts'

/** y = weights · x + bias: the products are exact in binary64, the sums are its own, the result is rounded to float32 once. */
export function floatLinear({ operands: [x, weights, bias], result }: Invocation): void {
  const [outputs, depth] = weights!.shape as [number, number]
  for (let row = 0; row < x!.shape[0]!; row += 1)
    for (let output = 0; output < outputs; output += 1) {
      let sum = floatOf(bias!.values[output]!)
      for (let at = 0; at < depth; at += 1) sum += floatOf(x!.values[row * depth + at]!) * floatOf(weights!.values[output * depth + at]!)
      result.values[row * outputs + output] = bitsOf(sum)
    }
}
