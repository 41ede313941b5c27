import { layerOutput } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** Averages away the dimensions whose bit is set in `axes`; the count is part of the multiplier. */
export function mean({ attributes, scales, operands: [x], result }: Invocation): void {
  const { axes, xZero } = attributes as Record<string, number>
  const sums = new Array<number>(result.values.length).fill(0)
  for (let position = 0; position < x!.values.length; position += 1) {
    let rest = position
    let at = 0
    let stride = 1
    for (let axis = x!.shape.length - 1; axis >= 0; axis -= 1) {
      const size = x!.shape[axis]!
      if (((axes! >> axis) & 1) === 0) {
        at += (rest % size) * stride
        stride *= size
      }
      rest = Math.floor(rest / size)
    }
    sums[at]! += x!.values[position]! - xZero!
  }
  const output = layerOutput(scales, attributes)
  for (const [at, sum] of sums.entries()) result.values[at] = output(sum, 0)
}
