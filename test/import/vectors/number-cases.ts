/** int16 activations, recurrent layers, and the functions of one and two tensors: as cases.ts, from the same random numbers. */
import { int16Data, int32Data, int64Data, type TfliteFile, type TfliteTensor, type TfliteType, tensor } from '../write-tflite.ts'
import { activation, between, bytes, type Case, elements, of, scale } from './cases.ts'

type Options = Record<string, number | string | boolean>

const widths: Readonly<Partial<Record<TfliteType, number>>> = { int8: 1, int16: 2, int32: 4, int64: 8 }

/** Of int16, zero point 0. */
function wide(shape: number[], more: Partial<TfliteTensor> = {}): TfliteTensor {
  return tensor('int16', shape, { scales: [scale(0.0001, 0.001)], zeros: [0], ...more })
}

/** The first `inputs` tensors are the model's inputs, the last one its output. */
function file(op: string, tensors: TfliteTensor[], inputs = 1, options: Options = {}): TfliteFile {
  const last = tensors.length - 1
  const given = [...tensors.keys()].slice(0, inputs)
  return { tensors, nodes: [{ op, inputs: [...tensors.keys()].slice(0, last), outputs: [last], options }], inputs: given, outputs: [last] }
}

function unary(op: string, x: TfliteTensor, y: Partial<TfliteTensor> = {}, options: Options = {}): TfliteFile {
  return file(op, [x, { ...x, name: `${x.name}, y`, ...y }], 1, options)
}

/** As unary, its result of another scale. */
function scaled(op: string, x: TfliteTensor, options: Options = {}): TfliteFile {
  return unary(op, x, { scales: [scale(0.02, 0.1)], zeros: [between(-30, 30)] }, options)
}

const shape = [1, 4, 4, 8]

function pair(op: string, other: number[], of: (shape: number[], more?: Partial<TfliteTensor>) => TfliteTensor, y: number): TfliteFile {
  return file(op, [of(shape), of(other), of(shape, { scales: [scale(y, 2 * y)] })], 2, { activation: activation() })
}

/** Operands and result of one scale. */
function alike(op: string, other: number[]): TfliteFile {
  const x = of('int8', shape)
  return file(op, [x, { ...x, name: 'b', shape: other }, { ...x, name: 'y' }], 2)
}

function layer(
  op: string,
  x: number[],
  weights: number[],
  y: number[],
  axis: number,
  bias: 'int32' | 'int64' | 'none',
  options: Options,
): TfliteFile {
  const channels = weights[axis]!
  const count = op === 'FULLY_CONNECTED' ? 1 : channels
  const scales = Array.from({ length: count }, () => scale(0.001, 0.01))
  const operand = wide(x)
  const values = Array.from({ length: channels }, () => between(-300_000, 300_000))
  const biases = {
    int32: [tensor('int32', [channels], { data: int32Data(values) })],
    int64: [tensor('int64', [channels], { data: int64Data(values) })],
    none: [],
  }[bias].map((each) => ({ ...each, scales: scales.map((own) => Math.fround(operand.scales![0]! * own)), zeros: [0] }))
  const constant = tensor('int8', weights, { scales, zeros: [0], axis: count > 1 ? axis : 0, data: bytes(elements(weights)) })
  return file(op, [operand, constant, ...biases, wide(y, { scales: [scale(0.0005, 0.002)] })], 1, { activation: activation(), ...options })
}

function transposed(): TfliteFile {
  const scales = Array.from({ length: 3 }, () => scale(0.001, 0.01))
  const x = wide([1, 3, 4, 5])
  const tensors = [
    tensor('int32', [4], { data: int32Data([1, 6, 8, 3]) }),
    tensor('int8', [3, 3, 3, 5], { scales, zeros: [0], axis: 0, data: bytes(135) }),
    x,
    tensor('int64', [3], {
      scales: scales.map((own) => Math.fround(x.scales![0]! * own)),
      zeros: [0],
      data: int64Data([90_000, -70_000, 500]),
    }),
    wide([1, 6, 8, 3], { scales: [scale(0.0005, 0.002)] }),
  ]
  const options = { strideH: 2, strideW: 2, padding: 'SAME' }
  return { tensors, nodes: [{ op: 'TRANSPOSE_CONV', inputs: [0, 1, 2, 3], outputs: [4], options }], inputs: [2], outputs: [4] }
}

function pool(op: string): TfliteFile {
  const x = wide([1, 7, 7, 4])
  return file(op, [x, { ...x, name: 'y', shape: [1, 3, 3, 4] }], 1, { kernelH: 2, kernelW: 3, strideH: 2, strideW: 2, padding: 'VALID' })
}

function padded(): TfliteFile {
  const x = wide([1, 5, 5, 3])
  const paddings = tensor('int32', [4, 2], { data: int32Data([0, 0, 1, 2, 3, 0, 0, 0]) })
  return file('PAD', [x, paddings, { ...x, name: 'y', shape: [1, 8, 8, 3] }])
}

