import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { operatorRow } from '../../runtime/model/operators.ts'
import { type Model, modelId, type Operator, roundings } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { int8Data, int32Data, type TfliteFile, type TfliteTensor, tensor, writeTflite } from './write-tflite.ts'

const digits = readFileSync(new URL('../../examples/digits/digits.tflite', import.meta.url))

const int8 = (shape: number[], more: Partial<TfliteTensor> = {}) => tensor('int8', shape, { scales: [0.5], zeros: [3], ...more })
const double = (file: TfliteFile) => importTflite(writeTflite(file), { rounding: 'double' })
const problems = (file: TfliteFile, rounding: 'double' | 'fp32' = 'double') => {
  try {
    importTflite(writeTflite(file), { rounding })
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error))
    assert.equal(error.code, 'unsupported')
    return error.problems
  }
  return assert.fail('the file was imported')
}
const attribute = ({ name, attributes }: Operator, wanted: string) => attributes[operatorRow(name).attributes.indexOf(wanted)]
const names = ({ operators }: Model) => operators.map(({ name }) => name)

test('importing twice gives the same bytes', () => {
  for (const rounding of roundings) {
    const [first, second] = [importTflite(digits, { rounding }), importTflite(digits, { rounding })]
    assert.deepEqual(first.bytes, second.bytes)
    assert.equal(first.id, modelId(second.bytes))
  }
})

test('each rounding mode is a model of its own', () =>
  assert.equal(new Set(roundings.map((rounding) => importTflite(digits, { rounding }).id)).size, roundings.length))

test('the file’s bytes may lie anywhere in a larger buffer', () => {
  const padded = new Uint8Array(digits.length + 7)
  padded.set(digits, 3)
  const { bytes } = importTflite(padded.subarray(3, 3 + digits.length), { rounding: 'single' })
  assert.deepEqual(bytes, importTflite(digits, { rounding: 'single' }).bytes)
})

