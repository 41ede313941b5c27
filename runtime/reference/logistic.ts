import { clamp, multiply, rdpot } from './arithmetic.ts'
import { logistic as fixedLogistic } from './fixedPoint.ts'
import { logisticInt16 } from './int16.ts'
import type { Invocation } from './tensor.ts'

/** int8: through Q4.27, result scale 1/256 and zero point −128; int16: through a table; int32: Q16.16. */
export function logistic({ attributes, scales, operands: [x], result }: Invocation): void {
  const of =
    x!.type === 'int16'
      ? (value: number) => logisticInt16(multiply(value, { ...scales[0]!, mode: 'single' }))
      : x!.type === 'int8'
        ? (value: number) => ofInt8(value - attributes.xZero!)
        : logisticQ16
  for (const [at, value] of x!.values.entries()) result.values[at] = of(value)

  function ofInt8(value: number): number {
    const radius = Math.floor((15 * 2 ** 27) / 2 ** scales[0]!.shift)
    if (value <= -radius) return -128
    if (value >= radius) return 127
    return clamp(rdpot(fixedLogistic(multiply(value, scales[0]!), 4), 23) - 128, -128, 127)
  }
}

export function logisticQ16(value: number): number {
  const limit = 16 * 65536 - 1
  return rdpot(fixedLogistic(clamp(value, -limit, limit) * 2 ** 11, 4), 15)
}