function joined(): TfliteFile {
  const x = wide([1, 4, 4, 3])
  return file('CONCATENATION', [x, { ...x, name: 'b', shape: [1, 4, 4, 5] }, { ...x, name: 'y', shape: [1, 4, 4, 8] }], 2, { axis: 3 })
}

function quantized(from: TfliteTensor, to: TfliteTensor): TfliteFile {
  return file('QUANTIZE', [from, to])
}

function prelu(): TfliteFile {
  const alpha = of('int8', [1, 1, 8], { scales: [scale(0.002, 0.01)], data: bytes(8) })
  return file('PRELU', [of('int8', shape), alpha, of('int8', shape, { scales: [scale(0.02, 0.2)] })])
}

function svdf(type: 'int8' | 'int16'): TfliteFile {
  const [batch, inputs, units, rank, steps] = [2, 10, 4, 2, 5]
  const filters = units * rank
  const count = filters * steps
  const values = Array.from({ length: count }, () => between(-3000, 3000))
  const time = type === 'int16' ? int16Data(values) : bytes(count)
  const [stateScale, stateZero] = type === 'int16' ? [scale(0.0002, 0.0005), 0] : [scale(0.6, 1), between(-20, 20)]
  const timeScale = type === 'int16' ? scale(0.00002, 0.0001) : scale(0.005, 0.02)
  const biases = int32Data(Array.from({ length: units }, () => between(-2000, 2000)))
  const tensors = [
    of('int8', [batch, inputs]),
    tensor('int8', [filters, inputs], { scales: [scale(0.001, 0.01)], zeros: [0], data: bytes(filters * inputs) }),
    tensor(type, [filters, steps], { scales: [timeScale], zeros: [0], data: time }),
    tensor('int32', [units], { data: biases, scales: [Math.fround(stateScale * timeScale)], zeros: [0] }),
    tensor(type, [batch, count], { scales: [stateScale], zeros: [stateZero], variable: true }),
    of('int8', [batch, units], { scales: [scale(0.05, 0.2)] }),
  ]
  return file('SVDF', tensors, 1, { rank, activation: 'RELU' })
}

/** As Keras has it: no peepholes, no projection, no normalization. */
function lstm(type: 'int8' | 'int16', timeMajor: boolean): TfliteFile {
  const [batch, time, inputs, units] = [2, 4, 6, 5]
  const sequence = (last: number) => (timeMajor ? [time, batch, last] : [batch, time, last])
  const number = (of: number[], more: Partial<TfliteTensor> = {}): TfliteTensor =>
    type === 'int16'
      ? tensor('int16', of, { scales: [scale(0.0001, 0.0003)], zeros: [0], ...more })
      : tensor('int8', of, { scales: [scale(0.005, 0.02)], zeros: [between(-20, 20)], ...more })
  const weights = (depth: number) =>
    tensor('int8', [units, depth], { scales: [scale(0.002, 0.02)], zeros: [0], data: bytes(units * depth) })
  const x = number(sequence(inputs))
  const inputWeights = Array.from({ length: 4 }, () => weights(inputs))
  const biases = inputWeights.map((own) => {
    const values = Array.from({ length: units }, () => between(-20_000, 20_000))
    const scales = [Math.fround(x.scales![0]! * own.scales![0]!)]
    return type === 'int16'
      ? tensor('int64', [units], { data: int64Data(values), scales, zeros: [0] })
      : tensor('int32', [units], { data: int32Data(values), scales, zeros: [0] })
  })
  const hidden = number([batch, units], { variable: true })
  const { variable: _, ...result } = hidden
  const tensors = [
    x,
    ...inputWeights,
    ...Array.from({ length: 4 }, () => weights(units)),
    ...biases,
    hidden,
    tensor('int16', [batch, units], { scales: [2 ** -between(9, 12)], zeros: [0], variable: true }),
    { ...result, name: `${hidden.name}, y`, shape: sequence(units) },
  ]
  const at = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)
  const absent = (count: number) => new Array<number>(count).fill(-1)
  const operands = [...at(0, 9), ...absent(3), ...at(9, 4), ...absent(2), 13, 14, ...absent(4)]
  const options = { activation: 'TANH', timeMajor, cellClip: timeMajor ? 3 : 0 }
  return { tensors, nodes: [{ op: 'UNIDIRECTIONAL_SEQUENCE_LSTM', inputs: operands, outputs: [15], options }], inputs: [0], outputs: [15] }
}

const row = [2, 64]

