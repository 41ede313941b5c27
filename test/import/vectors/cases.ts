/** One small model for each operator and form that the importer takes, with random scales, constants and inputs from a fixed seed. */
import { int32Data, type TfliteFile, type TfliteTensor, type TfliteType, tensor } from '../write-tflite.ts'

/** `isOther`: the web build's kernel is another than the importer follows in fp32. */
export type Case = { name: string; file: TfliteFile; inputs: Uint8Array[]; isOther?: boolean }

let state = 20261122

function random(): number {
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state / 0x7fffffff
}

export const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
export const scale = (low = 0.01, high = 0.2) => Math.fround(low + random() * (high - low))
export const bytes = (length: number) => Uint8Array.from({ length }, () => between(0, 255))
export const elements = (shape: readonly number[]) => shape.reduce((count, dimension) => count * dimension, 1)
export const activation = () => ['NONE', 'RELU', 'RELU6'][between(0, 2)]!

export type Kind = Extract<TfliteType, 'int8' | 'uint8'>

const offset = { int8: -128, uint8: 0 }

export function of(kind: Kind, shape: number[], more: Partial<TfliteTensor> = {}): TfliteTensor {
  return tensor(kind, shape, { scales: [scale()], zeros: [between(0, 255) + offset[kind]], ...more })
}

function unary(op: string, kind: Kind, y: Partial<TfliteTensor> = {}, options = {}): TfliteFile {
  const shape = [2, 64]
  return { tensors: [of(kind, shape), of(kind, shape, y)], nodes: [{ op, inputs: [0], outputs: [1], options }], inputs: [0], outputs: [1] }
}

function pair(op: string, kind: Kind, other: number[]): TfliteFile {
  const shape = [1, 4, 4, 8]
  const tensors = [of(kind, shape), of(kind, other), of(kind, shape, { scales: [scale(0.02, 0.5)] })]
  return { tensors, nodes: [{ op, inputs: [0, 1], outputs: [2], options: { activation: activation() } }], inputs: [0, 1], outputs: [2] }
}

function pool(op: string, kind: Kind, padding: string): TfliteFile {
  const x = of(kind, [1, 7, 7, 4])
  const size = padding === 'SAME' ? 4 : 3
  const options = { kernelH: 2, kernelW: 3, strideH: 2, strideW: 2, padding }
  return {
    tensors: [x, { ...x, name: 'y', shape: [1, size, size, 4] }],
    nodes: [{ op, inputs: [0], outputs: [1], options }],
    inputs: [0],
    outputs: [1],
  }
}

/** Operand, weights, bias and result of a layer; one scale for each of `channels` along `axis`, or one for all. */
export function layer(
  kind: Kind,
  x: number[],
  weights: number[],
  y: number[],
  axis: number,
  perChannel: boolean,
  ySteps: number,
): TfliteTensor[] {
  const channels = weights[axis]!
  const operand = of(kind, x)
  const scales = Array.from({ length: perChannel ? channels : 1 }, () => scale(0.001, 0.01))
  const zeros = kind === 'int8' ? [0] : [between(0, 255)]
  const biases = Array.from({ length: channels }, () => between(-3000, 3000))
  return [
    operand,
    tensor(kind, weights, { scales, zeros, axis: perChannel ? axis : 0, data: bytes(elements(weights)) }),
    tensor('int32', [channels], { scales: scales.map((each) => Math.fround(operand.scales![0]! * each)), data: int32Data(biases) }),
    of(kind, y, { scales: [scale(ySteps, 4 * ySteps)] }),
  ]
}

function layerFile(op: string, tensors: TfliteTensor[], options: Record<string, number | string> = {}): TfliteFile {
  return {
    tensors,
    nodes: [{ op, inputs: [0, 1, 2], outputs: [3], options: { activation: activation(), ...options } }],
    inputs: [0],
    outputs: [3],
  }
}

function rearranged(op: string, kind: Kind, y: number[], ...constants: TfliteTensor[]): TfliteFile {
  const x = of(kind, [1, 5, 5, 3])
  const value = op === 'PADV2' ? [{ ...x, name: 'value', shape: [], data: Uint8Array.of(between(0, 255)) }] : []
  const tensors = [x, ...constants, ...value, { ...x, name: 'y', shape: y }]
  return {
    tensors,
    nodes: [{ op, inputs: [...tensors.keys()].slice(0, -1), outputs: [tensors.length - 1] }],
    inputs: [0],
    outputs: [tensors.length - 1],
  }
}

function mean(axes: number[], y: number[], kind: Kind = 'int8'): TfliteFile {
  const tensors = [
    of(kind, [2, 6, 6, 8]),
    tensor('int32', [axes.length], { data: int32Data(axes) }),
    of(kind, y, { scales: [scale(0.01, 0.1)] }),
  ]
  return {
    tensors,
    nodes: [{ op: 'MEAN', inputs: [0, 1], outputs: [2], options: { keepDims: y.length === 4 } }],
    inputs: [0],
    outputs: [2],
  }
}

