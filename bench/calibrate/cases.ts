/** What is measured beside the shapes of bench/ops: shapes that suit the kernels badly, by operator. */
import type { OperatorName } from '../../runtime/model/operators.ts'
import type { TensorType } from '../../runtime/model/types.ts'
import type { BenchCase } from '../one-operator.ts'

type Shape = readonly number[]

const byte = [-128, 127]
const word = [-32768, 32767]
const factor = 1518500250

const text = (shape: Shape) => shape.join('×')
const repeated = (count: number, shift: number) => ({ multipliers: new Array(count).fill(factor), shifts: new Array(count).fill(shift) })

type Window = { height?: number; width: number; kernel: number; stride?: number; pad?: number; type?: 'int8' | 'int16' }

function window({ height = 1, width, kernel, stride = 1, pad = 0 }: Window) {
  const out = (size: number, kernelSize: number, padding: number) => Math.floor((size + 2 * padding - kernelSize) / stride) + 1
  const kernelH = Math.min(kernel, height)
  const padH = kernelH === 1 ? 0 : pad
  return { kernelH, padH, outH: out(height, kernelH, padH), outW: out(width, kernel, pad) }
}

function convolution({ channels, outputs, ...shape }: Window & { channels: number; outputs: number }): BenchCase {
  const { height = 1, width, kernel, stride = 1, pad = 0, type = 'int8' } = shape
  const { kernelH, padH, outH, outW } = window(shape)
  return {
    name: `${height}×${width}×${channels} → ${outputs}, ${kernelH}×${kernel}${stride > 1 ? ` by ${stride}` : ''}${type === 'int16' ? ' of int16' : ''}`,
    operands: [
      { type, shape: [1, height, width, channels] },
      { shape: [outputs, kernelH, kernel, channels], constant: true },
    ],
    result: { type, shape: [1, outH, outW, outputs] },
    attributes: [stride, stride, 1, 1, padH, padH, pad, pad, 1, 0, 0, 0, ...(type === 'int16' ? word : byte)],
    ...(type === 'int16' ? repeated(outputs, -12) : { requantizations: outputs }),
  }
}

function depthwise({ channels, ...shape }: Window & { channels: number }): BenchCase {
  const { height = 1, width, kernel, stride = 1, pad = 0, type = 'int8' } = shape
  const { kernelH, padH, outH, outW } = window(shape)
  return {
    name: `${height}×${width}×${channels}, ${kernelH}×${kernel}${stride > 1 ? ` by ${stride}` : ''}${type === 'int16' ? ' of int16' : ''}`,
    operands: [
      { type, shape: [1, height, width, channels] },
      { shape: [1, kernelH, kernel, channels], constant: true },
    ],
    result: { type, shape: [1, outH, outW, channels] },
    attributes: [stride, stride, 1, 1, padH, padH, pad, pad, 0, 0, 0, ...(type === 'int16' ? word : byte)],
    ...(type === 'int16' ? repeated(channels, -12) : { requantizations: channels }),
  }
}

function pool({ channels, ...shape }: Window & { channels: number }): BenchCase {
  const { height = 1, width, kernel, stride = 1, type = 'int8' } = shape
  const { kernelH, outH, outW } = window(shape)
  return {
    name: `${height}×${width}×${channels}, ${kernelH}×${kernel} by ${stride}${type === 'int16' ? ' of int16' : ''}`,
    operands: [{ type, shape: [1, height, width, channels] }],
    result: { type, shape: [1, outH, outW, channels] },
    attributes: [kernelH, kernel, stride, stride, 0, 0, 0, 0, ...byte],
  }
}

function layer(rows: number, depth: number, outputs: number, type: 'int8' | 'int16' = 'int8'): BenchCase {
  return {
    name: `${rows}×${depth} → ${outputs}${type === 'int16' ? ' of int16' : ''}`,
    operands: [
      { type, shape: [rows, depth] },
      { shape: [outputs, depth], constant: true },
    ],
    result: { type, shape: [rows, outputs] },
    attributes: [0, 0, 0, ...(type === 'int16' ? word : byte)],
    ...(type === 'int16' ? repeated(1, -12) : { requantizations: outputs }),
  }
}

