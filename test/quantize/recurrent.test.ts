import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OnnxAttribute, tensor } from '../import/write-onnx.ts'
import { assertDecomposed, noise } from './decompositions.ts'

const [steps, batch, features, units] = [4, 2, 3, 5]
const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const

type Form = { directions?: 1 | 2; hasBias?: boolean; hasState?: boolean; attributes?: Readonly<Record<string, OnnxAttribute>> }

/** A layer of random weights, its operands behind x constant but for the state. */
async function decomposed(
  op: keyof typeof gates,
  { directions = 1, hasBias = true, hasState = false, attributes = {} }: Form,
): Promise<string[]> {
  const columns = gates[op] * units
  const constant = (name: string, shape: readonly number[], seed: number) => {
    const count = shape.reduce((product, size) => product * size, 1)
    return tensor(name, 'float32', shape, [...noise(count, seed)])
  }
  const state = [directions, batch, units]
  const states = hasState ? (op === 'LSTM' ? ['h', 'c'] : ['h']) : []
  const outputs = op === 'LSTM' ? ['y', 'yh', 'yc'] : ['y', 'yh']
  return assertDecomposed({
    opset: 14,
    nodes: [{ op, inputs: ['x', 'w', 'r', hasBias ? 'b' : '', '', ...states], outputs, attributes: { hidden_size: units, ...attributes } }],
    constants: [
      constant('w', [directions, columns, features], 11),
      constant('r', [directions, columns, units], 12),
      ...(hasBias ? [constant('b', [directions, 2 * columns], 13)] : []),
    ],
    inputs: [
      { name: 'x', type: 'float32', shape: [steps, batch, features] },
      ...states.map((name) => ({ name, type: 'float32', shape: state })),
    ],
    outputs: outputs.map((name) => ({ name, type: 'float32' })),
  })
}

/** As decomposed, for whoever only wants the same numbers. */
async function held(op: keyof typeof gates, form: Form): Promise<void> {
  assert.ok(!(await decomposed(op, form)).includes(op))
}

for (const op of ['RNN', 'GRU', 'LSTM'] as const) {
  test(`${op} becomes its steps`, async () => {
    const operators = await decomposed(op, {})
    assert.ok(!operators.includes(op))
    // The input's product for all steps at once; the first step has no state to multiply.
    assert.equal(operators.filter((name) => name === 'MatMul').length, 1 + (op === 'GRU' ? 2 : 1) * (steps - 1))
  })
  test(`${op} from a state on, without biases`, () => held(op, { hasState: true, hasBias: false }))
  test(`${op} backwards with bounds`, () => held(op, { attributes: { direction: 'reverse', clip: { float: 0.6 } } }))
  test(`${op} in both directions, from a state on`, () =>
    held(op, { directions: 2, hasState: true, attributes: { direction: 'bidirectional' } }))
}

for (const hasState of [false, true])
  test(`GRU whose reset gate multiplies the product${hasState ? ', from a state on' : ''}`, () =>
    held('GRU', { hasState, attributes: { linear_before_reset: 1 } }))