function concatenation(kind: Kind): TfliteFile {
  const x = of(kind, [1, 4, 4, 3])
  const tensors = [x, { ...x, name: 'b', shape: [1, 4, 4, 5] }, { ...x, name: 'y', shape: [1, 4, 4, 8] }]
  return { tensors, nodes: [{ op: 'CONCATENATION', inputs: [0, 1], outputs: [2], options: { axis: 3 } }], inputs: [0, 1], outputs: [2] }
}

function clamped(op: string): TfliteFile {
  const x = of('int8', [2, 64])
  return { tensors: [x, { ...x, name: 'y' }], nodes: [{ op, inputs: [0], outputs: [1] }], inputs: [0], outputs: [1] }
}

const padding = tensor('int32', [4, 2], { data: int32Data([0, 0, 1, 2, 3, 0, 0, 0]) })

function files(kind: Kind): [name: string, file: TfliteFile][] {
  const smallest = offset[kind]
  const both: [string, TfliteFile][] = [
    ['ADD', pair('ADD', kind, [1, 4, 4, 8])],
    ['ADD of one pixel', pair('ADD', kind, [1, 1, 1, 8])],
    ['MUL', pair('MUL', kind, [1, 4, 4, 8])],
    ['MUL of one pixel', pair('MUL', kind, [1, 1, 1, 8])],
    ['SOFTMAX', unary('SOFTMAX', kind, { scales: [1 / 256], zeros: [smallest] }, { beta: 1 })],
    ['LOGISTIC', unary('LOGISTIC', kind, { scales: [1 / 256], zeros: [smallest] })],
    ['TANH', unary('TANH', kind, { scales: [1 / 128], zeros: [smallest + 128] })],
    ['HARD_SWISH', unary('HARD_SWISH', kind)],
    ['RELU to another scale', unary('RELU', kind)],
    ['QUANTIZE to another scale', unary('QUANTIZE', kind)],
    ['AVERAGE_POOL_2D', pool('AVERAGE_POOL_2D', kind, 'VALID')],
    ['MAX_POOL_2D', pool('MAX_POOL_2D', kind, 'SAME')],
    ['PAD', rearranged('PAD', kind, [1, 8, 8, 3], padding)],
    ['CONCATENATION', concatenation(kind)],
    ['FULLY_CONNECTED', layerFile('FULLY_CONNECTED', layer(kind, [3, 65], [9, 65], [3, 9], 0, false, 0.05))],
    [
      'CONV_2D',
      layerFile('CONV_2D', layer(kind, [1, 7, 7, 5], [6, 3, 3, 5], [1, 4, 4, 6], 0, kind === 'int8', 0.05), {
        padding: 'SAME',
        strideH: 2,
        strideW: 2,
      }),
    ],
    [
      'DEPTHWISE_CONV_2D',
      layerFile('DEPTHWISE_CONV_2D', layer(kind, [1, 6, 6, 7], [1, 3, 3, 7], [1, 6, 6, 7], 3, kind === 'int8', 0.02), { padding: 'SAME' }),
    ],
  ]
  if (kind === 'uint8') return both
  return [
    ...both,
    ['AVERAGE_POOL_2D past the picture', pool('AVERAGE_POOL_2D', kind, 'SAME')],
    ['RELU', clamped('RELU')],
    ['RELU6', clamped('RELU6')],
    ['PADV2', rearranged('PADV2', kind, [1, 8, 8, 3], padding)],
    ['RESHAPE', rearranged('RESHAPE', kind, [1, 75], tensor('int32', [2], { data: int32Data([1, -1]) }))],
    ['MEAN over height and width', mean([1, 2], [2, 1, 1, 8])],
    ['MEAN over height and width, dropped', mean([2, 1], [2, 8])],
    ['MEAN over channels', mean([-1], [2, 6, 6, 1])],
    [
      'CONV_2D dilated',
      layerFile('CONV_2D', layer(kind, [1, 7, 7, 5], [6, 2, 3, 5], [1, 5, 3, 6], 0, true, 0.05), {
        padding: 'VALID',
        dilationH: 2,
        dilationW: 2,
      }),
    ],
    ['CONV_2D with one scale', layerFile('CONV_2D', layer(kind, [1, 4, 4, 5], [6, 1, 1, 5], [1, 4, 4, 6], 0, false, 0.05))],
    [
      'DEPTHWISE_CONV_2D with a multiplier of 2',
      layerFile('DEPTHWISE_CONV_2D', layer(kind, [1, 6, 6, 3], [1, 3, 3, 6], [1, 4, 4, 6], 3, true, 0.02), { depthMultiplier: 2 }),
    ],
  ]
}

/** `repeat` models of each kind. */
export function cases(repeat: number): Case[] {
  return Array.from({ length: repeat }, () =>
    (['int8', 'uint8'] as const).flatMap((kind) =>
      files(kind).map(([name, file]) => ({
        name: `${name}, ${kind}`,
        file,
        inputs: file.inputs.map((index) => bytes(elements(file.tensors[index]!.shape))),
      })),
    ),
  ).flat()
}