function product(batch: number, rows: number, depth: number, columns: number): BenchCase {
  return {
    name: `${batch} of ${rows}×${depth} times ${depth}×${columns}`,
    operands: [{ shape: [batch, rows, depth] }, { shape: [batch, depth, columns] }],
    result: { shape: [batch, rows, columns] },
    attributes: [0, 0, 0, ...byte],
    requantizations: 1,
  }
}

type Pair = Pick<BenchCase, 'attributes' | 'requantizations'>

function pairs(more: Pair): BenchCase[] {
  const shapes: [Shape, Shape][] = [
    [[1], [1]],
    [[7], [7]],
    [[1, 31, 31, 3], [3]],
    [
      [1, 31, 31, 7],
      [1, 31, 31, 1],
    ],
    [[20_000, 1], [1]],
    [
      [4096, 3],
      [4096, 1],
    ],
    [
      [1024, 1024],
      [1024, 1024],
    ],
  ]
  return shapes.map(([a, b]) => ({
    name: `${text(a)} and ${text(b)}`,
    operands: [{ shape: a }, { shape: b }],
    result: { shape: a },
    ...more,
  }))
}

function each(
  shapes: readonly Shape[],
  more: Omit<BenchCase, 'name' | 'operands' | 'result'> = {},
  type: TensorType = 'int8',
): BenchCase[] {
  return shapes.map((shape) => ({
    name: `${text(shape)}${type === 'int8' ? '' : ` of ${type}`}`,
    operands: [{ type, shape }],
    result: { type, shape },
    ...more,
  }))
}

function reduction(shape: Shape, axis: number, more: readonly number[] = [], type: TensorType = 'int8'): BenchCase {
  return {
    name: `${text(shape)} along ${axis}${type === 'int8' ? '' : ` of ${type}`}`,
    operands: [{ type, shape }],
    result: { type, shape: shape.length === 1 ? [1] : shape.filter((_, dimension) => dimension !== axis) },
    attributes: [1 << axis, ...more],
  }
}

const reductions = (more: readonly number[] = []) => [
  reduction([100_000], 0, more),
  reduction([20_000, 3], 1, more),
  reduction([20_000, 1], 1, more),
  reduction([3, 20_000], 0, more),
  reduction([300, 17, 31], 1, more),
  reduction([1024, 1024], 1, more),
]

const lengths: Shape[] = [[1], [17], [1001], [1 << 20]]

function permuted(shape: Shape, from: readonly number[], type: TensorType = 'int8'): BenchCase {
  return {
    name: `${text(shape)} by ${from.join('')}${type === 'int8' ? '' : ` of ${type}`}`,
    operands: [{ type, shape }],
    result: { type, shape: from.map((dimension) => shape[dimension]!) },
    attributes: from,
  }
}

function gathered(rows: number, width: number, count: number): BenchCase {
  const indices = Int32Array.from({ length: count }, (_, at) => (at * 7919) % rows)
  return {
    name: `${count} of ${rows}×${width}`,
    operands: [{ shape: [rows, width] }, { type: 'int32', shape: [count], data: new Uint8Array(indices.buffer) }],
    result: { shape: [count, width] },
    attributes: [0],
  }
}

function joined(shapes: readonly Shape[], axis: number): BenchCase {
  const last = shapes.reduce((sum, shape) => sum + shape[axis]!, 0)
  return {
    name: `${shapes.map(text).join(' and ')}`,
    operands: shapes.map((shape) => ({ shape })),
    result: { shape: shapes[0]!.with(axis, last) },
    attributes: [axis],
  }
}

function cut(shape: Shape, begin: readonly number[], stride: readonly number[], result: Shape): BenchCase {
  return {
    name: `${text(shape)} by ${stride.join(' ')} → ${text(result)}`,
    operands: [{ shape }],
    result: { shape: result },
    attributes: begin.flatMap((at, dimension) => [at, stride[dimension]!]),
  }
}

function padded(shape: Shape, before: readonly number[], after: readonly number[]): BenchCase {
  const result = shape.map((size, dimension) => size + before[dimension]! + after[dimension]!)
  return {
    name: `${text(shape)} → ${text(result)}`,
    operands: [{ shape }],
    result: { shape: result },
    attributes: [0, ...before.flatMap((count, dimension) => [count, after[dimension]!])],
  }
}

