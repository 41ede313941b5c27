/** Whether an average of dequantized float32 values, quantized again, is decided by the integer sum alone. */
import { int8Zero, type Quantization } from '../value.ts'

export type Averaging = { readonly count: number; readonly from: Quantization; readonly to: Quantization }

const mostCount = 4096

/**
 * True where for each sum that `count` int8 can have, the real average lies farther from the next tie than all roundings of the float32
 * computation can reach: each of the `count` products and sums by half a unit in the last place of the largest partial sum, then the
 * division by the count, by the scale, and the zero point's addition.
 */
export function averageIsExact({ count, from, to }: Averaging): boolean {
  if (count > mostCount) return false
  const zero = int8Zero(from)
  const [least, most] = [-128 - zero, 127 - zero]
  const largest = Math.max(Math.abs(least), Math.abs(most))
  const ratio = from.scale / (count * to.scale)
  const epsilon = 2 ** -24
  // In units of the result.
  const summing = 2 * count * count * largest * ratio * epsilon
  const target = int8Zero(to)
  for (let sum = least * count; sum <= most * count; sum += 1) {
    const value = sum * ratio
    // Beyond int8 a tie is no matter.
    if (value + target < -129 || value + target > 128) continue
    const reach = summing + 4 * epsilon * (Math.abs(value) + 256)
    const beyond = Math.abs(value - Math.floor(value) - 0.5)
    if (beyond <= reach) return false
  }
  return true
}
