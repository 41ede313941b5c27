import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type Rounding } from '../../runtime/model/types.ts'
import { builds, type OperatorSpec, openModel, operatorModel } from '../module/harness.ts'
import { bounds, createDice, type Dice, fuzz, requantizations, roundings, straddling, zeroPoint } from './fuzz.ts'

function randomRequantize(dice: Dice, rounding: Rounding): OperatorSpec {
  const channels = dice.pick(straddling)
  const shape = dice.pick([[channels], [3, channels], [5, 13, channels], [1, 130, channels]])
  const isInt32 = dice.between(0, 1) === 0
  const most = isInt32 ? 2 ** 31 : 255
  return {
    name: 'requantize',
    rounding,
    operands: [{ type: isInt32 ? 'int32' : 'int8', shape }],
    result: { shape },
    attributes: [isInt32 ? 0 : zeroPoint(dice), zeroPoint(dice), ...bounds(dice)],
    ...requantizations(dice, rounding, dice.pick([1, channels]), dice.pick([most, 300]), most),
  }
}

for (const rounding of roundings)
  test(`requantize in ${rounding}: both builds give the reference's bytes`, () => fuzz(250, (dice) => randomRequantize(dice, rounding)))

/** docs/arithmetic.md, "Requantization", in whole numbers without bounds. */
function exactly(rounding: 'single' | 'double', acc: bigint, multiplier: bigint, shift: bigint): bigint {
  if (rounding === 'single') {
    const t = 31n - shift
    return (acc * multiplier + (1n << (t - 1n))) >> t
  }
  const left = shift > 0n ? shift : 0n
  const right = left - shift
  const high = ((acc << left) * multiplier + (1n << 30n)) >> 31n
  return right === 0n ? high : (high + (1n << (right - 1n)) - (high < 0n ? 1n : 0n)) >> right
}

/** Accumulators where the result steps from one byte to the next, their neighbours, and the ends of int32. */
function steps(multiplier: bigint, shift: bigint): bigint[] {
  const around = (value: bigint) => [-2n, -1n, 0n, 1n, 2n].map((offset) => value + offset)
  const at: bigint[] = [-(2n ** 31n), 2n ** 31n - 1n, 0n, 2n ** 30n, -(2n ** 30n)].flatMap(around)
  if (multiplier > 0n) for (let half = -513n; half <= 513n; half += 2n) at.push(...around((half * 2n ** (30n - shift)) / multiplier))
  return at.filter((value) => value >= -(2n ** 31n) && value < 2n ** 31n)
}

for (const rounding of ['single', 'double'] as const)
  test(`requantize in ${rounding}: every step from byte to byte is where BigInt says, for every shift and zero points at the ends`, () => {
    const dice = createDice(1)
    for (let shift = -31; shift <= 0; shift++)
      for (const yZero of [-128, 0, 127]) {
        // Eight channels share a vector: their shifts lie `spread` apart, in one vector form or the other.
        const spread = dice.pick([0, 3, 6, 7, 31])
        const shifts = Array.from({ length: 8 }, () => Math.min(0, shift + dice.between(0, spread)))
        shifts[dice.between(0, 7)] = shift
        const multipliers = shifts.map(() => dice.pick([2 ** 30, 2 ** 31 - 1, 2 ** 30 + 1, dice.between(2 ** 30, 2 ** 31 - 1)]))
        const columns = shifts.map((right, channel) => steps(BigInt(multipliers[channel]!), BigInt(right)))
        const rows = Math.max(...columns.map((column) => column.length))
        const x = Int32Array.from({ length: rows * 8 }, (_, at) => Number(columns[at % 8]![Math.floor(at / 8) % columns[at % 8]!.length]!))
        const wanted = Int8Array.from(x, (acc, at) => {
          const value = BigInt(yZero) + exactly(rounding, BigInt(acc), BigInt(multipliers[at % 8]!), BigInt(shifts[at % 8]!))
          return Number(value < -128n ? -128n : value > 127n ? 127n : value)
        })
        const shape = [rows, 8]
        const model = operatorModel({
          name: 'requantize',
          rounding,
          operands: [{ type: 'int32', shape }],
          result: { shape },
          attributes: [0, yZero, -128, 127],
          multipliers,
          shifts,
        })
        for (const build of builds)
          assert.deepEqual(
            new Int8Array(openModel(build, encodeModel(model)).run(new Uint8Array(x.buffer)).buffer),
            wanted,
            `${build}, shifts ${shifts}`,
          )
      }
  })
