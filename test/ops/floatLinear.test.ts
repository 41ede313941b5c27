import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel } from '../../runtime/model/types.ts'
import { assertReference, operatorModel, refusal } from '../module/harness.ts'
import { anyFloat, everyday, floatInput, floats, floatTensor } from './floats.ts'
import { createDice } from './fuzz.ts'

const infinity = 0x7f800000
const finite = (bits: number) => ((bits & infinity) === infinity ? bits ^ 0x40000000 : bits)

const model = (rows: number, depth: number, outputs: number, pick: () => number) =>
  operatorModel({
    name: 'floatLinear',
    operands: [floatTensor([rows, depth]), floats([outputs, depth], pick), floats([outputs], pick)],
    result: floatTensor([rows, outputs]),
  })

for (const [rows, depth, outputs] of [
  [1, 1, 1],
  [1, 7, 3],
  [3, 33, 2],
  [2, 200, 5],
] as const)
  test(`floatLinear ${rows}×${depth} → ${outputs}: both builds give the reference's bits`, () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const dice = createDice(seed)
      const numbers = (pick: () => number) => floatInput(Array.from({ length: rows * depth }, pick))
      const ordinary = model(rows, depth, outputs, () => everyday(dice))
      assertReference(ordinary, { seed, inputs: [numbers(() => everyday(dice)), numbers(() => anyFloat(dice))] })
      // Products of every size: sums that cancel, and that leave the range of float32.
      const wild = model(rows, depth, outputs, () => finite(dice.between(-(2 ** 31), 2 ** 31 - 1)))
      assertReference(wild, { seed, inputs: [numbers(() => dice.between(-(2 ** 31), 2 ** 31 - 1)), numbers(() => everyday(dice))] })
    }
  })

test('floatLinear refuses weights that are no numbers, and other shapes', () => {
  const nan = model(1, 2, 2, () => 0x7fc00000)
  const { code, field, got } = refusal(encodeModel(nan))
  assert.deepEqual([code, field, got], [7, (5 << 8) | 1, 0x7fc00000n])
  const other = model(1, 2, 2, () => 0)
  other.tensors[3]!.shape = [1, 3]
  assert.equal(refusal(encodeModel(other)).code, 9)
})
