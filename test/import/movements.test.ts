import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import type { Rounding } from '../../runtime/model/types.ts'
import { int32Data, type TfliteFile, type TfliteTensor, tensor, writeTflite } from './write-tflite.ts'

type Options = Record<string, number | string | boolean>

const int8 = (shape: number[], more: Partial<TfliteTensor> = {}) => tensor('int8', shape, { scales: [0.5], zeros: [3], ...more })
const list = (values: number[], shape = [values.length]) => tensor('int32', shape, { data: int32Data(values) })

/** One operator: x, further operands, one result. */
function one(op: string, x: TfliteTensor, more: TfliteTensor[], y: TfliteTensor, options: Options = {}): TfliteFile {
  const tensors = [x, ...more, y]
  const inputs = [...tensors.keys()].slice(0, -1)
  return { tensors, nodes: [{ op, inputs, outputs: [tensors.length - 1], options }], inputs: [0], outputs: [tensors.length - 1] }
}

function problemsOf(file: TfliteFile, rounding: Rounding = 'double'): string[] {
  try {
    importTflite(writeTflite(file), { rounding })
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error))
    assert.equal(error.code, 'unsupported')
    return error.problems.map(({ problem }) => problem.replace(/"[^"]*"/g, '…'))
  }
  return assert.fail('the file was imported')
}

const operatorsOf = (file: TfliteFile) => importTflite(writeTflite(file), { rounding: 'double' }).report.operators
const strided = (begin: number[], end: number[], strides: number[], y: number[], options: Options = {}) =>
  one('STRIDED_SLICE', int8([3, 4]), [list(begin), list(end), list(strides)], int8(y), options)

test('refuses slices that cannot be told, or that lead elsewhere', () => {
  assert.deepEqual(problemsOf(strided([0, 0], [3, 4], [1, 0], [3, 4])), ['its stride of dimension 1 is 0'])
  assert.deepEqual(problemsOf(strided([3, 0], [3, 4], [1, 1], [3, 4])), ['it takes nothing of dimension 0'])
  assert.deepEqual(problemsOf(strided([0, 0], [3, 4], [1, 2], [3, 4])), ['its result has the shape [3,4]'])
  assert.deepEqual(problemsOf(strided([0, 0], [3, 4], [1, 1], [3, 4], { ellipsisMask: 1 })), ['it has an ellipsis mask or a new-axis mask'])
  assert.deepEqual(problemsOf(one('SLICE', int8([3, 4]), [list([0, 2]), list([3, 3])], int8([3, 3]))), [
    'it takes [3,3] from [0,2] on of [3,4]',
  ])
  assert.deepEqual(problemsOf(one('REVERSE_V2', int8([3, 4]), [list([2])], int8([3, 4]))), ['it turns the dimensions [2] of [3,4]'])
})

test('refuses a movement that changes the scale or the type', () => {
  const scaled = one('TRANSPOSE', int8([3, 4]), [list([1, 0])], int8([4, 3], { scales: [0.25] }))
  assert.deepEqual(problemsOf(scaled), ['its operand and result differ in scale or zero point'])
  const typed = one('TRANSPOSE', int8([3, 4]), [list([1, 0])], tensor('int32', [4, 3]))
  assert.deepEqual(problemsOf(typed), ['it makes int32 of int8'])
  const long = one('TRANSPOSE', tensor('int64', [3, 4]), [list([1, 0])], tensor('int64', [4, 3]))
  assert.deepEqual(problemsOf(long), ['tensor … is int64', 'tensor … is int64'])
})

test('refuses what is no permutation, and blocks that do not divide a picture', () => {
  assert.deepEqual(problemsOf(one('TRANSPOSE', int8([3, 4]), [list([1, 1])], int8([4, 4]))), ['it orders [3,4] by [1,1]'])
  assert.deepEqual(problemsOf(one('SPACE_TO_DEPTH', int8([1, 3, 4, 2]), [], int8([1, 1, 2, 8]), { blockSize: 2 })), [
    'blocks of 2 do not lead from [1,3,4,2] to [1,1,2,8]',
  ])
})

