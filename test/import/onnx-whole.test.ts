import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Imported } from '../../runtime/import/artifact.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { consensusModule, reference } from '../suites/expected-bytes.ts'
import { portBytes, portNumbers } from '../suites/onnx-bytes.ts'
import { type OnnxFile, type OnnxFileNode, scalar, tensor, writeOnnx } from './write-onnx.ts'

const executors = [reference(), consensusModule('simd')]

function imported(file: OnnxFile): Imported {
  return importOnnx(writeOnnx(file), { rounding: 'fp32', allowInexact: true })
}

/** The outputs for inputs in the model's own numbers; interpreter and module agree. */
function run(file: OnnxFile, inputs: Readonly<Record<string, readonly number[]>>): number[][] {
  const { bytes, model, ...ports } = imported(file)
  const input = new Uint8Array(Buffer.concat(ports.inputs.map((port) => portBytes(port, inputs[port.name]!))))
  const [first, second] = executors.map((executor) => executor.open(bytes, model)(input))
  assert.deepEqual(first, second)
  return portNumbers(ports.outputs, first!)
}

type Types = { readonly a: string; readonly b?: string; readonly y?: string }

function pairOf(node: Omit<OnnxFileNode, 'inputs' | 'outputs'>, { a, b = a, y = a }: Types, count: number): OnnxFile {
  return {
    inputs: [
      { name: 'a', type: a, shape: [count] },
      { name: 'b', type: b, shape: [count] },
    ],
    outputs: [{ name: 'y', type: y }],
    nodes: [{ ...node, inputs: ['a', 'b'], outputs: ['y'] }],
    opset: 20,
  }
}

const edges: readonly (readonly [
  op: string,
  types: Types,
  a: number[],
  b: number[],
  y: number[],
  attributes?: OnnxFileNode['attributes'],
])[] = [
  ['Add', { a: 'uint8' }, [250, 3], [10, 4], [4, 7]],
  ['Add', { a: 'int8' }, [127, -1], [1, -2], [-128, -3]],
  ['Sub', { a: 'uint16' }, [3, 9], [5, 2], [65534, 7]],
  ['Mul', { a: 'int16' }, [300, -2], [300, 7], [24464, -14]],
  ['Div', { a: 'uint8' }, [250, 7], [3, 2], [83, 3]],
  ['Div', { a: 'int32' }, [-7, 7], [2, 0], [-3, 0]],
  ['Div', { a: 'uint32' }, [4000000000, 9], [3, 2], [1333333333, 4]],
  ['Mod', { a: 'int8' }, [-7, 7], [3, -3], [2, -2]],
  ['Mod', { a: 'int8' }, [-7, 7], [3, -3], [-1, 1], { fmod: 1 }],
  ['Less', { a: 'uint32', y: 'bool' }, [4000000000, 1], [1, 4000000000], [0, 1]],
  ['GreaterOrEqual', { a: 'uint8', y: 'bool' }, [200, 1], [100, 1], [1, 1]],
  ['LessOrEqual', { a: 'int64', y: 'bool' }, [-5, 6], [-6, 6], [0, 1]],
  ['Equal', { a: 'bool', y: 'bool' }, [0, 1], [1, 1], [0, 1]],
  ['Max', { a: 'uint32' }, [4000000000, 1], [1, 2], [4000000000, 2]],
  ['Min', { a: 'int16' }, [-300, 1], [1, 2], [-300, 1]],
  ['Xor', { a: 'bool' }, [0, 1], [1, 1], [1, 0]],
  ['BitwiseAnd', { a: 'uint8' }, [0xf0, 0xff], [0x3c, 0x81], [0x30, 0x81]],
  ['BitwiseOr', { a: 'int32' }, [-8, 5], [3, 2], [-5, 7]],
  ['BitShift', { a: 'uint8' }, [0x81, 3], [1, 2], [2, 12], { direction: 'LEFT' }],
  ['BitShift', { a: 'uint16' }, [0x8001, 3], [1, 1], [0x4000, 1], { direction: 'RIGHT' }],
]

for (const [op, types, a, b, y, attributes] of edges)
  test(`${op} of ${types.a}${attributes === undefined ? '' : ` ${JSON.stringify(attributes)}`} keeps the type's own bits`, () =>
    assert.deepEqual(run(pairOf({ op, ...(attributes === undefined ? {} : { attributes }) }, types, 2), { a, b }), [y]))

