import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { canonicalize } from '../../runtime/model/canonical.ts'
import { ModelError } from '../../runtime/model/errors.ts'
import { encodeModel, type Model, type Operator } from '../../runtime/model/types.ts'

const digits = importTflite(readFileSync(new URL('../../examples/digits/digits.tflite', import.meta.url)), { rounding: 'double' })

/** The same graph with its operators and tensors listed in another order. */
function shuffled(model: Model, tensorOrder: readonly number[], operatorOrder: readonly number[]): Model {
  const place = (tensor: number) => tensorOrder.indexOf(tensor)
  const port = <T extends { tensor: number }>(from: T): T => ({ ...from, tensor: place(from.tensor) })
  return {
    rounding: model.rounding,
    tensors: tensorOrder.map((index) => model.tensors[index]!),
    operators: operatorOrder.map((index) => {
      const operator = model.operators[index]!
      return { ...operator, inputs: operator.inputs.map(place), outputs: operator.outputs.map(place) }
    }),
    inputs: model.inputs.map(port),
    outputs: model.outputs.map(port),
  }
}

const order = (length: number) => fc.shuffledSubarray([...Array(length).keys()], { minLength: length })

test('one graph has one encoding, however it is listed', () =>
  fc.assert(
    fc.property(order(digits.model.tensors.length), order(digits.model.operators.length), (tensors, operators) => {
      assert.deepEqual(encodeModel(canonicalize(shuffled(digits.model, tensors, operators)).model), digits.bytes)
    }),
    { numRuns: 30 },
  ))

const clamp = (from: number, to: number): Operator => ({
  name: 'clamp',
  inputs: [from],
  outputs: [to],
  attributes: [-128, 127],
  multipliers: [],
  shifts: [],
})
const chain = (operators: Operator[], tensors = 6, outputs = [1]): Model => ({
  rounding: 'double',
  tensors: Array.from({ length: tensors }, () => ({ type: 'int8', shape: [1], data: new Uint8Array() })),
  operators,
  inputs: [{ tensor: 0, scale: 1, zeroPoint: 0 }],
  outputs: outputs.map((tensor) => ({ tensor, scale: 1, zeroPoint: 0 })),
})

test('what no output needs disappears, and the old indices tell what became of the rest', () => {
  const { model, tensors, operators } = canonicalize(chain([clamp(0, 5), clamp(3, 1), clamp(0, 3)]))
  assert.deepEqual(
    model.operators.map(({ inputs, outputs }) => [inputs, outputs]),
    [
      [[0], [1]],
      [[1], [2]],
    ],
  )
  assert.deepEqual(tensors, [0, 3, 1])
  assert.deepEqual(operators, [2, 1])
})

test('a chain of 4096 operators is ordered without recursion', () => {
  const operators = Array.from({ length: 4096 }, (_, index) => clamp(index, index + 1)).reverse()
  const { model } = canonicalize(chain(operators, 4097, [4096]))
  assert.deepEqual(model.operators.at(-1)!.inputs, [4095])
})

test('refuses a cycle, two producers of one tensor, and an output that nothing computes', () => {
  const refused = (code: string, model: Model) =>
    assert.throws(
      () => canonicalize(model),
      (error) => error instanceof ModelError && error.code === code,
    )
  refused('order', chain([clamp(2, 1), clamp(1, 2)]))
  refused('order', chain([clamp(1, 1)]))
  refused('order', chain([clamp(0, 1), clamp(2, 1)]))
  refused('port', chain([clamp(0, 2)]))
})
