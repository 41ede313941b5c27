import { clamp, rdpot, srdhm } from '../../reference/arithmetic.ts'

const int32 = [-(2 ** 31), 2 ** 31 - 1] as const

/**
 * 1 / √value = multiplier · 2^(shift - 31) of a positive int32 (TFLite GetInvSqrtQuantizedMultiplierExp): five steps of Newton in Q3.28,
 * x' = x · 3/2 - value / 2 · x³.
 */
export function inverseSquareRoot(value: number): { multiplier: number; shift: number } {
  if (value <= 1) return { multiplier: 2 ** 31 - 1, shift: 0 }
  // To 2^27 ... 2^29.
  const pairs = Math.floor((Math.clz32(value) - 1) / 2) - 1
  const shift = pairs - 11
  const half = rdpot((value * 4 ** pairs) / 2, 1)
  let root = 2 ** 28
  for (let step = 0; step < 5; step += 1) {
    const cube = times(srdhm(srdhm(root, root), root), 6)
    root = times(srdhm(3 * 2 ** 27, root) - srdhm(half, cube), 3)
  }
  const multiplier = srdhm(root, 1518500250)
  return shift > 0 ? { multiplier: multiplier * 2 ** shift, shift: 0 } : { multiplier, shift }
}

/** Of fewer integer bits, saturated. */
function times(value: number, bits: number): number {
  return clamp(value * 2 ** bits, ...int32)
}