function unary(
  node: Omit<OnnxFileNode, 'outputs'>,
  type: string,
  y: string,
  shape: readonly number[],
  constants: OnnxFile['constants'] = [],
): OnnxFile {
  return {
    constants,
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type: y }],
    nodes: [{ ...node, outputs: ['y'] }],
    opset: 20,
  }
}

test('casts keep the low bits, and bool is whether a number is not 0', () => {
  const cast = (to: number, y: string, x: number[]) => run(unary({ op: 'Cast', inputs: ['x'], attributes: { to } }, 'int32', y, [3]), { x })
  assert.deepEqual(cast(2, 'uint8', [300, -1, 7]), [[44, 255, 7]])
  assert.deepEqual(cast(3, 'int8', [300, -1, 200]), [[44, -1, -56]])
  assert.deepEqual(cast(9, 'bool', [300, 0, -7]), [[1, 0, 1]])
})

test('Abs, Neg, Sign and Not', () => {
  assert.deepEqual(run(unary({ op: 'Abs', inputs: ['x'] }, 'int16', 'int16', [2]), { x: [-300, 4] }), [[300, 4]])
  assert.deepEqual(run(unary({ op: 'Neg', inputs: ['x'] }, 'int32', 'int32', [2]), { x: [-300, 4] }), [[300, -4]])
  assert.deepEqual(run(unary({ op: 'Sign', inputs: ['x'] }, 'int64', 'int64', [3]), { x: [-300, 0, 4] }), [[-1, 0, 1]])
  assert.deepEqual(run(unary({ op: 'BitwiseNot', inputs: ['x'] }, 'uint16', 'uint16', [2]), { x: [0, 65535] }), [[65535, 0]])
})

test('CumSum from the end, ReduceSum and ReduceMax of whole numbers', () => {
  const axis = tensor('axis', 'int64', [1], [1])
  const sums = unary({ op: 'CumSum', inputs: ['x', 'axis'], attributes: { reverse: 1 } }, 'int32', 'int32', [2, 3], [axis])
  assert.deepEqual(run(sums, { x: [1, 2, 3, 4, 5, 6] }), [[6, 5, 3, 15, 11, 6]])
  const sum = unary({ op: 'ReduceSum', inputs: ['x', 'axis'], attributes: { keepdims: 0 } }, 'int32', 'int32', [2, 3], [axis])
  assert.deepEqual(run(sum, { x: [1, 2, 3, 4, 5, 6] }), [[6, 15]])
  const max = unary({ op: 'ReduceMax', inputs: ['x', 'axis'] }, 'uint8', 'uint8', [2, 3], [axis])
  assert.deepEqual(run(max, { x: [1, 200, 3, 4, 5, 6] }), [[200, 6]])
})

test('Where chooses, and indices that are computed are brought into their dimension', () => {
  const where: OnnxFile = {
    inputs: [
      { name: 'c', type: 'bool', shape: [3] },
      { name: 'x', type: 'int32', shape: [2, 1] },
    ],
    constants: [scalar('other', 'int32', -9)],
    outputs: [{ name: 'y', type: 'int32' }],
    nodes: [{ op: 'Where', inputs: ['c', 'x', 'other'], outputs: ['y'] }],
  }
  assert.deepEqual(run(where, { c: [1, 0, 1], x: [5, 6] }), [[5, -9, 5, 6, -9, 6]])
  const gather: OnnxFile = {
    inputs: [
      { name: 'x', type: 'int8', shape: [2, 3] },
      { name: 'i', type: 'int64', shape: [2, 3] },
    ],
    outputs: [{ name: 'y', type: 'int8' }],
    nodes: [{ op: 'GatherElements', inputs: ['x', 'i'], outputs: ['y'], attributes: { axis: 1 } }],
  }
  assert.deepEqual(run(gather, { x: [1, 2, 3, 4, 5, 6], i: [0, -1, 9, 2, 1, -9] }), [[1, 3, 3, 6, 5, 4]])
})