function files(): [name: string, file: TfliteFile][] {
  const result = { scales: [1 / 32768], zeros: [0] }
  return [
    ['CONV_2D', layer('CONV_2D', [1, 7, 7, 5], [6, 3, 3, 5], [1, 4, 4, 6], 0, 'int64', { padding: 'SAME', strideH: 2, strideW: 2 })],
    ['CONV_2D with a bias of int32', layer('CONV_2D', [1, 5, 5, 5], [6, 2, 2, 5], [1, 4, 4, 6], 0, 'int32', {})],
    ['DEPTHWISE_CONV_2D', layer('DEPTHWISE_CONV_2D', [1, 6, 6, 7], [1, 3, 3, 7], [1, 6, 6, 7], 3, 'int64', { padding: 'SAME' })],
    ['FULLY_CONNECTED', layer('FULLY_CONNECTED', [3, 65], [9, 65], [3, 9], 0, 'int64', {})],
    ['FULLY_CONNECTED without a bias', layer('FULLY_CONNECTED', [1, 65], [9, 65], [1, 9], 0, 'none', {})],
    ['TRANSPOSE_CONV', transposed()],
    ['BATCH_MATMUL', file('BATCH_MATMUL', [wide([2, 3, 5]), wide([2, 5, 4]), wide([2, 3, 4], { scales: [scale(0.00001, 0.00005)] })], 2)],
    ['ADD', pair('ADD', shape, wide, 0.0005)],
    ['ADD of one pixel', pair('ADD', [1, 1, 1, 8], wide, 0.0005)],
    ['SUB', pair('SUB', shape, wide, 0.0005)],
    ['MUL', pair('MUL', [1, 1, 1, 8], wide, 0.002)],
    ['AVERAGE_POOL_2D', pool('AVERAGE_POOL_2D')],
    ['MAX_POOL_2D', pool('MAX_POOL_2D')],
    ['PAD', padded()],
    ['CONCATENATION', joined()],
    ['SOFTMAX', unary('SOFTMAX', wide(row), result, { beta: 1 })],
    ['LOGISTIC', unary('LOGISTIC', wide(row), result)],
    ['LOGISTIC of a power of two', unary('LOGISTIC', wide(row, { scales: [2 ** -11] }), result)],
    ['TANH', unary('TANH', wide(row), result)],
    ['TANH of a power of two', unary('TANH', wide(row, { scales: [2 ** -12] }), result)],
    ['LEAKY_RELU', unary('LEAKY_RELU', wide(row), { scales: [scale(0.0001, 0.001)] }, { alpha: 0.3 })],
    ['QUANTIZE to int8', quantized(wide(row), of('int8', row))],
    ['QUANTIZE from int8', quantized(of('int8', row), wide(row))],
    ['QUANTIZE to int32', quantized(wide(row), tensor('int32', row, { scales: [scale(0.00001, 0.0001)], zeros: [0] }))],
    ['QUANTIZE from int32', quantized(tensor('int32', row, { scales: [0.0000001], zeros: [0] }), wide(row))],
  ].map(([name, file]) => [`${name}, int16`, file] as [string, TfliteFile])
}

function others(): [name: string, file: TfliteFile][] {
  return [
    ['SUB', pair('SUB', shape, (size, more) => of('int8', size, more), 0.05)],
    ['SUB of one pixel', pair('SUB', [1, 1, 1, 8], (size, more) => of('int8', size, more), 0.05)],
    ['MINIMUM', alike('MINIMUM', [1, 1, 1, 8])],
    ['MAXIMUM', alike('MAXIMUM', shape)],
    ['PRELU', prelu()],
    ['LEAKY_RELU', scaled('LEAKY_RELU', of('int8', row), { alpha: 0.2 })],
    ['ABS', scaled('ABS', of('int8', row))],
    ['RSQRT', unary('RSQRT', of('int8', row, { zeros: [-128] }), { scales: [scale(0.01, 0.1)] })],
    ['EXP', scaled('EXP', of('int8', row, { scales: [scale(0.005, 0.02)] }))],
    ['LOG', scaled('LOG', of('int8', row, { zeros: [between(-128, -100)] }))],
    ['ELU', scaled('ELU', of('int8', row))],
    ['GELU', scaled('GELU', of('int8', row), { approximate: false })],
    ['GELU, approximate', scaled('GELU', of('int8', row), { approximate: true })],
    [
      'SOFTMAX to int16',
      file('SOFTMAX', [of('int8', row), tensor('int16', row, { scales: [1 / 65536], zeros: [-32768] })], 1, { beta: 1 }),
    ],
    ['SVDF', svdf('int8')],
    ['SVDF with a state of int16', svdf('int16')],
    ['UNIDIRECTIONAL_SEQUENCE_LSTM', lstm('int8', false)],
    ['UNIDIRECTIONAL_SEQUENCE_LSTM, time first', lstm('int8', true)],
  ].map(([name, file]) => [`${name}, int8`, file] as [string, TfliteFile])
}

/** Where the web build has another kernel than TFLite's reference: gemmlowp's tanh for powers of two; states of int8, which it reads as int16. */
const webDiffers: ReadonlySet<string> = new Set(['TANH of a power of two, int16', 'SVDF, int8'])

/** `repeat` models of each kind. */
export function numberCases(repeat: number): Case[] {
  return Array.from({ length: repeat }, () =>
    [...files(), ...others(), ['UNIDIRECTIONAL_SEQUENCE_LSTM, int16', lstm('int16', false)] as const].map(([name, file]) => ({
      name,
      file,
      isOther: webDiffers.has(name),
      inputs: file.inputs.map((index) => {
        const { shape, type } = file.tensors[index]!
        return bytes(elements(shape) * widths[type]!)
      }),
    })),
  ).flat()
}
