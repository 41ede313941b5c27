import { test } from 'node:test'
import type { Rounding, TensorType } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { type Dice, fuzz, requantizations, roundings, straddling } from './fuzz.ts'

const ranges = { int8: [-128, 127], int16: [-32768, 32767], int32: [-(2 ** 31), 2 ** 31 - 1] } as const
const types = ['int8', 'int16', 'int32'] as const

function randomRequantize(dice: Dice, rounding: Rounding): OperatorSpec {
  const from: TensorType & keyof typeof ranges = dice.pick(types)
  const to: TensorType & keyof typeof ranges = from === 'int16' ? dice.pick(types) : dice.pick(['int16', 'int32'] as const)
  const [low, high] = ranges[to]
  const within = () => dice.pick([low, high, 0, low + (dice.between(0, 2 ** 31 - 1) % (high - low))])
  const bounds = dice.pick([[low, high], [within(), within()].toSorted((a, b) => a - b)])
  const channels = dice.pick(straddling)
  const xZero = from === 'int32' ? 0 : dice.pick([0, ...ranges[from]])
  const reach = { int8: 255, int16: 65535, int32: 2 ** 31 - 1 }[from]
  const gain = { int8: 1, int16: 256, int32: 2 ** 22 }[to]
  return {
    name: 'requantize',
    rounding,
    operands: [{ type: from, shape: [5, channels] }],
    result: { type: to, shape: [5, channels] },
    attributes: [xZero, within(), ...bounds],
    ...requantizations(dice, rounding === 'single' ? 'single' : 'double', dice.pick([1, channels]), Math.ceil(reach / gain), reach),
  }
}

for (const rounding of roundings)
  test(`requantize between types in ${rounding}: both builds give the reference's bytes`, () =>
    fuzz(300, (dice) => randomRequantize(dice, rounding)))
