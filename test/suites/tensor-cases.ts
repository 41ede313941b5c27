/** Calls of ITensor: what the tests of the precompile and of the node run in all their ways. */
import type { Abi } from 'viem'
import { bytesToHex, encodeFunctionData } from 'viem/utils'
import { tensorAbi } from '../../precompiles/index.ts'
import type { Model, OperatorName, Rounding, TensorType } from '../../runtime/index.ts'
import { floatBits } from '../../runtime/model/types.ts'
import { randomBytes } from '../precompiles/models.ts'

interface Part {
  bytes: Uint8Array
  shape: number[]
  type?: TensorType
  constant?: boolean
}

export interface TensorCase {
  name: string
  functionName: string
  args: readonly unknown[]
  model: Model
  input: Uint8Array
}

/** Calldata. */
export const encodeTensor = (functionName: string, args: readonly unknown[]) =>
  encodeFunctionData({ abi: tensorAbi as Abi, functionName, args: [...args] })
/** Bytes in the calldata. */
export const operand = (bytes: Uint8Array) => ({ data: bytesToHex(bytes), chunks: [], offset: 0n, length: 0n })
export const none = operand(new Uint8Array())

interface Scaling {
  rounding?: Rounding
  zeros?: [x: number, w: number, y: number]
  range?: [number, number]
  multipliers?: number[]
  shifts?: number[]
}

export function quantization({ rounding = 'double', zeros = [0, 0, 0], range = [-128, 127], multipliers = [], shifts = [] }: Scaling) {
  const [yMin, yMax] = multipliers.length === 0 ? [0, 0] : range
  const [xZero, wZero, yZero] = zeros
  return { rounding: ['fp32', 'single', 'double'].indexOf(rounding), xZero, wZero, yZero, yMin, yMax, multipliers, shifts }
}

/** A model of one operator for the reference. */
function model(
  name: OperatorName,
  parts: Part[],
  result: { type?: TensorType; shape: number[] },
  attributes: number[],
  scaling: Scaling = {},
): Model {
  return {
    rounding: scaling.rounding ?? 'double',
    tensors: [
      ...parts.map(({ bytes, shape, type = 'int8', constant }) => ({ type, shape, data: constant ? bytes : new Uint8Array() })),
      { type: result.type ?? 'int8', shape: result.shape, data: new Uint8Array() },
    ],
    operators: [
      {
        name,
        inputs: parts.map((_, index) => index),
        outputs: [parts.length],
        attributes,
        multipliers: scaling.multipliers ?? [],
        shifts: scaling.shifts ?? [],
      },
    ],
    inputs: parts.flatMap(({ constant }, tensorIndex) => (constant ? [] : [{ tensor: tensorIndex, scale: 0, zeroPoint: 0 }])),
    outputs: [{ tensor: parts.length, scale: 0, zeroPoint: 0 }],
  }
}

const half = 2 ** 30
const window = { strideH: 2, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padBottom: 1, padLeft: 0, padRight: 1 }
const windowValues = Object.values(window)
export const pool = {
  kernelH: 2,
  kernelW: 3,
  strideH: 2,
  strideW: 1,
  padTop: 1,
  padBottom: 0,
  padLeft: 1,
  padRight: 1,
  yMin: -120,
  yMax: 120,
}

/** At least one call of every function, with the model of one operator that says what it must give. */
export const tensorCases: TensorCase[] = []

