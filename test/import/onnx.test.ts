import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Imported } from '../../runtime/import/artifact.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { externalFiles } from '../../runtime/import/onnx/external.ts'
import { type TensorProto, TensorProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx, type OnnxOptions } from '../../runtime/import/onnx/import.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { type OnnxFile, type OnnxFileNode, scalar, tensor, typeNumber, writeOnnx } from './write-onnx.ts'

const folder = mkdtempSync(join(tmpdir(), 'infernode-onnx-'))
after(() => rmSync(folder, { recursive: true }))

function imported(file: OnnxFile, options: Partial<OnnxOptions> = {}): Imported {
  return importOnnx(writeOnnx(file), { rounding: 'fp32', ...options })
}

function refused(file: OnnxFile, options: Partial<OnnxOptions> = {}): ImportError {
  try {
    imported(file, options)
  } catch (error) {
    if (error instanceof ImportError) return error
    throw error
  }
  throw new Error('the model was imported')
}

const scale = scalar('scale', 'float32', 0.5)
const zero = scalar('zero', 'int8', 0)
const one = scalar('one', 'float32', 1)
const constants = [scale, zero, one]

/** x → DequantizeLinear → nodes → QuantizeLinear → y, all at one scale. `x` and `y` within are the float32 ends. */
function between(nodes: readonly OnnxFileNode[], shape: readonly number[], more: TensorProto[] = [], opset = 13): OnnxFile {
  return {
    opset,
    constants: [...constants, ...more],
    inputs: [{ name: 'in', type: 'int8', shape }],
    outputs: [{ name: 'out', type: 'int8' }],
    nodes: [
      { op: 'DequantizeLinear', inputs: ['in', 'scale', 'zero'], outputs: ['x'] },
      ...nodes,
      { op: 'QuantizeLinear', inputs: ['y', 'scale', 'zero'], outputs: ['out'] },
    ],
  }
}

/** A 1×1 QLinearConv of the identity: it wants its operand with the channels last. */
function identityConv(x: string, y: string, channels: number): { node: OnnxFileNode; weights: TensorProto } {
  const values = Array.from({ length: channels * channels }, (_, index) => (index % (channels + 1) === 0 ? 1 : 0))
  return {
    node: { op: 'QLinearConv', inputs: [x, 'one', 'zero', `w_${y}`, 'one', 'zero', 'one', 'zero'], outputs: [y] },
    weights: tensor(`w_${y}`, 'int8', [channels, channels, 1, 1], values),
  }
}

function run({ model }: Imported, values: readonly number[]): number[] {
  return [...new Int8Array(runBytes(model, new Uint8Array(Int8Array.from(values))))]
}

const counted = (count: number) => Array.from({ length: count }, (_, index) => index)

test('importing twice gives the same bytes', () => {
  const file = between([{ op: 'Sigmoid', inputs: ['x'], outputs: ['y'] }], [4])
  assert.deepEqual(imported(file).bytes, imported(file).bytes)
})

