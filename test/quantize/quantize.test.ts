import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHost } from '../../runtime/host/host.ts'
import { loadModule } from '../../runtime/host/load-module.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import { QuantizeError } from '../../runtime/quantize/errors.ts'
import { openFloatModel } from '../../runtime/quantize/float-runtime.ts'
import { portBytes, portNumbers } from '../../runtime/quantize/ports.ts'
import { type QuantizeOptions, quantize } from '../../runtime/quantize/quantize.ts'
import { tensor, writeOnnx } from '../import/write-onnx.ts'
import { classifier, samplesOf } from './networks.ts'

const samples = samplesOf(20, 3 * 8 * 8)
const bytes = writeOnnx(classifier)

test('a float classifier becomes an artifact that agrees with it', async () => {
  const { imported, report } = await quantize(bytes, { samples })
  assert.deepEqual(
    report.layers.map(({ operators }) => operators.join(' ')),
    ['', 'Conv Relu MaxPool', 'Conv', 'Sigmoid Mul', 'Add', 'GlobalAveragePool Flatten', 'Gemm', 'Softmax'],
  )
  assert.deepEqual(imported.report.operators, {
    add: 1,
    conv2d: 1,
    depthwiseConv2d: 1,
    fullyConnected: 1,
    lookup: 1,
    maxPool: 1,
    mean: 1,
    softmax: 1,
  })
  const [output] = report.outputs
  assert.ok(output!.top1! >= 0.95 && output!.cosine > 0.999 && output!.sqnr > 30, JSON.stringify(output))
  for (const { name, sqnr, saturation } of report.layers) assert.ok(sqnr > 25 && saturation === 0, `${name}: ${sqnr} dB`)
})

/**
 * onnxruntime computes the QDQ model with float operators in between: its numbers are the artifact's but for the rounding of ties, and for
 * softmax, whose int16 form interpolates tables.
 */
for (const [int16, steps] of [
  ['none', 2],
  ['all', 24],
] as const)
  test(`the QDQ model in onnxruntime gives the artifact’s numbers, int16: ${int16}`, async () => {
    const { imported, qdq } = await quantize(bytes, { samples, int16 })
    const running = createHost({ wasm: loadModule() }).open(imported.bytes)
    const graph = parseOnnx(qdq, noExternalFiles)
    const model = await openFloatModel(graph)
    const step = imported.outputs[0]!.scale
    for (const { x } of samples) {
      const wanted = await model.run(new Map([['x', { type: 'float32', shape: [1, 3, 8, 8], data: x }]]))
      const [got] = portNumbers(imported.outputs, running.run(portBytes(imported.inputs[0]!, x)))
      for (const [at, value] of (wanted.get('y')!.data as Float32Array).entries())
        assert.ok(Math.abs(value - got![at]!) <= steps * step + 1e-6, `${at}: ${got![at]} instead of ${value}`)
    }
    await model.close()
  })

for (const method of ['minmax', 'percentile', 'entropy'] as const)
  test(`the same samples give the same artifact with ranges by ${method}`, async () => {
    const [first, again] = [await quantize(bytes, { samples, method }), await quantize(bytes, { samples, method })]
    assert.equal(again.imported.id, first.imported.id)
    assert.deepEqual(again.qdq, first.qdq)
    assert.deepEqual(again.report, first.report)
  })

test('int16 tensors keep more of the float model', async () => {
  const [narrow, wide] = [await quantize(bytes, { samples, int16: 'none' }), await quantize(bytes, { samples, int16: 'all' })]
  assert.ok(narrow.report.layers.every(({ type }) => type === 'int8') && wide.report.layers.every(({ type }) => type === 'int16'))
  assert.ok(wide.report.outputs[0]!.sqnr > narrow.report.outputs[0]!.sqnr + 6)
  for (const { name, sqnr } of wide.report.layers) assert.ok(sqnr > 45, `${name}: ${sqnr} dB`)
})

/** Its largest values are rare and a thousand times the others: int8 has no steps for those. */
test('a function that has tables of int8 alone reads an int16 tensor as int8', async () => {
  const file = {
    nodes: [
      { op: 'Mul', inputs: ['x', 'x'], outputs: ['m'] },
      { op: 'Pow', inputs: ['m', 'three'], outputs: ['y'] },
    ],
    constants: [tensor('three', 'float32', [], [3])],
    inputs: classifier.inputs,
    outputs: [{ name: 'y', type: 'float32' }],
  }
  const { report } = await quantize(writeOnnx(file), { samples, int16: 'all' })
  assert.deepEqual(
    report.layers.map(({ type }) => type),
    ['int16', 'int16', 'int8'],
  )
  assert.ok(report.outputs[0]!.sqnr > 25, JSON.stringify(report.outputs))
})

