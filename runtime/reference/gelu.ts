import { clamp, multiply } from './arithmetic.ts'
import { tanhQ16 } from './tanh.ts'
import type { Invocation } from './tensor.ts'

/** The tanh form. int8: x to Q16.16, the function, Q16.16 to y; int32: Q16.16. */
export function gelu({ attributes, scales: [toQ16, toY], operands: [x], result }: Invocation): void {
  const of =
    x!.type === 'int8'
      ? (value: number) => clamp(attributes.yZero! + multiply(geluQ16(multiply(value - attributes.xZero!, toQ16!)), toY!), -128, 127)
      : geluQ16
  for (const [at, value] of x!.values.entries()) result.values[at] = of(value)
}

/** ½·a·(1 + tanh(√(2/π)·(a + 0.044715·a³))); 2930 = 0.044715·2^16, 52290 = √(2/π)·2^16. */
function geluQ16(value: number): number {
  if (value >= 8 * 65536) return value
  if (value <= -8 * 65536) return 0
  const a = BigInt(value)
  const square = (a * a + (1n << 15n)) >> 16n
  const cubic = (square * a * 2930n + (1n << 31n)) >> 32n
  const argument = Number(((a + cubic) * 52290n + (1n << 15n)) >> 16n)
  return Number((a * BigInt(65536 + tanhQ16(argument)) + (1n << 16n)) >> 17n)
}