const pools = [
  pool({ height: 1, width: 1, channels: 1, kernel: 1 }),
  pool({ height: 96, width: 96, channels: 1, kernel: 3 }),
  pool({ height: 47, width: 47, channels: 3, kernel: 2 }),
  pool({ height: 47, width: 47, channels: 17, kernel: 1 }),
  pool({ height: 96, width: 96, channels: 3, kernel: 32 }),
  pool({ height: 7, width: 7, channels: 1280, kernel: 7 }),
  pool({ height: 2, width: 10_000, channels: 8, kernel: 2 }),
]

const convolutions = [
  convolution({ width: 1, channels: 1, outputs: 1, kernel: 1 }),
  convolution({ height: 64, width: 64, channels: 1, outputs: 1, kernel: 1 }),
  convolution({ height: 64, width: 64, channels: 1, outputs: 1, kernel: 3, pad: 1 }),
  convolution({ height: 64, width: 64, channels: 1, outputs: 32, kernel: 1 }),
  convolution({ height: 64, width: 64, channels: 64, outputs: 1, kernel: 1 }),
  convolution({ height: 31, width: 31, channels: 3, outputs: 5, kernel: 5, pad: 2 }),
  convolution({ height: 31, width: 31, channels: 17, outputs: 9, kernel: 3, stride: 2, pad: 1 }),
  convolution({ width: 20_000, channels: 1, outputs: 8, kernel: 9, pad: 4 }),
  convolution({ width: 4000, channels: 40, outputs: 64, kernel: 3, pad: 1 }),
  convolution({ height: 112, width: 112, channels: 3, outputs: 32, kernel: 3, stride: 2, pad: 1 }),
  convolution({ height: 7, width: 7, channels: 512, outputs: 512, kernel: 3, pad: 1 }),
  convolution({ height: 64, width: 64, channels: 1, outputs: 8, kernel: 3, pad: 1, type: 'int16' }),
  convolution({ height: 31, width: 31, channels: 17, outputs: 9, kernel: 3, stride: 2, pad: 1, type: 'int16' }),
]

const depthwises = [
  depthwise({ width: 1, channels: 1, kernel: 1 }),
  depthwise({ height: 96, width: 96, channels: 1, kernel: 3, pad: 1 }),
  depthwise({ height: 64, width: 64, channels: 3, kernel: 5, stride: 2, pad: 2 }),
  depthwise({ height: 31, width: 31, channels: 17, kernel: 1 }),
  depthwise({ height: 112, width: 112, channels: 32, kernel: 3, pad: 1 }),
  depthwise({ height: 7, width: 7, channels: 960, kernel: 7, pad: 3 }),
  depthwise({ width: 10_000, channels: 8, kernel: 9, pad: 4 }),
  depthwise({ height: 48, width: 48, channels: 64, kernel: 3, pad: 1, type: 'int16' }),
]

const layers = [
  layer(1, 1, 1),
  layer(1, 1, 20_000),
  layer(1, 20_000, 1),
  layer(1, 3, 20_000),
  layer(1, 1021, 1021),
  layer(2, 1, 20_000),
  layer(4000, 1, 1),
  layer(20_000, 1, 1),
  layer(4000, 3, 5),
  layer(5, 513, 513),
  layer(64, 1024, 1),
  layer(1, 1024, 1024, 'int16'),
  layer(4000, 1, 3, 'int16'),
]

