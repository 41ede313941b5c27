import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, type TensorType, tensorTypes } from '../../runtime/model/types.ts'
import { assertReference, type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { type Dice, fuzz } from './fuzz.ts'

type Gather = { shape: number[]; axis: number; indices: number[]; values?: number[]; type?: TensorType }

/** `indices`: their shape; `values` makes them constant. */
function spec({ shape, axis, indices, values, type = 'int8' }: Gather): OperatorSpec {
  return {
    name: 'gather',
    operands: [
      { type, shape },
      { type: 'int32', shape: indices, ...(values === undefined ? {} : { values: Int32Array.from(values) }) },
    ],
    result: { type, shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)] },
    attributes: [axis],
  }
}

const gather = (of: Gather) => operatorModel(spec(of))

function random(dice: Dice): Gather {
  const shape = Array.from({ length: dice.between(1, 4) }, () => dice.pick([1, 2, 3, 5]))
  // Copies of up to 31 bytes are loops, longer ones are not.
  shape[dice.between(0, shape.length - 1)] = dice.pick([4, 9, 33])
  const axis = dice.between(0, shape.length - 1)
  const indices = Array.from({ length: dice.between(1, 2) }, () => dice.pick([1, 2, 5]))
  return { shape, axis, indices, type: dice.pick(tensorTypes) }
}

test('gather by constant indices: both builds give the reference bytes', () =>
  fuzz(200, (dice) => {
    const of = random(dice)
    const values = Array.from({ length: of.indices.reduce((a, b) => a * b) }, () => dice.between(0, of.shape[of.axis]! - 1))
    return spec({ ...of, values })
  }))

// Random bytes are far outside; the fuzz also gives 0, −1, and the extremes of int32.
test('gather by computed indices, inside and outside: both builds give the reference bytes', () => {
  fuzz(100, (dice) => spec(random(dice)))
  const model = gather({ shape: [5, 3], axis: 0, indices: [9] })
  const indices = Int32Array.from([0, 4, 5, 6, -1, -5, -6, 2 ** 31 - 1, -(2 ** 31)])
  const input = Uint8Array.from([...Array(15).keys(), ...new Uint8Array(indices.buffer)])
  assertReference(model, { inputs: [input] })
})

test('gather from a constant table', () => {
  const values = Int8Array.from({ length: 40 }, (_, i) => i)
  const table = { shape: [10, 4], values }
  assertReference(
    operatorModel({
      name: 'gather',
      operands: [table, { type: 'int32', shape: [1, 3] }],
      result: { shape: [1, 3, 4] },
      attributes: [0],
    }),
    { inputs: [new Uint8Array(Int32Array.from([9, 0, 3]).buffer)] },
  )
})

test('gather refuses constant indices outside, other types and another shape', () => {
  const of = (model: ReturnType<typeof gather>) => {
    const { code, field, got, wanted } = refusal(encodeModel(model))
    return [code, field, Number(got), Number(wanted)]
  }
  const constant = (values: number[]) => gather({ shape: [4, 2], axis: 0, indices: [2], values })
  assert.deepEqual(of(constant([0, 4])), [7, (5 << 8) | 1, 4, 3])
  assert.deepEqual(of(constant([-1, 0])), [7, (5 << 8) | 1, -1, 0])
  const axis = constant([0, 1])
  axis.operators[0]!.attributes = [2]
  assert.deepEqual(of(axis), [8, 0, 2, 1])
  const other = constant([0, 1])
  other.tensors[2]!.shape = [3, 2]
  assert.deepEqual(of(other), [9, 0, 3, 2])
  const bytes = operatorModel({ name: 'gather', operands: [{ shape: [4] }, { shape: [2] }], result: { shape: [2] }, attributes: [0] })
  assert.deepEqual(of(bytes), [7, 1, 0, 3])
})
