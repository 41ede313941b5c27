/** Float networks with pseudo-random weights, and samples for them. */
import { type OnnxFile, tensor } from '../import/write-onnx.ts'
import { noise } from './decompositions.ts'

const weights = (name: string, shape: readonly number[], seed: number, scale = 0.5) =>
  tensor(
    name,
    'float32',
    shape,
    [
      ...noise(
        shape.reduce((count, size) => count * size, 1),
        seed,
      ),
    ].map((value) => value * scale),
  )

/** Conv, BatchNormalization, Relu, MaxPool, depthwise Conv, SiLU, residual Add, GlobalAveragePool, Gemm, Softmax: what picture classifiers are made of. */
export const classifier: OnnxFile = {
  nodes: [
    { op: 'Conv', inputs: ['x', 'w1'], outputs: ['c1'], attributes: { pads: [1, 1, 1, 1] } },
    { op: 'BatchNormalization', inputs: ['c1', 'scale', 'bias', 'mean', 'variance'], outputs: ['n1'] },
    { op: 'Relu', inputs: ['n1'], outputs: ['r1'] },
    { op: 'MaxPool', inputs: ['r1'], outputs: ['p1'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Conv', inputs: ['p1', 'w2', 'b2'], outputs: ['c2'], attributes: { pads: [1, 1, 1, 1], group: 8 } },
    { op: 'Sigmoid', inputs: ['c2'], outputs: ['s2'] },
    { op: 'Mul', inputs: ['c2', 's2'], outputs: ['m2'] },
    { op: 'Add', inputs: ['m2', 'p1'], outputs: ['a2'] },
    { op: 'GlobalAveragePool', inputs: ['a2'], outputs: ['g'] },
    { op: 'Flatten', inputs: ['g'], outputs: ['f'] },
    { op: 'Gemm', inputs: ['f', 'w3', 'b3'], outputs: ['logits'], attributes: { transB: 1 } },
    { op: 'Softmax', inputs: ['logits'], outputs: ['y'], attributes: { axis: 1 } },
  ],
  constants: [
    weights('w1', [8, 3, 3, 3], 1),
    weights('scale', [8], 2),
    weights('bias', [8], 3),
    weights('mean', [8], 4),
    tensor('variance', 'float32', [8], [0.5, 1, 2, 0.25, 1, 1, 3, 0.1]),
    weights('w2', [8, 1, 3, 3], 5),
    weights('b2', [8], 6),
    weights('w3', [5, 8], 7, 4),
    weights('b3', [5], 8),
  ],
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 3, 8, 8] }],
  outputs: [{ name: 'y', type: 'float32' }],
}

export function samplesOf(count: number, elements: number): { x: Float32Array }[] {
  return Array.from({ length: count }, (_, index) => ({ x: noise(elements, 100 + index) }))
}