for (const rounding of ['fp32', 'single', 'double'] as const) {
  const a = randomBytes(5 * 9, 1)
  const b = randomBytes(7 * 9, 2)
  const bias = randomBytes(7 * 4, 3).map((byte, index) => (index % 4 < 2 ? byte : 0))
  const scaling: Scaling = {
    rounding,
    zeros: [3, -2, 5],
    multipliers: rounding === 'fp32' ? [floatBits(0.0123)] : [half + 12345],
    shifts: rounding === 'fp32' ? [] : [-6],
  }
  const parts: Part[] = [
    { bytes: a, shape: [5, 9] },
    { bytes: b, shape: [7, 9], constant: true },
    { bytes: bias, shape: [7], type: 'int32', constant: true },
  ]
  tensorCases.push({
    name: `matmul ${rounding}`,
    functionName: 'matmul',
    args: [operand(a), operand(b), operand(bias), 5, 9, 7, quantization(scaling)],
    model: model('fullyConnected', parts, { shape: [5, 7] }, [3, -2, 5, -128, 127], scaling),
    input: a,
  })
  tensorCases.push({
    name: `matmul ${rounding} to int32 without bias`,
    functionName: 'matmul',
    args: [operand(a), operand(b), none, 5, 9, 7, quantization({ rounding })],
    model: model('fullyConnected', parts.slice(0, 2), { type: 'int32', shape: [5, 7] }, [0, 0, 0, 0, 0], { rounding }),
    input: a,
  })

  const x = randomBytes(6 * 5 * 3, 4)
  const weights = randomBytes(4 * 3 * 2 * 3, 5)
  const channelScaling: Scaling = {
    rounding,
    zeros: [-7, 0, 2],
    range: [-100, 90],
    multipliers: rounding === 'fp32' ? [0.011, 0.02, 0.003, 0.05].map(floatBits) : [half, half + 1, 2 ** 31 - 1, half + 99999],
    shifts: rounding === 'fp32' ? [] : [-5, -6, -7, -8],
  }
  tensorCases.push({
    name: `conv2d ${rounding}, a factor for each channel`,
    functionName: 'conv2d',
    args: [operand(x), operand(weights), none, [1, 6, 5, 3], [4, 3, 2, 3], window, quantization(channelScaling)],
    model: model(
      'conv2d',
      [
        { bytes: x, shape: [1, 6, 5, 3] },
        { bytes: weights, shape: [4, 3, 2, 3], constant: true },
      ],
      { shape: [1, 3, 5, 4] },
      [...windowValues, 1, -7, 0, 2, -100, 90],
      channelScaling,
    ),
    input: x,
  })
  const depthwise = randomBytes(3 * 2 * 6, 6)
  const depthwiseScaling: Scaling = {
    ...scaling,
    zeros: [-7, 0, 2],
    multipliers: rounding === 'fp32' ? [floatBits(0.02)] : [half + 77],
    shifts: rounding === 'fp32' ? [] : [-4],
  }
  tensorCases.push({
    name: `depthwiseConv2d ${rounding}`,
    functionName: 'depthwiseConv2d',
    args: [operand(x), operand(depthwise), none, [1, 6, 5, 3], [1, 3, 2, 6], window, quantization(depthwiseScaling)],
    model: model(
      'depthwiseConv2d',
      [
        { bytes: x, shape: [1, 6, 5, 3] },
        { bytes: depthwise, shape: [1, 3, 2, 6], constant: true },
      ],
      { shape: [1, 3, 5, 6] },
      [...windowValues, -7, 0, 2, -128, 127],
      depthwiseScaling,
    ),
    input: x,
  })
  const c = randomBytes(2 * 3 * 4, 8)
  const d = randomBytes(4, 9)
  const addScaling: Scaling =
    rounding === 'fp32'
      ? { rounding, zeros: [1, 2, 3], multipliers: [300_000, 524_288], shifts: [20] }
      : { rounding, zeros: [1, 2, 3], multipliers: [half, half + 5, half + 9], shifts: [0, -1, -18] }
  tensorCases.push({
    name: `add ${rounding}, broadcast`,
    functionName: 'add',
    args: [operand(c), operand(d), [2, 3, 4], [4], quantization(addScaling)],
    model: model(
      'add',
      [
        { bytes: c, shape: [2, 3, 4] },
        { bytes: d, shape: [4] },
      ],
      { shape: [2, 3, 4] },
      [1, 2, 3, -128, 127],
      addScaling,
    ),
    input: Uint8Array.from([...c, ...d]),
  })
  for (const [type, tensorType] of [['int8', 0] as const, ['int32', 3] as const]) {
    const size = type === 'int8' ? 1 : 4
    const xZero = type === 'int8' ? 4 : 0
    const q = randomBytes(12 * size, 10).map((byte, index) => (size === 4 && index % 4 > 1 ? 0 : byte))
    const scalingFor: Scaling = {
      rounding,
      zeros: [xZero, 0, -3],
      multipliers: rounding === 'fp32' ? [floatBits(0.4)] : [half + 4242],
      shifts: rounding === 'fp32' ? [] : [0],
    }
    tensorCases.push({
      name: `requantize ${type} ${rounding}`,
      functionName: 'requantize',
      args: [operand(q), tensorType, [3, 4], quantization(scalingFor)],
      model: model('requantize', [{ bytes: q, shape: [3, 4], type }], { shape: [3, 4] }, [xZero, -3, -128, 127], scalingFor),
      input: q,
    })
  }
}

