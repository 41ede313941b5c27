/** Random operators for tests whose sizes straddle the kernels' tiles: every test names the seed of what fails. */
import assert from 'node:assert/strict'
import { floatBits, type Rounding } from '../../runtime/model/types.ts'
import { tensorBytes } from '../../runtime/reference/tensor.ts'
import { assertReference, type OperandSpec, type OperatorSpec, operatorModel, random, randomBytes } from '../module/harness.ts'

export type Dice = {
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  pick<T>(choices: readonly T[]): T
  bytes(count: number): Uint8Array
}

export function createDice(seed: number): Dice {
  const next = random(seed)
  for (let i = 0; i < 8; i++) next()
  return {
    between: (low, high) => low + (next() % (high - low + 1)),
    pick: (choices) => choices[next() % choices.length]!,
    bytes: (count) => randomBytes(count, next),
  }
}

/** Both builds give the reference's bytes for `count` operators, on random bytes and on bytes that are mostly one extreme. */
export function fuzz(count: number, spec: (dice: Dice) => OperatorSpec): void {
  for (let seed = 0; seed < count; seed++) {
    const dice = createDice(seed)
    const operator = spec(dice)
    const model = operatorModel(operator)
    const length = model.inputs.reduce((sum, { tensor }) => sum + tensorBytes(model.tensors[tensor]!), 0)
    const extreme = dice.pick([0x80, 0x7f])
    const inputs = [dice.bytes(length), Uint8Array.from({ length }, () => dice.pick([extreme, extreme, extreme, 0x80, 0x7f, 0, 0xff]))]
    try {
      assertReference(model, { seed, inputs })
    } catch (error) {
      const shapes = operator.operands.map(({ shape }) => shape)
      assert.fail(`seed ${seed}: ${JSON.stringify({ ...operator, operands: shapes })}: ${(error as Error).message}`)
    }
  }
}

/** A zero point, often an extreme one. */
export function zeroPoint(dice: Dice): number {
  return dice.pick([0, 0, -128, 127, dice.between(-128, 127)])
}

/** −128 ≤ yMin ≤ yMax ≤ 127, mostly the whole range. */
export function bounds(dice: Dice): [number, number] {
  const [a, b] = dice.pick([
    [-128, 127],
    [-128, 127],
    [dice.between(-128, 127), dice.between(-128, 127)],
  ] as [number, number][])
  return a < b ? [a, b] : [b, a]
}

/**
 * `count` requantizations that bring accumulators up to `reach` somewhere near the int8 range, each up to 2^spread smaller than the largest.
 * Now and then a shift is zero or positive, as far as `bound` allows.
 */
export function requantizations(
  dice: Dice,
  rounding: Rounding,
  count: number,
  reach: number,
  bound: number,
): { multipliers: number[]; shifts: number[] } {
  const spread = dice.pick([0, 1, 4, 6, 7, 12])
  const centre = Math.ceil(Math.log2(Math.max(reach, 1))) - dice.between(5, 8)
  const rights = Array.from({ length: count }, () => {
    const usual = Math.max(-2, Math.min(31, centre + dice.between(0, spread)))
    return dice.between(0, 19) === 0 ? dice.pick([0, 31, 30, 1]) : usual
  })
  if (rounding === 'fp32')
    return { multipliers: rights.map((right) => floatBits((0.5 + dice.between(0, 4095) / 8192) / 2 ** right)), shifts: [] }
  const shifts = rights.map((right) => {
    let shift = -right
    while (shift > 0 && bound * 2 ** shift >= 2 ** 31) shift--
    return shift
  })
  const multipliers = rights.map(() =>
    dice.pick([2 ** 30, 2 ** 31 - 1, 0, ...Array.from({ length: 12 }, () => dice.between(2 ** 30, 2 ** 31 - 1))]),
  )
  return { multipliers, shifts }
}

export const roundings: readonly Rounding[] = ['fp32', 'single', 'double']

