import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tensor } from '../import/write-onnx.ts'
import { assertDecomposed, noise } from './decompositions.ts'

const outputs = [{ name: 'y', type: 'float32' }]
const inputs = [{ name: 'x', type: 'float32', shape: [2, 3, 4] }]

for (const [op, wanted] of [
  ['ReduceL1', ['Abs', 'ReduceSum']],
  ['ReduceL2', ['Mul', 'ReduceSum', 'Sqrt']],
  ['ReduceSumSquare', ['Mul', 'ReduceSum']],
  ['ReduceLogSumExp', ['Exp', 'ReduceSum', 'Log']],
] as const)
  for (const keepdims of [0, 1])
    test(`${op} becomes sums of simpler functions, keepdims ${keepdims}`, async () => {
      const nodes = [{ op, inputs: ['x', 'axes'], outputs: ['y'], attributes: { keepdims } }]
      const constants = [tensor('axes', 'int64', [2], [0, -1])]
      assert.deepEqual(await assertDecomposed({ nodes, constants, inputs, outputs, opset: 18 }), wanted)
    })

test('ReduceProd becomes a chain of products of slices', async () => {
  const nodes = [{ op: 'ReduceProd', inputs: ['x', 'axes'], outputs: ['y'], attributes: { keepdims: 0 } }]
  const constants = [tensor('axes', 'int64', [1], [1])]
  const left = await assertDecomposed({ nodes, constants, inputs, outputs, opset: 18 })
  assert.deepEqual(
    left.filter((op) => op !== 'Slice'),
    ['Mul', 'Mul', 'Reshape'],
  )
})

for (const opset of [11, 13])
  test(`LogSoftmax of operator set ${opset}`, async () => {
    const nodes = [{ op: 'LogSoftmax', inputs: ['x'], outputs: ['y'], attributes: { axis: 1 } }]
    assert.deepEqual(await assertDecomposed({ nodes, inputs, outputs, opset }), ['ReduceMax', 'Sub', 'Exp', 'ReduceSum', 'Log', 'Sub'])
  })

test('Hardmax marks the first of the largest', async () => {
  const nodes = [{ op: 'Hardmax', inputs: ['x'], outputs: ['y'], attributes: { axis: 1 } }]
  assert.ok(!(await assertDecomposed({ nodes, inputs, outputs, opset: 13 })).includes('Hardmax'))
})

test('a Gemm whose addend is a matrix becomes a product and a sum', async () => {
  const matrix = [{ name: 'x', type: 'float32', shape: [3, 2] }]
  const constants = [tensor('b', 'float32', [3, 4], [...noise(12, 3)]), tensor('c', 'float32', [2, 4], [...noise(8, 5)])]
  const attributes = { transA: 1, alpha: { float: 0.5 }, beta: { float: 2 } }
  const nodes = [{ op: 'Gemm', inputs: ['x', 'b', 'c'], outputs: ['y'], attributes }]
  assert.deepEqual(await assertDecomposed({ nodes, constants, inputs: matrix, outputs }), ['Transpose', 'MatMul', 'Mul', 'Add'])
})