test('names and report speak of the file', () => {
  const { names, report, model, inputs, outputs } = importTflite(digits, { rounding: 'single' })
  assert.equal(names.operators.length, model.operators.length)
  assert.equal(names.tensors.length, model.tensors.length)
  assert.match(names.operators[0]!, /^CONV_2D #0 "/)
  assert.equal(report.sourceOperators.CONV_2D, report.operators.conv2d)
  assert.deepEqual([inputs[0]!.source, inputs[0]!.shape], ['int8', [1, 28, 28, 1]])
  assert.deepEqual([outputs[0]!.scale, outputs[0]!.zeroPoint], [1 / 256, -128])
})

test('lists every unsupported place of a model at once, with the nearest supported form', () => {
  const found = problems({
    tensors: [int8([1, 4]), tensor('float32', [1, 4]), int8([1, 4]), int8([1, 4]), int8([1, 4]), int8([1, 4])],
    nodes: [
      { op: 'RELU_0_TO_1', inputs: [0], outputs: [2] },
      { op: 'MAGIC', inputs: [2], outputs: [3] },
      { op: 'ADD', inputs: [3, 1], outputs: [4], options: { activation: 'TANH' } },
      { op: 'DIV', inputs: [4, 0], outputs: [5] },
    ],
    inputs: [0, 1],
    outputs: [5],
  })
  assert.deepEqual(
    found.map(({ node, problem }) => `${node.split(' ')[0]}: ${problem.replace(/"[^"]*"/, '…')}`),
    [
      'RELU_0_TO_1: the operator is not supported',
      'CUSTOM:MAGIC: the operator is not supported',
      'ADD: tensor … is float32',
      'ADD: it has the fused activation TANH',
      'DIV: the operator is not supported',
    ],
  )
  assert.equal(found[0]!.nearest, 'RELU6 with a scaled operand')
  assert.equal(found[4]!.nearest, 'MUL by a constant')
})

test('nodes that no output needs are not looked at', () => {
  const { model } = double({
    tensors: [int8([1, 4]), int8([1, 4]), tensor('float32', [1])],
    nodes: [
      { op: 'WHERE', inputs: [0], outputs: [2] },
      { op: 'RELU', inputs: [0], outputs: [1] },
    ],
    inputs: [0],
    outputs: [1],
  })
  assert.deepEqual(names(model), ['clamp'])
})

test('a model that computes in float32 throughout is told so once', () => {
  const file: TfliteFile = {
    tensors: [tensor('float32', [1, 4]), tensor('float32', [1, 4]), tensor('float32', [1, 4])],
    nodes: [
      { op: 'RELU', inputs: [0], outputs: [1] },
      { op: 'SOFTMAX', inputs: [1], outputs: [2] },
    ],
    inputs: [0],
    outputs: [2],
  }
  assert.deepEqual(problems(file), [])
  assert.throws(() => double(file), /computes in float32; it must be quantized first/)
})

test('float32 ports give way to the quantized tensors behind them', () => {
  const { model, inputs, outputs, report } = double({
    tensors: [
      tensor('float32', [1, 4], { name: 'in' }),
      int8([1, 4]),
      int8([1, 4], { zeros: [-5] }),
      tensor('float32', [1, 4], { name: 'out' }),
    ],
    nodes: [
      { op: 'QUANTIZE', inputs: [0], outputs: [1] },
      { op: 'RELU', inputs: [1], outputs: [2] },
      { op: 'DEQUANTIZE', inputs: [2], outputs: [3] },
    ],
    inputs: [0],
    outputs: [3],
  })
  assert.deepEqual(names(model), ['requantize'])
  assert.deepEqual([inputs[0]!.name, inputs[0]!.source, inputs[0]!.zeroPoint], ['in', 'float32', 3])
  assert.deepEqual([outputs[0]!.name, outputs[0]!.source, outputs[0]!.zeroPoint], ['out', 'float32', -5])
  assert.equal(report.notes.length, 2)
})

test('a float32 island inside a model is refused', () => {
  const found = problems({
    tensors: [int8([1, 4]), tensor('float32', [1, 4]), int8([1, 4])],
    nodes: [
      { op: 'DEQUANTIZE', inputs: [0], outputs: [1] },
      { op: 'QUANTIZE', inputs: [1], outputs: [2] },
    ],
    inputs: [0],
    outputs: [2],
  })
  assert.match(found[0]!.problem, /float32 inside the model/)
})

test('shape arithmetic folds: SHAPE, STRIDED_SLICE and PACK leave only the reshape', () => {
  const one = (value: number) => tensor('int32', [1], { data: int32Data([value]) })
  const file = (last: number): TfliteFile => ({
    tensors: [
      int8([2, 6]),
      tensor('int32', [2]),
      one(0),
      one(1),
      tensor('int32', []),
      tensor('int32', [], { data: int32Data([last]) }),
      tensor('int32', [], { data: int32Data([2]) }),
      tensor('int32', [3]),
      int8([2, 3, 2]),
    ],
    nodes: [
      { op: 'SHAPE', inputs: [0], outputs: [1] },
      { op: 'STRIDED_SLICE', inputs: [1, 2, 3, 3], outputs: [4], options: { shrinkAxisMask: 1 } },
      { op: 'PACK', inputs: [4, 5, 6], outputs: [7], options: { count: 3 } },
      { op: 'RESHAPE', inputs: [0, 7], outputs: [8] },
    ],
    inputs: [0],
    outputs: [8],
  })
  assert.deepEqual(names(double(file(3)).model), ['reshape'])
  assert.match(problems(file(4))[0]!.problem, /not the result's shape/)
})

test('SAME padding puts the odd pixel after, and the window must lead to the result’s size', () => {
  const file = (size: number): TfliteFile => ({
    tensors: [int8([1, 6, 6, 2]), int8([1, size, size, 2])],
    nodes: [{ op: 'MAX_POOL_2D', inputs: [0], outputs: [1], options: { kernelH: 3, kernelW: 3, strideH: 2, strideW: 2, padding: 'SAME' } }],
    inputs: [0],
    outputs: [1],
  })
  const [pool] = double(file(3)).model.operators
  assert.deepEqual([attribute(pool!, 'padTop'), attribute(pool!, 'padBottom')], [0, 1])
  assert.match(problems(file(4))[0]!.problem, /height 4, its windows give 3/)
})

test('fused activations become bounds of the quantized result', () => {
  const file = (activation: string): TfliteFile => ({
    tensors: [int8([1, 4]), int8([1, 4]), int8([1, 4])],
    nodes: [{ op: 'ADD', inputs: [0, 1], outputs: [2], options: { activation } }],
    inputs: [0, 1],
    outputs: [2],
  })
  const bounds = (activation: string) => {
    const [add] = double(file(activation)).model.operators
    return [attribute(add!, 'yMin'), attribute(add!, 'yMax')]
  }
  assert.deepEqual(bounds('NONE'), [-128, 127])
  assert.deepEqual(bounds('RELU'), [3, 127])
  assert.deepEqual(bounds('RELU6'), [3, 15])
  assert.deepEqual(bounds('RELU_N1_TO_1'), [1, 5])
})

const layer = (weights: number[], bias: number, more: { x?: Partial<TfliteTensor>; weights?: Partial<TfliteTensor> } = {}): TfliteFile => ({
  tensors: [
    int8([1, weights.length], more.x),
    int8([1, weights.length], { zeros: [0], data: int8Data(weights), ...more.weights }),
    tensor('int32', [1], { data: int32Data([bias]) }),
    int8([1, 1]),
  ],
  nodes: [{ op: 'FULLY_CONNECTED', inputs: [0, 1, 2], outputs: [3] }],
  inputs: [0],
  outputs: [3],
})

test('refuses a layer whose accumulator could pass 2^31, and takes the one just below', () => {
  // max |x − 3| is 131; 131 · 127 = 16637.
  assert.equal(double(layer([127], 2 ** 31 - 1 - 16637)).model.operators.length, 1)
  assert.match(problems(layer([127], 2 ** 31 - 16637))[0]!.problem, /output channel 0 could pass 2\^31/)
})

test('refuses weights of another type, without scale, or that are computed', () => {
  assert.match(problems(layer([1, 2], 0, { weights: { data: undefined as never } }))[0]!.problem, /not constant/)
  assert.match(problems(layer([1, 2], 0, { weights: { scales: [] } }))[0]!.problem, /no scale/)
  assert.match(problems(layer([1, 2], 0, { weights: { type: 'int16', data: new Uint8Array(4) } }))[0]!.problem, /are int16/)
  assert.match(problems(layer([1, 2], 0, { x: { scales: [0] } }))[0]!.problem, /scale 0/)
  assert.match(problems(layer([1, 2], 0, { x: { scales: [Number.NaN] } }))[0]!.problem, /scale NaN/)
})

test('refuses state that is kept between runs', () => {
  const found = problems({
    tensors: [int8([1, 4]), int8([1, 4], { variable: true }), int8([1, 4])],
    nodes: [{ op: 'ADD', inputs: [0, 1], outputs: [2] }],
    inputs: [0],
    outputs: [2],
  })
  assert.match(found[0]!.problem, /keeps its value between runs/)
})

test('uint8 moves to int8 by 128, weights and zero points with it', () => {
  const uint8 = (shape: number[], zero: number, data?: Uint8Array) =>
    tensor('uint8', shape, { scales: [0.5], zeros: [zero], ...(data === undefined ? {} : { data }) })
  const { model, inputs, report } = double({
    tensors: [uint8([1, 2], 128), uint8([1, 2], 100, Uint8Array.of(101, 99)), uint8([1, 1], 0)],
    nodes: [{ op: 'FULLY_CONNECTED', inputs: [0, 1], outputs: [2] }],
    inputs: [0],
    outputs: [2],
  })
  const [operator] = model.operators
  assert.deepEqual(
    ['xZero', 'wZero', 'yZero'].map((name) => attribute(operator!, name)),
    [0, -28, -128],
  )
  assert.deepEqual([inputs[0]!.source, inputs[0]!.type, inputs[0]!.zeroPoint], ['uint8', 'int8', 0])
  assert.equal(report.notes.length, 2)
  // (1·10 − 1·4) · 0.5 · 0.5 / 0.5 = 3
  assert.deepEqual([...runBytes(model, Uint8Array.of(10, 4))], [(3 - 128) & 0xff])
})

test('an average of uint8 rounds half up in every mode', () => {
  const uint8 = (shape: number[]) => tensor('uint8', shape, { scales: [0.5], zeros: [0] })
  const file = writeTflite({
    tensors: [uint8([1, 1, 2, 1]), uint8([1, 1, 1, 1])],
    nodes: [{ op: 'AVERAGE_POOL_2D', inputs: [0], outputs: [1], options: { kernelH: 1, kernelW: 2, padding: 'VALID' } }],
    inputs: [0],
    outputs: [1],
  })
  for (const rounding of roundings) {
    const { model } = importTflite(file, { rounding })
    for (const [a, b] of [
      [0, 1],
      [2, 3],
      [100, 101],
      [254, 255],
      [7, 7],
    ] as const)
      assert.equal(runBytes(model, Uint8Array.of(a ^ 0x80, b ^ 0x80))[0]! ^ 0x80, Math.floor((a + b + 1) / 2), `${rounding} ${a} ${b}`)
  }
})

test('a concatenation brings int8 operands to the result’s scale', () => {
  const { model } = double({
    tensors: [int8([1, 2]), int8([1, 2], { scales: [1] }), int8([1, 4])],
    nodes: [{ op: 'CONCATENATION', inputs: [0, 1], outputs: [2], options: { axis: -1 } }],
    inputs: [0, 1],
    outputs: [2],
  })
  assert.deepEqual(names(model), ['requantize', 'concat'])
  assert.deepEqual([...new Int8Array(runBytes(model, Uint8Array.of(3, 4, 4, 2)).buffer)], [3, 4, 5, 1])
})

test('an output that is an input or a constant is refused', () => {
  const found = problems({ tensors: [int8([1, 2])], nodes: [], inputs: [0], outputs: [0] })
  assert.match(found[0]!.problem, /computed by no operator/)
})

test('fp32 refuses an addition whose scales lie too far apart', () => {
  const file: TfliteFile = {
    tensors: [int8([1, 4]), int8([1, 4]), int8([1, 4], { scales: [0.5 / 256] })],
    nodes: [{ op: 'ADD', inputs: [0, 1], outputs: [2] }],
    inputs: [0, 1],
    outputs: [2],
  }
  assert.equal(double(file).model.operators.length, 1)
  assert.match(problems(file, 'fp32')[0]!.problem, /too far apart/)
})
