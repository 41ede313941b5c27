import { clamp, multiply } from './arithmetic.ts'
import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

/** x where it is not negative, else x · alpha, each with its own requantization. */
export function prelu({ attributes, scales, operands: [x, alpha], result }: Invocation): void {
  const { xZero, alphaZero, yZero, yMin, yMax } = attributes as Record<string, number>
  const [same, scaled] = scales
  const positionX = broadcastPosition(x!, result.shape)
  const positionAlpha = broadcastPosition(alpha!, result.shape)
  for (const at of result.values.keys()) {
    const value = x!.values[positionX(at)]! - xZero!
    const slope = alpha!.values[positionAlpha(at)]! - alphaZero!
    result.values[at] = clamp(yZero! + (value >= 0 ? multiply(value, same!) : multiply(value * slope, scaled!)), yMin!, yMax!)
  }
}
