import { layerOutput } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** x − xZero to the scale of y; per channel along the last dimension. */
export function requantize({ attributes, scales, operands: [x], result }: Invocation): void {
  const channels = x!.shape.at(-1)!
  const output = layerOutput(scales, attributes)
  for (const [at, value] of x!.values.entries()) result.values[at] = output(value - attributes.xZero!, at % channels)
}
