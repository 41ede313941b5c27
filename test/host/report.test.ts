import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHost, encodeModel, loadModule, type Model, ModelError } from '../../runtime/index.ts'
import { denseModel } from '../precompiles/models.ts'

const host = createHost({ wasm: loadModule() })

/** What is changed in a valid model, and what the author is told. */
const cases: [string, (model: Model) => void, string][] = [
  [
    'an attribute',
    ({ operators }) => (operators[1]!.attributes = [0, 200]),
    'operator 1 (clamp), attribute yMax is out of its range: got 200, wanted 127',
  ],
  [
    'a multiplier',
    ({ operators }) => (operators[0]!.multipliers = [5]),
    'operator 0 (fullyConnected), multiplier 0 is out of its range: got 5, wanted 536870912',
  ],
  [
    'a shift',
    ({ operators }) => (operators[0]!.shifts = [-40]),
    'operator 0 (fullyConnected), shift 0 is out of its range: got -40, wanted -31',
  ],
  ['a shape', ({ tensors }) => (tensors[3]!.shape = [1, 11]), 'operator 1 (clamp), tensor 3, wrong size of dimension 1: got 11, wanted 10'],
  ['an operand without data', ({ tensors }) => (tensors[1]!.data = new Uint8Array()), 'tensor 1'],
  ['the order of operators', ({ operators }) => operators.reverse(), 'canonical order'],
  ['a port', ({ outputs }) => (outputs[0]!.tensor = 9), 'wrong tensor of model output 0: got 9, wanted 3'],
]

for (const [name, change, says] of cases)
  test(`tells what is wrong with ${name}`, () => {
    const model = denseModel(64, 10)
    change(model)
    assert.throws(
      () => host.plan(encodeModel(model)),
      (error: ModelError) => {
        assert.ok(error instanceof ModelError)
        assert.ok(error.message.includes(says), error.message)
        return true
      },
    )
  })
