import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tensor } from '../import/write-onnx.ts'
import { assertDecomposed, noise } from './decompositions.ts'

const picture = { name: 'x', type: 'float32', shape: [1, 3, 4, 5] }

test('BatchNormalization becomes a product and a sum for each channel', async () => {
  const constants = ['scale', 'bias', 'mean', 'variance'].map((name, index) =>
    tensor(
      name,
      'float32',
      [3],
      [...noise(3, index + 7)].map((value) => (name === 'variance' ? Math.abs(value) + 0.1 : value)),
    ),
  )
  const node = {
    op: 'BatchNormalization',
    inputs: ['x', 'scale', 'bias', 'mean', 'variance'],
    outputs: ['y'],
    attributes: { epsilon: { float: 1e-3 } },
  }
  assert.deepEqual(await assertDecomposed({ nodes: [node], constants, inputs: [picture], outputs: [{ name: 'y', type: 'float32' }] }), [
    'Mul',
    'Add',
  ])
})

for (const [op, wanted] of [
  ['Sum', ['Add', 'Add']],
  ['Max', ['Max', 'Max']],
  ['Min', ['Min', 'Min']],
  ['Mean', ['Add', 'Add', 'Mul']],
] as const)
  test(`${op} of three operands becomes a chain`, async () => {
    const inputs = ['a', 'b', 'c'].map((name) => ({ ...picture, name }))
    const file = { nodes: [{ op, inputs: ['a', 'b', 'c'], outputs: ['y'] }], inputs, outputs: [{ name: 'y', type: 'float32' }] }
    assert.deepEqual(await assertDecomposed(file), wanted)
  })