test('every rounding but fp32 is refused', () => {
  const error = refused(between([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [4]), { rounding: 'double' })
  assert.equal(error.code, 'rounding')
  assert.match(error.message, /fp32.*double is for TensorFlow Lite/)
})

test('everything unsupported is told at once, by node, with the nearest form', () => {
  const error = refused(
    between(
      [
        { op: 'LRN', inputs: ['x'], outputs: ['a'], name: 'first' },
        { op: 'Relu', inputs: ['a'], outputs: ['b'] },
        { op: 'LogSoftmax', inputs: ['b'], outputs: ['y'], name: 'second' },
      ],
      [4],
    ),
  )
  assert.equal(error.code, 'unsupported')
  assert.deepEqual(
    error.problems.map(({ node }) => node),
    ['LRN "first"', 'LogSoftmax "second"'],
  )
  assert.ok(error.problems.every(({ nearest }) => nearest !== undefined))
})

test('a float32 model is told to be quantized first', () => {
  const weights = tensor('w', 'float32', [2, 2], [1, 2, 3, 4])
  const error = refused({
    constants: [weights],
    inputs: [{ name: 'x', type: 'float32', shape: [1, 2] }],
    outputs: [{ name: 'y', type: 'float32' }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  })
  assert.match(error.message, /computes in float32; it must be quantized first/)
})

test('clamps become bounds of the operator before them', () => {
  const { node, weights } = identityConv('in', 'c', 2)
  const file: OnnxFile = {
    constants: [...constants, weights, scalar('low', 'int8', -3), scalar('high', 'int8', 5)],
    inputs: [{ name: 'in', type: 'int8', shape: [1, 2, 1, 2] }],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [node, { op: 'Clip', inputs: ['c', 'low', 'high'], outputs: ['y'] }],
  }
  const result = imported(file)
  assert.deepEqual(result.report.operators, { conv2d: 1 })
  assert.deepEqual(run(result, [-9, 9, -1, 4]), [-3, 5, -1, 4])
})

test('a Relu between two scales is part of the table', () => {
  const file = between([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [3])
  assert.deepEqual(imported(file).report.operators, { clamp: 1 })
  assert.deepEqual(run(imported(file), [-5, 0, 7]), [0, 0, 7])
})

test('a picture is taken with its channels last, and the port says so', () => {
  const { node, weights } = identityConv('in', 'y', 3)
  const result = imported({
    constants: [...constants, weights],
    inputs: [{ name: 'in', type: 'int8', shape: [1, 3, 2, 2] }],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [node],
  })
  assert.deepEqual(result.inputs[0]!.order, [0, 2, 3, 1])
  assert.deepEqual(result.inputs[0]!.sourceShape, [1, 3, 2, 2])
  assert.deepEqual(result.inputs[0]!.shape, [1, 2, 2, 3])
  assert.ok(result.report.notes.includes('input "in" is [1,3,2,2] in the file; the artifact takes NHWC, [1,2,2,3]'))
  assert.deepEqual(run(result, counted(12)), counted(12))
})

test('a picture that comes with its channels last stays as it is', () => {
  const { node, weights } = identityConv('t', 'y', 3)
  const transpose: OnnxFileNode = { op: 'Transpose', inputs: ['in'], outputs: ['t'], attributes: { perm: [0, 3, 1, 2] } }
  const result = imported({
    constants: [...constants, weights],
    inputs: [{ name: 'in', type: 'int8', shape: [1, 2, 2, 3] }],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [transpose, node],
  })
  assert.equal(result.inputs[0]!.order, undefined)
  assert.deepEqual(result.report.operators, { conv2d: 1 })
})

test('a dense layer behind a flattened picture takes its columns in memory order', () => {
  const { node, weights } = identityConv('in', 'c', 2)
  const dense = tensor('dense', 'int8', [8, 1], [1, 0, 0, 0, 0, 0, 2, 0])
  const result = imported({
    constants: [...constants, weights, dense],
    inputs: [{ name: 'in', type: 'int8', shape: [1, 2, 2, 2] }],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [
      node,
      { op: 'Flatten', inputs: ['c'], outputs: ['f'] },
      { op: 'QLinearMatMul', inputs: ['f', 'one', 'zero', 'dense', 'one', 'zero', 'one', 'zero'], outputs: ['y'] },
    ],
  })
  assert.deepEqual(result.report.operators, { conv2d: 1, fullyConnected: 1 })
  // NCHW elements 0 and 6 are (channel 0, pixel 0) and (channel 1, pixel 2): bytes 0 and 5 of NHWC.
  assert.deepEqual(run(result, [10, 0, 0, 0, 0, 3, 0, 0]), [16])
})

test('what reads another order than memory has gets a transpose', () => {
  const { node, weights } = identityConv('in', 'c', 2)
  const file: OnnxFile = {
    constants: [...constants, weights, tensor('shape', 'int64', [2], [4, 2])],
    inputs: [{ name: 'in', type: 'int8', shape: [1, 2, 2, 2] }],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [node, { op: 'Reshape', inputs: ['c', 'shape'], outputs: ['y'] }],
  }
  const result = imported(file)
  assert.equal(result.report.operators.transpose, 1)
  assert.deepEqual(result.outputs[0]!.shape, [4, 2])
  // The picture in NHWC; its elements in NCHW are 0 2 4 6 1 3 5 7.
  assert.deepEqual(run(result, counted(8)), [0, 2, 4, 6, 1, 3, 5, 7])
})

test('the sum of two tensors is onnxruntime’s in all 65,536 pairs', () => {
  const scales = [0.0313, 0.0179, 0.0271].map((value, index) => scalar(`s${index}`, 'float32', value))
  const result = imported({
    constants: [...scales, zero, scalar('z', 'int8', 7)],
    inputs: ['a', 'b'].map((name) => ({ name, type: 'int8', shape: [65536] })),
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [{ op: 'QLinearAdd', domain: 'com.microsoft', inputs: ['a', 's0', 'zero', 'b', 's1', 'z', 's2', 'zero'], outputs: ['y'] }],
  })
  const a = Array.from({ length: 65536 }, (_, index) => (index >> 8) - 128)
  const b = Array.from({ length: 65536 }, (_, index) => (index & 255) - 128)
  const got = run(result, [...a, ...b])
  const [sA, sB, sY] = [0.0313, 0.0179, 0.0271].map(Math.fround) as [number, number, number]
  // Far from ties every correctly rounded way gives the same.
  const wrong = got.filter((value, index) => {
    const exact = (a[index]! * sA + (b[index]! - 7) * sB) / sY
    return Math.abs(value - Math.min(Math.max(exact, -128), 127)) > 0.5 + 1e-4
  })
  assert.equal(wrong.length, 0)
})

test('what can differ from onnxruntime is refused, or taken and told', () => {
  const file = between([{ op: 'AveragePool', inputs: ['x'], outputs: ['y'], attributes: { kernel_shape: [2, 2] } }], [1, 1, 2, 2])
  assert.match(refused(file).message, /averages 4 elements.*decide ties.*--allow-inexact/)
  const notes = imported(file, { allowInexact: true }).report.notes
  assert.ok(notes.some((note) => note.startsWith('AveragePool "y" can differ from onnxruntime: ')))
  const odd = between([{ op: 'AveragePool', inputs: ['x'], outputs: ['y'], attributes: { kernel_shape: [3, 3] } }], [1, 1, 3, 3])
  assert.deepEqual(run(imported(odd), [9, 9, 9, 9, 9, 9, 9, 9, 0]), [8])
})

test('shape arithmetic folds', () => {
  const file = between(
    [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Slice', inputs: ['s', 'i0', 'i1'], outputs: ['batch'] },
      { op: 'Concat', inputs: ['batch', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'wanted'], outputs: ['y'] },
    ],
    [2, 3, 1],
    [tensor('i0', 'int64', [1], [0]), tensor('i1', 'int64', [1], [1]), tensor('rest', 'int64', [1], [-1])],
  )
  assert.deepEqual(imported(file).outputs[0]!.shape, [2, 3])
})

test('attributes of older operator sets are read', () => {
  const squeeze = between([{ op: 'Squeeze', inputs: ['x'], outputs: ['y'], attributes: { axes: [1] } }], [2, 1, 3], [], 7)
  assert.deepEqual(imported(squeeze).outputs[0]!.shape, [2, 3])
  const clip = between([{ op: 'Clip', inputs: ['x'], outputs: ['y'], attributes: { min: { float: -1 }, max: { float: 2 } } }], [3], [], 10)
  assert.deepEqual(run(imported(clip), [-9, 1, 9]), [-2, 1, 4])
  assert.deepEqual(run(imported({ ...clip, opset: 6 }), [-9, 1, 9]), [-2, 1, 4])
  const add = { op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: { broadcast: 1, axis: 0 } }
  assert.match(refused(between([add], [3], [], 6)).message, /broadcasts by an axis; nearest supported form: operator set 7/)
})

test('numbers may stand in the typed fields', () => {
  const typed = create(TensorProtoSchema, { name: 'scale', dataType: typeNumber('float32'), floatData: [0.5] })
  const zeroes = create(TensorProtoSchema, { name: 'zero', dataType: typeNumber('int8'), int32Data: [0] })
  const wanted = create(TensorProtoSchema, { name: 'wanted', dataType: typeNumber('int64'), dims: [2n], int64Data: [-1n, 2n] })
  const file = between([{ op: 'Reshape', inputs: ['x', 'wanted'], outputs: ['y'] }], [4])
  assert.deepEqual(imported({ ...file, constants: [typed, zeroes, wanted] }).outputs[0]!.shape, [2, 2])
})

test('an open batch is 1; other open sizes are given at the import', () => {
  const file = between([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [4])
  const batch = { ...file, inputs: [{ name: 'in', type: 'int8', shape: ['N', 4] }] }
  assert.deepEqual(imported(batch).inputs[0]!.shape, [1, 4])
  assert.ok(imported(batch).report.notes.some((note) => /dimension 0 .*"N".* takes 1/.test(note)))
  const open = { ...file, inputs: [{ name: 'in', type: 'int8', shape: ['N', 'T'] }] }
  assert.match(refused(open).message, /dimension 1 \("T"\) has no fixed size.*--shape/)
  assert.deepEqual(imported(open, { shapes: { in: [2, 5] } }).inputs[0]!.shape, [2, 5])
  assert.match(refused(batch, { shapes: { in: [2, 5] } }).message, /\[N,4\].*\[2,5\] was given/)
})

test('a model can end at another tensor', () => {
  const file = between([{ op: 'LogSoftmax', inputs: ['x'], outputs: ['y'] }], [4])
  const nodes = [
    { op: 'QuantizeLinear', inputs: ['f', 'scale', 'zero'], outputs: ['in2'] },
    { op: 'DequantizeLinear', inputs: ['in2', 'one', 'zero'], outputs: ['x'] },
  ]
  const longer = { ...file, inputs: [{ name: 'f', type: 'float32', shape: [4] }], nodes: [...nodes, ...file.nodes.slice(1)] }
  refused(longer)
  assert.equal(imported(longer, { outputs: ['in2'] }).outputs[0]!.name, 'in2')
  assert.match(refused(longer, { outputs: ['nowhere'] }).message, /no node of the model gives a tensor "nowhere"/)
})

test('nodes may stand in any order, but not read themselves', () => {
  const file = between([{ op: 'Neg', inputs: ['x'], outputs: ['y'] }], [2])
  assert.deepEqual(imported({ ...file, nodes: file.nodes.toReversed() }).bytes, imported(file).bytes)
  const circle = between([{ op: 'Add', inputs: ['x', 'y'], outputs: ['y'] }], [2])
  assert.match(refused(circle).message, /needs its own result/)
})

test('an output that is an input is a copy', () => {
  const file = between([{ op: 'Identity', inputs: ['x'], outputs: ['y'] }], [2])
  assert.deepEqual(imported(file).report.operators, { reshape: 1 })
  assert.deepEqual(run(imported(file), [3, -4]), [3, -4])
})

test('data beside the model are read, and nothing outside its folder', () => {
  mkdirSync(join(folder, 'model'), { recursive: true })
  writeFileSync(join(folder, 'model/data.bin'), Uint8Array.of(9, 9, 0, 0, 0, 63))
  writeFileSync(join(folder, 'outside.bin'), new Uint8Array(4))
  symlinkSync(join(folder, 'outside.bin'), join(folder, 'model/link.bin'))
  const at = (location: string, more: Record<string, string> = {}) => {
    const entries = { location, ...more }
    const data = create(TensorProtoSchema, {
      name: 'scale',
      dataType: typeNumber('float32'),
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    })
    return { ...between([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [2]), constants: [data, zero] }
  }
  const external = externalFiles(join(folder, 'model'))
  assert.equal(imported(at('data.bin', { offset: '2', length: '4' }), { external }).inputs[0]!.scale, 0.5)
  for (const location of ['../outside.bin', join(folder, 'outside.bin'), 'link.bin', 'a/../../outside.bin', 'C:\\data.bin'])
    assert.match(refused(at(location), { external }).message, /outside the model's folder/, location)
  assert.match(refused(at('data.bin', { offset: '4' }), { external }).message, /has 2 bytes of data/)
  assert.match(refused(at('data.bin', { offset: '5', length: '9' }), { external }).message, /end at byte 14, the file has 6/)
  assert.match(refused(at('none.bin'), { external }).message, /is not there/)
  assert.match(refused(at('data.bin')).message, /was not given/)
})

test('a constant of another size than its shape is malformed', () => {
  const short = create(TensorProtoSchema, { name: 'scale', dataType: typeNumber('float32'), dims: [2n], rawData: new Uint8Array(4) })
  const error = refused({ ...between([{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [2]), constants: [short, zero] })
  assert.equal(error.code, 'malformed')
  assert.match(error.message, /"scale" has 4 bytes of data, its shape \[2\] of float32 wants 8/)
})

test('DequantizeLinear alone makes a model a quantized one', () => {
  const result = imported({
    constants,
    inputs: [{ name: 'in', type: 'int8', shape: [3] }],
    outputs: [{ name: 'x', type: 'float32' }],
    nodes: [{ op: 'DequantizeLinear', inputs: ['in', 'scale', 'zero'], outputs: ['x'] }],
  })
  assert.deepEqual(result.outputs, [{ name: 'x', source: 'float32', type: 'int8', shape: [3], scale: 0.5, zeroPoint: 0 }])
  const typed = { name: 'in', type: 'float8e4m3fnuz', shape: [3] }
  assert.match(
    refused({
      constants,
      inputs: [typed],
      outputs: [{ name: 'x', type: 'float32' }],
      nodes: [{ op: 'DequantizeLinear', inputs: ['in', 'scale', 'zero'], outputs: ['x'] }],
    }).message,
    /model input "in": it is float8e4m3fnuz/,
  )
})