/** The cases of an operator that bench/ops does not have. */
export const awkward: Partial<Record<OperatorName, readonly BenchCase[]>> = {
  conv2d: convolutions,
  depthwiseConv2d: depthwises,
  fullyConnected: layers,
  matmul: [
    product(1, 1, 1, 1),
    product(1, 1, 1024, 1024),
    product(4000, 1, 1, 1),
    product(4000, 1, 8, 1),
    product(8, 65, 17, 33),
    product(1, 512, 1, 512),
    product(1, 256, 256, 256),
    product(1, 300, 300, 1),
  ],
  add: pairs({ attributes: [0, 0, 0, ...byte], requantizations: 3 }),
  sub: pairs({ attributes: [0, 0, 0, ...byte], requantizations: 3 }),
  mul: pairs({ attributes: [0, 0, 0, ...byte], requantizations: 1 }),
  minimum: pairs({}),
  maximum: pairs({}),
  averagePool: pools,
  maxPool: pools,
  mean: reductions([0, 0, ...byte]).map((bench) => ({ ...bench, requantizations: 1 })),
  reduceMax: [...reductions(), reduction([1024, 256], 1, [], 'int32'), reduction([20_000, 3], 1, [], 'int16')],
  reduceMin: [...reductions(), reduction([1024, 256], 1, [], 'int32'), reduction([20_000, 3], 1, [], 'int16')],
  argMax: [
    { name: '100000', operands: [{ shape: [100_000] }], result: { type: 'int32', shape: [1] }, attributes: [0, 0, 0] },
    { name: '20000×3', operands: [{ shape: [20_000, 3] }], result: { type: 'int32', shape: [20_000] }, attributes: [1, 0, 0] },
    { name: '20000×1', operands: [{ shape: [20_000, 1] }], result: { type: 'int32', shape: [20_000] }, attributes: [1, 0, 0] },
    { name: '3×20000 along 0', operands: [{ shape: [3, 20_000] }], result: { type: 'int32', shape: [20_000] }, attributes: [0, 0, 1] },
    {
      name: '1000×100 of int32',
      operands: [{ type: 'int32', shape: [1000, 100] }],
      result: { type: 'int32', shape: [1000] },
      attributes: [1, 0, 0],
    },
  ],
  clamp: [...each(lengths, { attributes: [-5, 5] }), ...each(lengths, { attributes: [-5, 5] }, 'int16')],
  lookup: lengths.map((shape) => ({ name: text(shape), operands: [{ shape }, { shape: [256], constant: true }], result: { shape } })),
  requantize: [
    ...each([[1], [17], [1 << 20]], { attributes: [0, 0, ...byte], requantizations: 1 }),
    ...each(
      [
        [20_000, 3],
        [333, 333],
      ],
      { attributes: [0, 0, ...byte] },
    ).map((bench) => ({ ...bench, requantizations: bench.result.shape[1]! })),
  ],
  logistic: [...each(lengths, { attributes: [0], multipliers: [factor], shifts: [10] }), ...each(lengths, {}, 'int32')],
  tanh: [...each(lengths, { attributes: [0], multipliers: [factor], shifts: [10] }), ...each(lengths, {}, 'int32')],
  gelu: [...each(lengths, { attributes: [0, 0], multipliers: [factor, factor], shifts: [10, -10] }), ...each(lengths, {}, 'int32')],
  softmax: [
    ...each([[1], [1, 10], [1000, 1], [1000, 3], [16, 4095]], { multipliers: [factor], shifts: [23] }),
    ...each([[1], [1000, 1], [1000, 3], [1, 100_000]], {}, 'int32'),
  ],
  pad: [
    padded([1, 1, 1, 1], [0, 1, 1, 0], [0, 1, 1, 0]),
    padded([100, 100, 1], [0, 0, 1], [0, 0, 1]),
    padded([100, 1, 100], [0, 1, 0], [0, 1, 0]),
    padded([1, 512, 512, 3], [0, 1, 1, 0], [0, 1, 1, 0]),
  ],
  concat: [
    joined([[1], [1]], 0),
    joined(
      [
        [20_000, 1],
        [20_000, 3],
      ],
      1,
    ),
    joined(
      [
        [1, 1 << 19],
        [1, 1 << 19],
      ],
      0,
    ),
    joined(new Array(16).fill([1000, 1]), 1),
  ],
  reshape: each(lengths),
  slice: [
    cut([10_000, 3], [0, 0], [1, 1], [10_000, 1]),
    cut([100_000], [0], [3], [33_333]),
    cut([100_000], [99_999], [-1], [100_000]),
    cut([1024, 1024], [0, 0], [1, 1], [1024, 1024]),
    cut([10, 20, 30, 40], [9, 19, 29, 39], [-1, -1, -1, -1], [10, 20, 30, 40]),
    cut([1, 1], [0, 0], [1, 1], [1, 1]),
  ],
  transpose: [
    permuted([1], [0]),
    permuted([1000, 3], [1, 0]),
    permuted([3, 20_000], [1, 0]),
    permuted([1024, 1024], [1, 0]),
    permuted([17, 19, 23, 29], [3, 2, 1, 0]),
    permuted([7, 9, 11, 13, 15], [4, 1, 3, 0, 2], 'int16'),
    permuted([1000, 2, 8], [1, 0, 2]),
  ],
  gather: [gathered(100, 1, 20_000), gathered(10_000, 3, 10_000), gathered(1000, 1024, 1000), gathered(2, 1, 1)],
}
