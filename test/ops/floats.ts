/** Float32 bits for tests: numbers of every size, and the ones where arithmetic is special. */
import { floatBits } from '../../runtime/model/types.ts'
import type { OperandSpec } from '../module/harness.ts'
import type { Dice } from './fuzz.ts'

/** Zeros, the least and the greatest subnormal and normal numbers, one and its neighbours, infinities, NaNs. */
export const specials = [
  0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000,
  0x7fffffff,
].flatMap((bits) => [bits | 0, bits | 0x80000000 | 0])

/** Bits of a float32: any, an everyday number, or a special one. */
export function anyFloat(dice: Dice): number {
  return dice.pick([dice.between(-(2 ** 31), 2 ** 31 - 1), everyday(dice), everyday(dice), dice.pick(specials)])
}

/** Bits of a number between −64 and 64 in steps that are often the same. */
export function everyday(dice: Dice): number {
  return floatBits(dice.between(-1024, 1024) / dice.pick([16, 17, 1000, 2 ** 20])) | 0
}

export function floats(shape: number[], pick: () => number): OperandSpec {
  return { type: 'int32', shape, values: Int32Array.from({ length: shape.reduce((a, b) => a * b) }, pick) }
}

export const floatTensor = (shape: number[]): OperandSpec => ({ type: 'int32', shape })

/** Little-endian bytes of float32 bits. */
export function floatInput(bits: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(bits).buffer)
}
