import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OnnxAttribute, tensor } from '../import/write-onnx.ts'
import { assertDecomposed, noise } from './decompositions.ts'

type Shapes = Readonly<Record<string, readonly number[]>>
type Constants = Parameters<typeof assertDecomposed>[0]['constants']

/** One node of `inputs` in their order, of which an empty name is left out and `constants` are constant. */
async function decomposed(
  op: string,
  inputs: readonly string[],
  shapes: Shapes,
  attributes: Readonly<Record<string, OnnxAttribute>>,
  { constants = [], outputs = ['y'], domain = '' }: { constants?: Constants; outputs?: readonly string[]; domain?: string } = {},
): Promise<string[]> {
  return assertDecomposed({
    opset: 23,
    nodes: [{ op, domain, inputs, outputs, attributes }],
    constants,
    inputs: Object.entries(shapes).map(([name, shape]) => ({ name, type: 'float32', shape })),
    outputs: outputs.filter((name) => name !== '').map((name) => ({ name, type: 'float32' })),
  })
}

/** As decomposed, for whoever only wants the same numbers. */
async function held(...form: Parameters<typeof decomposed>): Promise<void> {
  assert.ok(!(await decomposed(...form)).includes(form[0]))
}

const packed = { q: [2, 3, 12], k: [2, 5, 12], v: [2, 5, 6] }

test('Attention becomes two products around a softmax', async () => {
  const operators = await decomposed('Attention', ['q', 'k', 'v'], packed, { q_num_heads: 3, kv_num_heads: 3 })
  assert.deepEqual(
    operators.filter((op) => op !== 'Reshape' && op !== 'Transpose'),
    ['Mul', 'MatMul', 'Softmax', 'MatMul'],
  )
})

test('Attention of fewer heads of keys than of queries, causal, with a cap, a mask and what came before', () =>
  held(
    'Attention',
    ['q', 'k', 'v', 'mask', 'pk', 'pv'],
    { q: [1, 4, 3, 8], k: [1, 2, 3, 8], v: [1, 2, 3, 5], mask: [3, 7], pk: [1, 2, 4, 8], pv: [1, 2, 4, 5] },
    { is_causal: 1, softcap: { float: 1.5 }, scale: { float: 0.7 } },
    { outputs: ['y', 'pastKey', 'pastValue'] },
  ))

test('Attention with a constant mask of bool, a query of which sees nothing', () =>
  held(
    'Attention',
    ['q', 'k', 'v', 'mask'],
    { q: [1, 2, 3, 4], k: [1, 2, 2, 4], v: [1, 2, 2, 4] },
    {},
    { constants: [tensor('mask', 'bool', [3, 2], [1, 0, 0, 0, 1, 1])] },
  ))

test('MultiHeadAttention with biases, one direction and what came before', () =>
  held(
    'MultiHeadAttention',
    ['q', 'k', 'v', 'bias', '', 'more', 'pk', 'pv'],
    { q: [1, 3, 8], k: [1, 3, 8], v: [1, 3, 8], more: [1, 2, 3, 5], pk: [1, 2, 2, 4], pv: [1, 2, 2, 4] },
    { num_heads: 2, unidirectional: 1 },
    { constants: [tensor('bias', 'float32', [24], [...noise(24, 9)])], outputs: ['y', 'nk', 'nv'], domain: 'com.microsoft' },
  ))

test('com.microsoft Attention of one matrix for query, key and value', () =>
  held(
    'Attention',
    ['x', 'w', 'b'],
    { x: [2, 3, 6] },
    { num_heads: 2 },
    {
      constants: [tensor('w', 'float32', [6, 24], [...noise(144, 4)]), tensor('b', 'float32', [24], [...noise(24, 5)])],
      domain: 'com.microsoft',
    },
  ))

for (const interleaved of [0, 1])
  for (const dimension of [0, 4])
    test(`RotaryEmbedding of ${dimension || 'all'} columns${interleaved ? ', of neighbours' : ''}`, () =>
      held(
        'RotaryEmbedding',
        ['x', 'cosines', 'sines', 'positions'],
        { x: [2, 3, 24] },
        { num_heads: 3, interleaved, rotary_embedding_dim: dimension },
        {
          constants: [
            tensor('cosines', 'float32', [9, dimension === 0 ? 4 : 2], [...noise(dimension === 0 ? 36 : 18, 2)]),
            tensor('sines', 'float32', [9, dimension === 0 ? 4 : 2], [...noise(dimension === 0 ? 36 : 18, 3)]),
            tensor('positions', 'int64', [2, 3], [0, 8, 3, 1, 1, 7]),
          ],
        },
      ))

test('com.microsoft RotaryEmbedding', () =>
  held(
    'RotaryEmbedding',
    ['x', 'positions', 'cosines', 'sines'],
    { x: [1, 2, 3, 8] },
    {},
    {
      constants: [
        tensor('positions', 'int64', [1, 3], [4, 0, 2]),
        tensor('cosines', 'float32', [5, 4], [...noise(20, 2)]),
        tensor('sines', 'float32', [5, 4], [...noise(20, 3)]),
      ],
      domain: 'com.microsoft',
    },
  ))

for (const [op, constants] of [
  ['SkipLayerNormalization', ['gamma', 'beta', 'bias']],
  ['SkipSimplifiedLayerNormalization', ['gamma', 'bias']],
] as const)
  test(`${op} becomes sums and a normalization`, async () => {
    const operators = await decomposed(
      op,
      ['x', 'skip', ...constants],
      { x: [2, 3, 4], skip: [2, 3, 4] },
      { epsilon: { float: 1e-3 } },
      {
        constants: constants.map((name, index) => tensor(name, 'float32', [4], [...noise(4, index + 3)])),
        outputs: ['y', '', '', 'sum'],
        domain: 'com.microsoft',
      },
    )
    assert.deepEqual(operators.slice(0, 2), ['Add', 'Add'])
  })

for (const op of ['BiasGelu', 'FastGelu'])
  test(`${op} becomes a sum and functions of it`, () =>
    held(op, ['x', 'bias'], { x: [2, 8] }, {}, { constants: [tensor('bias', 'float32', [8], [...noise(8, 3)])], domain: 'com.microsoft' }))

for (const axis of [-1, 1])
  test(`LayerNormalization from axis ${axis} on with its mean and inverse root`, async () => {
    const columns = axis === 1 ? 12 : 4
    const operators = await decomposed(
      'LayerNormalization',
      ['x', 'gamma'],
      { x: [2, 3, 4] },
      { axis, epsilon: { float: 1e-2 } },
      { constants: [tensor('gamma', 'float32', axis === 1 ? [3, 4] : [4], [...noise(columns, 3)])], outputs: ['y', 'mean', 'inverse'] },
    )
    assert.equal(operators[0], 'LayerNormalization')
  })