/** A picture, a kernel over it with paddings below its extent, and the windows that fit. `dilations`, `kernels`: what to choose from. */
export function randomWindow(dice: Dice, kernels: readonly number[], dilations: readonly number[]) {
  const axis = () => {
    const kernel = dice.pick(kernels)
    const dilation = dice.pick(dilations)
    const stride = dice.between(1, 3)
    const extent = (kernel - 1) * dilation + 1
    const before = dice.between(0, extent - 1)
    const after = dice.between(0, extent - 1)
    const size = dice.between(Math.max(1, extent - before - after), extent + 9)
    return { kernel, dilation, stride, before, after, size, windows: Math.floor((size + before + after - extent) / stride) + 1 }
  }
  return { h: axis(), w: axis() }
}

/** Shapes of two operands and their result, equal half of the time. */
export function broadcastShapes(dice: Dice): [number[], number[], number[]] {
  const y = Array.from({ length: dice.between(1, 6) }, () => dice.pick([1, 2, 2, 3]))
  // A block is 512 elements.
  if (y.length < 4 && dice.between(0, 2) === 0) y[y.length - 1] = dice.pick([17, 511, 513])
  if (dice.between(0, 1) === 0) return [y, y, y]
  const a = y.map((size) => dice.pick([size, size, 1]))
  const b = y.map((size, axis) => (a[axis] === size ? dice.pick([size, 1]) : size))
  // Leading dimensions of 1 may be left out of one operand.
  while (b.length > 1 && b[0] === 1 && dice.between(0, 1) === 0) b.shift()
  return dice.pick([0, 1]) ? [a, b, y] : [b, a, y]
}

/** Random int8 constant. */
export function weights(dice: Dice, shape: number[]): OperandSpec {
  return { shape, values: new Int8Array(dice.bytes(shape.reduce((a, b) => a * b)).slice().buffer) }
}

/** Random int8 constant, now and then all −128: 32-bit sums of its products with int16 overflow where they are not split. */
export function weights16(dice: Dice, shape: number[]): OperandSpec {
  const random = weights(dice, shape)
  return dice.between(0, 2) === 0 ? { shape, values: new Int8Array(random.values!.length).fill(-128) } : random
}

/** Random int32 constant with |value| ≤ most. */
export function bias(dice: Dice, count: number, most: number): OperandSpec {
  return { type: 'int32', shape: [count], values: Int32Array.from({ length: count }, () => dice.between(-most, most)) }
}

/** −2^15 ≤ yMin ≤ yMax ≤ 2^15 − 1, mostly the whole range. */
export function bounds16(dice: Dice): [number, number] {
  const [a, b] = dice.pick([
    [-32768, 32767],
    [-32768, 32767],
    [dice.between(-32768, 32767), dice.between(-32768, 32767)],
  ] as [number, number][])
  return a < b ? [a, b] : [b, a]
}

/** As requantizations, into the int16 range and in integer form in every mode. */
export function requantizations16(dice: Dice, count: number, reach: number): { multipliers: number[]; shifts: number[] } {
  return requantizations(dice, 'double', count, Math.ceil(reach / 256), 2 ** 31 - 1)
}

/** Bias of a layer on int16: left out, int32 [count] or int64 [count, 2], |value| ≤ most · 2^16 for the latter. */
export function bias16(dice: Dice, count: number, most: number): OperandSpec[] {
  if (dice.between(0, 3) === 0) return []
  if (dice.between(0, 1) === 0) return [bias(dice, count, most)]
  const values = Int32Array.from({ length: 2 * count }, (_, word) =>
    word % 2 ? dice.between(-1, 0) : dice.between(-(2 ** 31), 2 ** 31 - 1),
  )
  return [{ type: 'int32', shape: [count, 2], values }]
}

/** Sizes around the tiles: 4 rows, 8 columns, 16 columns of a vector, 2 of depth. */
export const straddling = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33] as const
