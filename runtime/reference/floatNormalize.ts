import { bitsOf, exponential, floatOf } from './float32.ts'
import type { Invocation } from './tensor.ts'

const f32 = Math.fround
const lowest = -(2 - 2 ** -23) * 2 ** 127
const [byLargest, byMagnitudes, bySquares] = [0, 1, 2]

const largest = (row: readonly number[]) => Math.max(lowest, ...row.filter((value) => !Number.isNaN(value)))
const total = (row: readonly number[]) => row.reduce((sum, value) => f32(sum + Math.abs(value)), 0)

/** A row over one number; undefined, it stays as it is, where that is 0. */
const over = (row: readonly number[], divisor: number) => (divisor === 0 ? undefined : row.map((value) => f32(value / divisor)))

export function floatNormalize({ attributes, operands: [x], result }: Invocation): void {
  const width = x!.shape.at(-1)!
  for (let start = 0; start < x!.values.length; start += width) {
    const bits = x!.values.subarray(start, start + width)
    const values = normalized(attributes.norm!, Array.from(bits, floatOf))
    result.values.set(values?.map(bitsOf) ?? bits, start)
  }
}

function normalized(norm: number, row: readonly number[]): readonly number[] | undefined {
  if (norm === byLargest) return over(row, largest(row))
  if (norm === byMagnitudes) return over(row, total(row))
  if (norm === bySquares) {
    const squares = row.map((value) => f32(value * value))
    return over(squares, total(squares))?.map((part, at) => (row[at]! < 0 ? -1 : 1) * f32(Math.sqrt(part)))
  }
  const most = largest(row)
  const powers = row.map((value) => exponential(f32(value - most)))
  const sum = total(powers)
  return powers.map((power) => f32(power / sum))
}
