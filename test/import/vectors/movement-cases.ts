/** The operators that move, reduce and resize, and those that are made of them: as cases.ts, from the same random numbers. */
import { int32Data, type TfliteFile, type TfliteTensor, tensor } from '../write-tflite.ts'
import { bytes, type Case, elements, type Kind, layer, of, scale } from './cases.ts'

type Options = Record<string, number | string | boolean>

/** A constant of int32. */
function list(values: readonly number[], shape = [values.length]): TfliteTensor {
  return tensor('int32', shape, { data: int32Data(values) })
}

/** An operator of one scale: operands `before` and `after` x, and results of the shapes `y`. */
function moved(
  op: string,
  x: TfliteTensor,
  y: number[][],
  after: TfliteTensor[] = [],
  options: Options = {},
  before: TfliteTensor[] = [],
): TfliteFile {
  const operands = [...before, x, ...after]
  const results = y.map((shape, at) => ({ ...x, name: `y${at}`, shape }))
  const indices = (count: number, first = 0) => Array.from({ length: count }, (_, at) => first + at)
  return {
    tensors: [...operands, ...results],
    nodes: [{ op, inputs: indices(operands.length), outputs: indices(results.length, operands.length), options }],
    inputs: [before.length],
    outputs: indices(results.length, operands.length),
  }
}

function packed(kind: Kind): TfliteFile {
  const x = of(kind, [2, 3])
  const tensors = [x, { ...x, name: 'b' }, { ...x, name: 'y', shape: [2, 2, 3] }]
  return { tensors, nodes: [{ op: 'PACK', inputs: [0, 1], outputs: [2], options: { count: 2, axis: 1 } }], inputs: [0, 1], outputs: [2] }
}

function gathered(kind: Kind, indices: TfliteTensor, y: number[], axis: number): TfliteFile {
  return moved('GATHER', of(kind, [3, 5, 4]), [y], [indices], { axis })
}

/** x and y have scales of their own. */
function reduced(op: string, axes: number[], y: TfliteTensor, x: TfliteTensor): TfliteFile {
  const options = { keepDims: y.shape.length === x.shape.length }
  return { tensors: [x, list(axes), y], nodes: [{ op, inputs: [0, 1], outputs: [2], options }], inputs: [0], outputs: [2] }
}

function extreme(op: string, kind: Kind, axes: number[], y: number[]): TfliteFile {
  const x = of(kind, [2, 5, 6, 4])
  return reduced(op, axes, { ...x, name: 'y', shape: y }, x)
}

function extremeIndex(op: string, kind: Kind, axis: number, y: number[]): TfliteFile {
  return reduced(op, [axis], tensor('int32', y), of(kind, [2, 5, 6, 4]))
}

function resized(op: string, kind: Kind, out: [number, number], options: Options): TfliteFile {
  return moved(op, of(kind, [2, 5, 7, 9]), [[2, ...out, 9]], [list(out)], options)
}

/** Operands: the result's shape, weights, x, bias. */
function transposed(
  kernel: [number, number],
  strides: [number, number],
  padding: string,
  out: [number, number],
  perChannel: boolean,
): TfliteFile {
  const y = [2, ...out, 6]
  const [x, weights, bias, result] = layer('int8', [2, 4, 5, 3], [6, ...kernel, 3], y, 0, perChannel, 0.03) as [
    TfliteTensor,
    TfliteTensor,
    TfliteTensor,
    TfliteTensor,
  ]
  return {
    tensors: [list(y), weights, x, bias, result],
    nodes: [{ op: 'TRANSPOSE_CONV', inputs: [0, 1, 2, 3], outputs: [4], options: { padding, strideH: strides[0], strideW: strides[1] } }],
    inputs: [2],
    outputs: [4],
  }
}

function product(a: number[], b: number[], y: number[], options: Options): TfliteFile {
  const tensors = [of('int8', a), of('int8', b), of('int8', y, { scales: [scale(0.5, 4)] })]
  return { tensors, nodes: [{ op: 'BATCH_MATMUL', inputs: [0, 1], outputs: [2], options }], inputs: [0, 1], outputs: [2] }
}