test('auto takes int16 where int8 loses too much, and int8 elsewhere', async () => {
  const spread = samples.map(({ x }, index) => ({ x: x.map((value, at) => ((at + index) % 64 === 0 ? value * 1000 : value)) }))
  const clipped = writeOnnx({
    nodes: [
      { op: 'Identity', inputs: ['x'], outputs: ['i'] },
      { op: 'Clip', inputs: ['i', 'low', 'high'], outputs: ['c'] },
      { op: 'Conv', inputs: ['c', 'w'], outputs: ['y'] },
    ],
    constants: [
      tensor('low', 'float32', [], [-1]),
      tensor('high', 'float32', [], [1]),
      tensor('w', 'float32', [2, 3, 1, 1], [1, -0.5, 0.25, 0.75, 1, -1]),
    ],
    inputs: classifier.inputs,
    outputs: [{ name: 'y', type: 'float32' }],
  })
  const { report } = await quantize(clipped, { samples: spread })
  assert.equal(report.layers[0]!.type, 'int16')
  assert.ok(report.outputs[0]!.sqnr > 30, JSON.stringify(report.outputs))
  assert.ok((await quantize(bytes, { samples })).report.layers.every(({ type }) => type === 'int8'))
})

for (const method of ['percentile', 'entropy'] as const)
  test(`ranges by ${method} leave few values outside`, async () => {
    const { report } = await quantize(bytes, { samples, method, int16: 'none' })
    for (const { name, saturation } of report.layers) assert.ok(saturation < 0.02, `${name}: ${saturation}`)
    assert.ok(report.outputs[0]!.sqnr > 20, JSON.stringify(report.outputs))
  })

test('labels give the accuracy of both models', async () => {
  const { report } = await quantize(bytes, { samples, labels: samples.map(() => 0) })
  const { float, quantized } = report.outputs[0]!.accuracy!
  assert.ok(float >= 0 && float <= 1 && Math.abs(float - quantized) <= 0.05)
})

test('every operator without an integer form is named before anything runs', async () => {
  const nodes = [
    { op: 'Det', inputs: ['x'], outputs: ['a'], name: 'first' },
    { op: 'Relu', inputs: ['a'], outputs: ['b'] },
    { op: 'NonMaxSuppression', inputs: ['b'], outputs: ['y'], name: 'second' },
  ]
  const file = { nodes, inputs: [{ name: 'x', type: 'float32', shape: [1, 4] }], outputs: [{ name: 'y', type: 'float32' }] }
  await assert.rejects(quantize(writeOnnx(file), { samples: samplesOf(1, 4) }), (error) => {
    assert.ok(error instanceof ImportError && error.code === 'unsupported')
    assert.deepEqual(
      error.problems.map(({ node }) => node),
      ['Det "first"', 'NonMaxSuppression "second"'],
    )
    return true
  })
})

const refusals: readonly [string, Partial<QuantizeOptions>, RegExp][] = [
  ['no samples', { samples: [] }, /no samples/],
  ['samples of another length', { samples: [{ x: [1, 2] }] }, /takes float32 \[1,3,8,8\]; sample 0 has 2 numbers/],
  ['samples without the input', { samples: [{ y: [1] }] }, /sample 0 has only y/],
  ['numbers that are none', { samples: [{ x: new Float32Array(192).fill(Number.NaN) }] }, /sample 0 has NaN at place 0/],
  ['fewer labels than samples', { samples, labels: [1] }, /1 labels for 20 samples/],
]
for (const [what, options, message] of refusals)
  test(`refuses ${what}`, () =>
    assert.rejects(quantize(bytes, { samples, ...options }), (error) => error instanceof QuantizeError && message.test(error.message)))

test('refuses a model that is quantized already', async () => {
  const file = {
    nodes: [{ op: 'DequantizeLinear', inputs: ['x', 'scale', 'zero'], outputs: ['y'] }],
    constants: [tensor('scale', 'float32', [], [0.5]), tensor('zero', 'uint8', [], [0])],
    inputs: [{ name: 'x', type: 'uint8', shape: [1, 4] }],
    outputs: [{ name: 'y', type: 'float32' }],
  }
  await assert.rejects(
    quantize(writeOnnx(file), { samples: samplesOf(1, 4) }),
    (error) => error instanceof QuantizeError && error.code === 'quantized',
  )
})
