import { clamp, multiply, rdpot } from './arithmetic.ts'
import { tanh as fixedTanh } from './fixedPoint.ts'
import type { Invocation } from './tensor.ts'

/** int8: through Q4.27, result scale 1/128 and zero point 0; int32: Q16.16. */
export function tanh({ attributes, scales, operands: [x], result }: Invocation): void {
  const of = x!.type === 'int8' ? (value: number) => tanhInt8(value - attributes.xZero!) : tanhQ16
  for (const [at, value] of x!.values.entries()) result.values[at] = of(value)

  function tanhInt8(value: number): number {
    const radius = Math.floor((15 * 2 ** 27) / 2 ** scales[0]!.shift)
    if (value <= -radius) return -128
    if (value >= radius) return 127
    return clamp(rdpot(fixedTanh(multiply(value, scales[0]!), 4), 24), -128, 127)
  }
}

export function tanhQ16(value: number): number {
  const limit = 8 * 65536 - 1
  return rdpot(fixedTanh(clamp(value, -limit, limit) * 2 ** 12, 3), 15)
}