/** int8 to uint8 of the same real values. */
function toggled(): TfliteFile {
  const x = of('int8', [2, 64])
  const y = tensor('uint8', [2, 64], { scales: x.scales!, zeros: [x.zeros![0]! + 128] })
  return { tensors: [x, y], nodes: [{ op: 'QUANTIZE', inputs: [0], outputs: [1] }], inputs: [0], outputs: [1] }
}

function files(kind: Kind): [name: string, file: TfliteFile][] {
  const x = of(kind, [3, 5, 4])
  const strided = (begin: number[], end: number[], strides: number[], y: number[], options: Options = {}) =>
    moved('STRIDED_SLICE', x, [y], [list(begin), list(end), list(strides)], options)
  const both: [string, TfliteFile][] = [
    ['STRIDED_SLICE', strided([0, -4, 1], [3, -1, 4], [2, 1, 2], [2, 3, 2])],
    ['STRIDED_SLICE with masks', strided([1, 2, 1], [2, 3, 2], [1, 1, 1], [2, 3, 4], { beginMask: 6, endMask: 5 })],
    ['SLICE', moved('SLICE', x, [[2, 5, 3]], [list([1, 0, 1]), list([-1, 5, 3])])],
    [
      'SPLIT',
      moved(
        'SPLIT',
        x,
        [
          [3, 5, 2],
          [3, 5, 2],
        ],
        [],
        { count: 2 },
        [list([-1], [])],
      ),
    ],
    ['TRANSPOSE', moved('TRANSPOSE', x, [[4, 3, 5]], [list([2, 0, 1])])],
    ['TRANSPOSE of four', moved('TRANSPOSE', of(kind, [2, 9, 3, 17]), [[2, 17, 9, 3]], [list([0, 3, 1, 2])])],
    ['SPACE_TO_DEPTH', moved('SPACE_TO_DEPTH', of(kind, [1, 4, 6, 3]), [[1, 2, 3, 12]], [], { blockSize: 2 })],
    ['DEPTH_TO_SPACE', moved('DEPTH_TO_SPACE', of(kind, [1, 2, 3, 12]), [[1, 4, 6, 3]], [], { blockSize: 2 })],
    ['GATHER', gathered(kind, list([4, 0, 0, 2]), [3, 4, 4], 1)],
    ['MIRROR_PAD, reflect', moved('MIRROR_PAD', x, [[3, 9, 5]], [list([0, 0, 3, 1, 0, 1], [3, 2])], { mode: 'REFLECT' })],
    ['RESIZE_NEAREST_NEIGHBOR', resized('RESIZE_NEAREST_NEIGHBOR', kind, [9, 4], {})],
    ['ARG_MAX', extremeIndex('ARG_MAX', kind, -1, [2, 5, 6])],
    ['ARG_MIN', extremeIndex('ARG_MIN', kind, 1, [2, 6, 4])],
    ['REDUCE_MAX', extreme('REDUCE_MAX', kind, [1, 2], [2, 4])],
    ['RESIZE_BILINEAR', resized('RESIZE_BILINEAR', kind, [10, 14], {})],
  ]
  if (kind === 'uint8') return both
  const pieces = [list([1, -1, 2]), list([1], [])]
  return [
    ...both,
    ['STRIDED_SLICE that drops a dimension', strided([0, 3, 0], [3, 4, 4], [1, 1, 1], [3, 4], { shrinkAxisMask: 2 })],
    [
      'SPLIT_V',
      moved(
        'SPLIT_V',
        x,
        [
          [3, 1, 4],
          [3, 2, 4],
          [3, 2, 4],
        ],
        pieces,
        { count: 3 },
      ),
    ],
    [
      'UNPACK',
      moved(
        'UNPACK',
        x,
        [
          [5, 4],
          [5, 4],
          [5, 4],
        ],
        [],
        { count: 3, axis: 0 },
      ),
    ],
    ['PACK', packed('int8')],
    ['GATHER of one', gathered('int8', list([2], []), [3, 4], 1)],
    ['GATHER of a matrix of indices', gathered('int8', list([4, 0, 1, 2], [2, 2]), [3, 2, 2, 4], 1)],
    ['BROADCAST_TO', moved('BROADCAST_TO', of('int8', [2, 1, 4]), [[2, 3, 4]], [list([2, 3, 4])])],
    ['TILE', moved('TILE', x, [[3, 10, 12]], [list([1, 2, 3])])],
    ['MIRROR_PAD, symmetric', moved('MIRROR_PAD', x, [[4, 10, 5]], [list([1, 0, 3, 2, 0, 1], [3, 2])], { mode: 'SYMMETRIC' })],
    ['RESIZE_NEAREST_NEIGHBOR, corners', resized('RESIZE_NEAREST_NEIGHBOR', 'int8', [9, 4], { alignCorners: true })],
    ['RESIZE_NEAREST_NEIGHBOR, centres', resized('RESIZE_NEAREST_NEIGHBOR', 'int8', [11, 3], { halfPixelCenters: true })],
    ['RESIZE_BILINEAR smaller', resized('RESIZE_BILINEAR', 'int8', [3, 4], {})],
    ['RESIZE_BILINEAR, corners', resized('RESIZE_BILINEAR', 'int8', [9, 11], { alignCorners: true })],
    ['RESIZE_BILINEAR, centres', resized('RESIZE_BILINEAR', 'int8', [10, 13], { halfPixelCenters: true })],
    ['REDUCE_MIN', extreme('REDUCE_MIN', 'int8', [3], [2, 5, 6, 1])],
    ['SUM', reduced('SUM', [1], of('int8', [2, 6, 4], { scales: [scale(0.3, 0.6)] }), of('int8', [2, 5, 6, 4]))],
    ['TRANSPOSE_CONV', transposed([4, 4], [2, 2], 'SAME', [8, 10], true)],
    ['TRANSPOSE_CONV of 3 × 3', transposed([3, 3], [2, 2], 'SAME', [8, 10], true)],
    ['TRANSPOSE_CONV of odd size', transposed([3, 3], [2, 2], 'SAME', [7, 9], false)],
    ['TRANSPOSE_CONV, valid', transposed([3, 5], [2, 3], 'VALID', [9, 17], true)],
    ['TRANSPOSE_CONV of stride 1', transposed([3, 2], [1, 1], 'SAME', [4, 5], false)],
    ['TRANSPOSE_CONV of a small kernel', transposed([1, 2], [2, 3], 'VALID', [7, 14], true)],
    ['BATCH_MATMUL', product([2, 5, 7], [2, 7, 6], [2, 5, 6], {})],
    ['BATCH_MATMUL, the second transposed', product([2, 5, 7], [2, 6, 7], [2, 5, 6], { transposeB: true })],
    ['BATCH_MATMUL, the first transposed', product([3, 1, 7, 5], [2, 7, 6], [3, 2, 5, 6], { transposeA: true })],
    ['QUANTIZE to uint8', toggled()],
  ]
}

/** SUM came to integers, and TRANSPOSE_CONV with a scale for each channel to XNNPACK, only after the web build. */
function isOther({ nodes, tensors }: TfliteFile): boolean {
  return nodes[0]!.op === 'SUM' || (nodes[0]!.op === 'TRANSPOSE_CONV' && tensors[1]!.scales!.length > 1)
}

/** `repeat` models of each kind. */
export function movementCases(repeat: number): Case[] {
  return Array.from({ length: repeat }, () =>
    (['int8', 'uint8'] as const).flatMap((kind) =>
      files(kind).map(([name, file]) => ({
        name: `${name}, ${kind}`,
        file,
        isOther: isOther(file),
        inputs: file.inputs.map((index) => bytes(elements(file.tensors[index]!.shape))),
      })),
    ),
  ).flat()
}
