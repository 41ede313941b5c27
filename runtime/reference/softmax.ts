import { clamp, multiply, rdpot, srdhm } from './arithmetic.ts'
import { exp, reciprocal } from './fixedPoint.ts'
import { expInt16, reciprocalInt16 } from './int16.ts'
import type { Invocation, Scale } from './tensor.ts'

/**
 * Along the last dimension. int8: TFLite's integer softmax, result scale 1/256 and zero point −128, or 1/65536 and −32768 of int16;
 * int16: through tables, result scale 1/32768; int32: Q16.16.
 */
export function softmax({ scales, operands: [x], result }: Invocation): void {
  const length = x!.shape.at(-1)!
  for (let at = 0; at < x!.values.length; at += length) {
    const row = Array.from(x!.values.subarray(at, at + length))
    result.values.set(of(row), at)
  }

  function of(row: readonly number[]): number[] {
    if (x!.type === 'int8') return softmaxInt8(row, scales[0]!, result.type === 'int16' ? 16 : 8)
    return x!.type === 'int16' ? softmaxInt16(row, scales[0]!) : softmaxQ16(row)
  }
}

/** Differences to the largest element in Q5.26, their sum in Q12.19; a result of `bits` bits. */
function softmaxInt8(row: readonly number[], { multiplier, shift }: Scale, bits: number): number[] {
  const largest = Math.max(...row)
  const smallestDifference = -Math.floor((31 * 2 ** 26) / 2 ** shift)
  const exps = row.map((x) => (x - largest < smallestDifference ? undefined : exp(srdhm((x - largest) * 2 ** shift, multiplier), 5)))
  const sum = exps.reduce<number>((total, e) => (e === undefined ? total : total + rdpot(e, 12)), 0)
  const zeros = Math.clz32(sum)
  const scale = reciprocal(sum * 2 ** zeros - 2 ** 31)
  const least = -(2 ** (bits - 1))
  return exps.map((e) => (e === undefined ? least : clamp(rdpot(srdhm(scale, e), 12 - zeros + 31 - bits) + least, least, -least - 1)))
}

/** Exponentials and their sum in Q0.15. */
function softmaxInt16(row: readonly number[], scale: Scale): number[] {
  const largest = Math.max(...row)
  const exps = row.map((x) => expInt16(multiply(x - largest, scale)))
  const sum = exps.reduce((total, e) => total + e, 0)
  const zeros = Math.clz32(sum)
  const shifted = Math.floor((sum * 2 ** (zeros - 1) + 2 ** 13) / 2 ** 14)
  const reciprocal = reciprocalInt16(shifted - 65536)
  const shift = 31 - zeros
  return exps.map((e) => clamp(Math.floor((e * reciprocal + 2 ** (shift - 1)) / 2 ** shift), 0, 32767))
}

function softmaxQ16(row: readonly number[]): number[] {
  const largest = Math.max(...row)
  const exps = row.map((x) => (x - largest < -16 * 65536 + 1 ? 0 : rdpot(exp((x - largest) * 2 ** 11, 4), 15)))
  const sum = exps.reduce((total, e) => total + e, 0)
  return exps.map((e) => Math.floor((e * 65536 + Math.floor(sum / 2)) / sum))
}
