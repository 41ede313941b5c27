import { clamp, rdpot, srdhm } from './arithmetic.ts'
import { exp, reciprocal } from './fixedPoint.ts'
import type { Invocation, Scale } from './tensor.ts'

/** Along the last dimension. int8: TFLite's integer softmax, result scale 1/256 and zero point −128; int32: Q16.16. */
export function softmax({ scales, operands: [x], result }: Invocation): void {
  const length = x!.shape.at(-1)!
  for (let at = 0; at < x!.values.length; at += length) {
    const row = Array.from(x!.values.subarray(at, at + length))
    result.values.set(x!.type === 'int8' ? softmaxInt8(row, scales[0]!) : softmaxQ16(row), at)
  }
}

/** Differences to the largest element in Q5.26, their sum in Q12.19. */
function softmaxInt8(row: readonly number[], { multiplier, shift }: Scale): number[] {
  const largest = Math.max(...row)
  const smallestDifference = -Math.floor((31 * 2 ** 26) / 2 ** shift)
  const exps = row.map((x) => (x - largest < smallestDifference ? undefined : exp(srdhm((x - largest) * 2 ** shift, multiplier), 5)))
  const sum = exps.reduce<number>((total, e) => (e === undefined ? total : total + rdpot(e, 12)), 0)
  const zeros = Math.clz32(sum)
  const scale = reciprocal(sum * 2 ** zeros - 2 ** 31)
  return exps.map((e) => (e === undefined ? -128 : clamp(rdpot(srdhm(scale, e), 12 - zeros + 31 - 8) - 128, -128, 127)))
}

function softmaxQ16(row: readonly number[]): number[] {
  const largest = Math.max(...row)
  const exps = row.map((x) => (x - largest < -16 * 65536 + 1 ? 0 : rdpot(exp((x - largest) * 2 ** 11, 4), 15)))
  const sum = exps.reduce((total, e) => total + e, 0)
  return exps.map((e) => Math.floor((e * 65536 + Math.floor(sum / 2)) / sum))
}