test('GatherND, ScatterND and padding by own elements', () => {
  const nd = unary({ op: 'GatherND', inputs: ['x', 'i'] }, 'int32', 'int32', [2, 3], [tensor('i', 'int64', [2, 1], [1, 0])])
  assert.deepEqual(run(nd, { x: [1, 2, 3, 4, 5, 6] }), [[4, 5, 6, 1, 2, 3]])
  const constants = [tensor('i', 'int64', [1, 1], [1]), tensor('u', 'int32', [1, 2], [8, 9])]
  const scatter = unary({ op: 'ScatterND', inputs: ['x', 'i', 'u'] }, 'int32', 'int32', [2, 2], constants)
  assert.deepEqual(run(scatter, { x: [1, 2, 3, 4] }), [[1, 2, 8, 9]])
  const pads = tensor('pads', 'int64', [2], [2, 1])
  const padded = (mode: string) =>
    run(unary({ op: 'Pad', inputs: ['x', 'pads'], attributes: { mode } }, 'int32', 'int32', [3], [pads]), { x: [1, 2, 3] })
  assert.deepEqual(padded('reflect'), [[3, 2, 1, 2, 3, 2]])
  assert.deepEqual(padded('edge'), [[1, 1, 1, 2, 3, 3]])
  assert.deepEqual(padded('wrap'), [[2, 3, 1, 2, 3, 1]])
})

test('QuantizeLinear of several scales and DequantizeLinear into several take float32 as bits', () => {
  const constants = [tensor('s', 'float32', [2], [0.5, 3]), tensor('z', 'uint8', [2], [10, 0])]
  const quantize = unary({ op: 'QuantizeLinear', inputs: ['x', 's', 'z'], attributes: { axis: 0 } }, 'float32', 'uint8', [2, 3], constants)
  assert.deepEqual(run(quantize, { x: [0.25, 0.75, -100, 4.5, 7.5, 1e30] }), [[10, 12, 0, 2, 2, 255]])
  const dequantize = unary(
    { op: 'DequantizeLinear', inputs: ['x', 's', 'z'], attributes: { axis: 0 } },
    'uint8',
    'float32',
    [2, 2],
    constants,
  )
  assert.deepEqual(run(dequantize, { x: [0, 11, 1, 255] }), [[-5, 0.5, 3, 765]])
})

test('DynamicQuantizeLinear gives the standard’s numbers, its scale to the bit', () => {
  const file: OnnxFile = {
    inputs: [{ name: 'x', type: 'float32', shape: [4] }],
    outputs: [
      { name: 'y', type: 'uint8' },
      { name: 's', type: 'float32' },
      { name: 'z', type: 'uint8' },
    ],
    nodes: [{ op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['y', 's', 'z'] }],
  }
  // (3 + 1) / 255, round(1 / scale) = round(63.75).
  const scale = Math.fround(4 / 255)
  assert.deepEqual(run(file, { x: [-1, 0, 1, 3] }), [[0, 64, 128, 255], [scale], [64]])
})

test('what is constant is computed at the import, and an input that nothing depends on is not taken', () => {
  const result = imported({
    inputs: [{ name: 'x', type: 'uint8', shape: [2, 3] }],
    outputs: [{ name: 'y', type: 'int64' }],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Mul', inputs: ['s', 's'], outputs: ['y'] },
    ],
  })
  assert.deepEqual(result.inputs, [])
  assert.match(result.report.notes.join(), /no output depends on a number of input "x"/)
  assert.deepEqual(portNumbers(result.outputs, executors[1]!.open(result.bytes, result.model)(new Uint8Array())), [[4, 9]])
})

test('mixed types, wide constants and other types are refused by name', () => {
  const refusal = (file: OnnxFile) => {
    try {
      imported(file)
    } catch (error) {
      if (error instanceof ImportError) return error.message
      throw error
    }
    throw new Error('the model was imported')
  }
  assert.match(refusal(pairOf({ op: 'Add' }, { a: 'int32', b: 'int64' }, 2)), /its operands are int32 and int64/)
  assert.match(refusal(pairOf({ op: 'And' }, { a: 'int32' }, 2)), /its operands are int32; nearest supported form: bool/)
  const wide = unary({ op: 'Add', inputs: ['x', 'c'] }, 'int64', 'int64', [1], [scalar('c', 'int64', 2 ** 40)])
  assert.match(refusal(wide), /operand 1 \("c"\) has the int64 1099511627776; nearest supported form: numbers that 32 bits hold/)
})
