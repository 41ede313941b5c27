import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { executors } from '../suites/expected-bytes.ts'
import { handle, initial, quantized, resource, sliding } from './stateful.ts'
import { type TfliteFile, type TfliteNode, writeTflite } from './write-tflite.ts'

const imported = (file: TfliteFile) => importTflite(writeTflite(file), { rounding: 'double' })

for (const executor of executors())
  test(`state goes round as an input and an output: ${executor.name}`, () => {
    const { bytes, model, inputs, outputs, states } = imported(sliding('int8', [7, 8, 9]))
    assert.deepEqual(states, [{ name: '/window', input: 1, output: 1, initial: Uint8Array.of(7, 8, 9) }])
    assert.deepEqual([inputs[1]!.shape, outputs[1]!.shape], [[3], [3]])
    const run = executor.open(bytes, model)
    let state: Uint8Array = states[0]!.initial
    const windows = [1, 3, 5].map((value) => {
      const output = run(Uint8Array.of(value, value + 1, ...state))
      state = output.subarray(5)
      return [...output.subarray(0, 5)]
    })
    assert.deepEqual(windows, [
      [7, 8, 9, 1, 2],
      [9, 1, 2, 3, 4],
      [2, 3, 4, 5, 6],
    ])
  })

test('the state of a uint8 model is int8, 128 less', () => {
  const { states, inputs, report } = imported(sliding('uint8', [128, 129, 0]))
  assert.deepEqual(new Int8Array(states[0]!.initial), Int8Array.of(0, 1, -128))
  assert.deepEqual([inputs[1]!.source, inputs[1]!.zeroPoint], ['uint8', -125])
  assert.ok(report.notes.includes('variable "/window" is input 1 and output 1: each run takes what the last one gave'))
})

/** An ADD of x and what the variable holds; `nodes` around it, on the tensors x 0, handle 1, read 2, y 3, and two more. */
function around(nodes: (add: TfliteNode) => TfliteNode[], outputs: number[], called = [initial('int8', [4])]): TfliteFile {
  const of = () => quantized('int8', [1])
  return {
    tensors: [of(), resource(), of(), of(), of(), of()],
    nodes: [
      { op: 'CALL_ONCE', inputs: [], outputs: [], options: { subgraph: 1 } },
      handle(1),
      ...nodes({ op: 'ADD', inputs: [0, 2], outputs: [3] }),
    ],
    inputs: [0],
    outputs,
    called,
  }
}

const read = (output = 2): TfliteNode => ({ op: 'READ_VARIABLE', inputs: [1], outputs: [output] })
const assign = (value: number): TfliteNode => ({ op: 'ASSIGN_VARIABLE', inputs: [1, value], outputs: [] })

test('a variable that is only read is a constant', () => {
  const { states, inputs, model } = imported(around((add) => [read(), add], [3]))
  assert.deepEqual([states, inputs.length], [[], 1])
  assert.ok(model.tensors.some(({ data }) => data.length === 1 && data[0] === 4))
})

test('a variable that is assigned before it is read, or never read, is no state', () => {
  assert.deepEqual(imported(around((add) => [assign(0), read(), add], [3])).states, [])
  assert.deepEqual(imported(around(() => [{ op: 'ADD', inputs: [0, 0], outputs: [3] }, assign(3)], [3])).states, [])
})

test('a value that is assigned and then read is the new one', () => {
  const { model, states } = imported(around((add) => [read(), add, assign(3), read(4), { op: 'ADD', inputs: [4, 4], outputs: [5] }], [5]))
  assert.equal(states.length, 1)
  assert.deepEqual(new Set(model.operators[1]!.inputs), new Set([model.operators[0]!.outputs[0]]))
})

test('state that is an input, or an output already, is copied', () => {
  const asInput = imported(around((add) => [read(), add, assign(0)], [3]))
  assert.deepEqual(asInput.report.operators, { add: 1, reshape: 1 })
  const asOutput = imported(around((add) => [read(), add, assign(3)], [3]))
  assert.deepEqual(asOutput.report.operators, { add: 1, reshape: 1 })
  assert.equal(asOutput.outputs.length, 2)
})

test('refuses state without an initial value, or with one of another shape', () => {
  for (const called of [[initial('int8', [4], 'other')], [initial('int8', [4, 5])]])
    assert.throws(
      () => imported(around((add) => [read(), add, assign(3)], [3], called)),
      (error) =>
        error instanceof ImportError &&
        error.code === 'unsupported' &&
        error.problems[0]!.problem === 'it has no constant initial value of its own type and shape',
    )
})

test('refuses a call of a subgraph that is not there', () => {
  const file = around((add) => [read(), add, assign(3)], [3], [])
  assert.throws(() => imported(file), { code: 'malformed', message: /it calls subgraph 1 of 1/ })
})