test('refuses indices outside, batch dimensions and indices of another type', () => {
  const gather = (indices: TfliteTensor, options: Options = {}) =>
    one('GATHER', int8([3, 4]), [indices], int8([2, 4]), { axis: 0, ...options })
  assert.deepEqual(problemsOf(gather(list([0, 3]))), ['its indices … reach outside dimension 0 of [3,4]'])
  assert.deepEqual(problemsOf(gather(list([0, 1]), { batchDims: 1 })), ['it has 1 batch dimensions'])
  assert.deepEqual(problemsOf(gather(int8([2]))), ['its indices … are int8'])
})

test('refuses resizes past TFLite’s integers, reductions over nothing and indices of int64', () => {
  const resize = one('RESIZE_BILINEAR', int8([1, 1000, 1, 1]), [list([27000, 1])], int8([1, 27000, 1, 1]))
  assert.match(problemsOf(resize)[0]!, /reach past the picture/)
  assert.deepEqual(problemsOf(one('REDUCE_MAX', int8([3, 4]), [list([2])], int8([3]))), ['it goes over the dimensions [2] of [3,4]'])
  assert.deepEqual(problemsOf(one('ARG_MAX', int8([3, 4]), [list([1], [])], tensor('int64', [3]))), [
    'its result is int64',
    'tensor … is int64',
  ])
})

test('refuses a transposed convolution whose result its windows do not reach, or whose weights are computed', () => {
  const weights = (more: Partial<TfliteTensor>) => tensor('int8', [2, 3, 3, 1], { scales: [0.1], zeros: [0], ...more })
  const file = (y: number[], of: TfliteTensor): TfliteFile => ({
    tensors: [list(y), of, int8([1, 4, 4, 1]), int8(y, { scales: [2] })],
    nodes: [{ op: 'TRANSPOSE_CONV', inputs: [0, 1, 2], outputs: [3], options: { padding: 'VALID', strideH: 2, strideW: 2 } }],
    inputs: of.data === undefined ? [1, 2] : [2],
    outputs: [3],
  })
  const constant = weights({ data: new Uint8Array(18) })
  assert.deepEqual(problemsOf(file([1, 9, 13, 2], constant)), ['its result [1,9,13,2] reaches past what its windows touch'])
  assert.deepEqual(problemsOf(file([1, 9, 9, 2], weights({}))), ['its weights … are not constant'])
})

test('a product whose sums could pass 2^31 is refused', () => {
  const of = (shape: number[]) => int8(shape, { zeros: [-128] })
  const file = one('BATCH_MATMUL', of([1, 40000]), [of([40000, 1])], int8([1, 1]))
  assert.deepEqual(problemsOf({ ...file, inputs: [0, 1] }), ['its accumulators could pass 2^31'])
})

test('what moves nothing is a reshape', () => {
  assert.deepEqual(operatorsOf(strided([0, 0], [3, 4], [1, 1], [3, 4])), { reshape: 1 })
  assert.deepEqual(operatorsOf(one('TRANSPOSE', int8([1, 3, 4]), [list([1, 0, 2])], int8([3, 1, 4]))), { reshape: 1 })
  assert.deepEqual(operatorsOf(one('TILE', int8([3, 4]), [list([1, 1])], int8([3, 4]))), { reshape: 1 })
})

test('indices that are an input, of any shape, are gathered by', () => {
  const table = int8([5, 3], { data: Uint8Array.from({ length: 15 }, (_, at) => at) })
  const file: TfliteFile = {
    tensors: [table, tensor('int32', [2, 2]), int8([2, 2, 3])],
    nodes: [{ op: 'GATHER', inputs: [0, 1], outputs: [2], options: { axis: 0 } }],
    inputs: [1],
    outputs: [2],
  }
  assert.deepEqual(operatorsOf(file), { gather: 1, reshape: 2 })
})
