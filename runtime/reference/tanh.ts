import { clamp, multiply, rdpot } from './arithmetic.ts'
import { tanh as fixedTanh } from './fixedPoint.ts'
import { tanhInt16 } from './int16.ts'
import type { Invocation } from './tensor.ts'

/** int8: through Q4.27, result scale 1/128 and zero point 0; int16: through a table; int32: Q16.16. */
export function tanh({ attributes, scales, operands: [x], result }: Invocation): void {
  const of =
    x!.type === 'int16'
      ? (value: number) => tanhInt16(multiply(value, { ...scales[0]!, mode: 'single' }))
      : x!.type === 'int8'
        ? (value: number) => ofInt8(value - attributes.xZero!)
        : tanhQ16
  for (const [at, value] of x!.values.entries()) result.values[at] = of(value)

  function ofInt8(value: number): number {
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
