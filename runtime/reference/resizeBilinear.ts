import type { Invocation, Scale } from './tensor.ts'

/** x [N,H,W,C] between the rows and columns that the tables name: [first, second, weight of the second in units of 2^-bits]. */
export function resizeBilinear({ attributes, operands: [x, rows, columns], result, rounding }: Invocation): void {
  const [batch, height, width, channels] = x!.shape as [number, number, number, number]
  const unit = 2 ** attributes.bits!
  const pixel = (n: number, row: number, column: number, c: number) => x!.values[((n * height + row) * width + column) * channels + c]!
  let at = 0
  for (let n = 0; n < batch; n += 1)
    for (let i = 0; i < rows!.values.length; i += 3) {
      const [above, below, weightBelow] = rows!.values.subarray(i, i + 3) as unknown as [number, number, number]
      for (let j = 0; j < columns!.values.length; j += 3) {
        const [left, right, weightRight] = columns!.values.subarray(j, j + 3) as unknown as [number, number, number]
        for (let c = 0; c < channels; c += 1) {
          const top = pixel(n, above, left, c) * (unit - weightRight) + pixel(n, above, right, c) * weightRight
          const bottom = pixel(n, below, left, c) * (unit - weightRight) + pixel(n, below, right, c) * weightRight
          result.values[at] = round((top * (unit - weightBelow) + bottom * weightBelow) / unit ** 2, rounding)
          at += 1
        }
      }
    }
}

/** The quotient is exact: a power of two divides a number below 2^30. */
function round(value: number, rounding: Scale['mode']): number {
  return rounding === 'double' && value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5)
}