const picture = randomBytes(5 * 6 * 3, 11)
for (const functionName of ['averagePool', 'maxPool'] as const)
  tensorCases.push({
    name: functionName,
    functionName,
    args: [operand(picture), [1, 5, 6, 3], pool],
    model: model(functionName, [{ bytes: picture, shape: [1, 5, 6, 3] }], { shape: [1, 3, 6, 3] }, Object.values(pool)),
    input: picture,
  })

const values = randomBytes(37, 12)
const factor = { value: half + 1234, shift: 23 }
const one = (
  name: OperatorName,
  bytes: Uint8Array,
  type: TensorType,
  attributes: number[],
  factors: { value: number; shift: number }[] = [],
  shape?: number[],
) => {
  const size = type === 'int8' ? 1 : 4
  return model(
    name,
    [{ bytes, shape: shape ?? [bytes.length / size], type }],
    { type, shape: shape ?? [bytes.length / size] },
    attributes,
    {
      multipliers: factors.map(({ value }) => value),
      shifts: factors.map(({ shift }) => shift),
    },
  )
}
export const fixed = new Uint8Array(Int32Array.from({ length: 36 }, (_, index) => (index - 18) * 30_011).buffer)
const add1 = (functionName: string, args: unknown[], reference: Model, input: Uint8Array) =>
  tensorCases.push({ name: functionName, functionName, args, model: reference, input })
add1('relu', [operand(values), -5], one('clamp', values, 'int8', [-5, 127]), values)
add1('relu6', [operand(values), -5, 60], one('clamp', values, 'int8', [-5, 60]), values)
add1('sigmoid', [operand(values), 4, factor], one('logistic', values, 'int8', [4], [factor]), values)
add1('tanh', [operand(values), 4, factor], one('tanh', values, 'int8', [4], [factor]), values)
const table = values.subarray(0, 36)
add1('softmax', [operand(table), 9, factor], one('softmax', table, 'int8', [], [factor], [4, 9]), table)
const toQ16 = { value: half + 99, shift: 12 }
const fromQ16 = { value: half + 7, shift: -12 }
add1('gelu', [operand(values), 4, -9, toQ16, fromQ16], one('gelu', values, 'int8', [4, -9], [toQ16, fromQ16]), values)
add1('reluQ16', [operand(fixed)], one('clamp', fixed, 'int32', [0, 2 ** 31 - 1]), fixed)
add1('relu6Q16', [operand(fixed)], one('clamp', fixed, 'int32', [0, 6 * 65536]), fixed)
add1('sigmoidQ16', [operand(fixed)], one('logistic', fixed, 'int32', []), fixed)
add1('tanhQ16', [operand(fixed)], one('tanh', fixed, 'int32', []), fixed)
add1('softmaxQ16', [operand(fixed), 12], one('softmax', fixed, 'int32', [], [], [3, 12]), fixed)
add1('geluQ16', [operand(fixed)], one('gelu', fixed, 'int32', []), fixed)
