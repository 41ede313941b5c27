/**
 * ITensor: single operators on operands that the caller brings. Each call is a model of one operator, encoded on the fly and run by the same module, so that the kernels,
 * the checks and the gas are those of models.
 *
 * Order: lengths and the cap · the operands' contracts, each charged before it is touched · shapes and attributes (at a cost that does not grow with the operands) and the gas
 * that follows from them · the constants' bounds · pages and their gas · the run.
 */

import { concat } from '../runtime/host/running-model.ts'
import { ModelError } from '../runtime/model/errors.ts'
import type { Operator, Tensor, TensorType } from '../runtime/model/types.ts'
import { elementBytes, encodeModel, roundings, tensorTypes } from '../runtime/model/types.ts'
import type { ValuesOf } from './abi.ts'
import { addresses } from './addresses.ts'
import type { CallContext } from './context.ts'
import { definePrecompile } from './define.ts'
import { readPrices } from './gas.ts'
import { type Operand, operandBytes, readOperands } from './operands.ts'
import { invalidModel, revertWith } from './outcome.ts'
import { tensorAbi } from './tensor-abi.ts'

/** Fields of the ABI's structs. */
type Inputs<Name extends string> = Extract<(typeof tensorAbi)[number], { type: 'function'; name: Name }>['inputs']
type Quantization = ValuesOf<Inputs<'matmul'>>[6]
type Window = ValuesOf<Inputs<'conv2d'>>[5]
type Pool = ValuesOf<Inputs<'maxPool'>>[2]
type Multiplier = ValuesOf<Inputs<'sigmoid'>>[2]

/** `constant`: a weight or bias, part of the model; else an input. `optional`: left out where the caller gives no bytes. */
interface Place {
  readonly operand: Operand
  readonly type: TensorType
  readonly shape: readonly number[]
  readonly constant?: true
  readonly optional?: true
}

interface OneOperator {
  readonly name: Operator['name']
  readonly operands: readonly Place[]
  readonly result: { readonly type: TensorType; readonly shape: readonly number[] }
  readonly attributes: readonly number[]
  readonly rounding: number
  readonly multipliers: readonly number[]
  readonly shifts: readonly number[]
}

const int32Max = 2 ** 31 - 1
const sixQ16 = 6 * 65536
/** Activations take their integer multipliers with double rounding, as TFLite's reference kernels do. */
const doubleRounding = roundings.indexOf('double')

export const tensor = definePrecompile({
  name: 'ITensor',
  address: addresses.tensor,
  abi: tensorAbi,
  handlers: {
    matmul: (context, [a, b, bias, rows, depth, columns, q]) =>
      evaluate(context, {
        name: 'fullyConnected',
        operands: [input(a, [rows, depth]), constant(b, [columns, depth]), biasOf(bias, columns)],
        result: { type: accumulatorOrByte(q), shape: [rows, columns] },
        attributes: [q.xZero, q.wZero, q.yZero, q.yMin, q.yMax],
        ...requantization(q),
      }),
    conv2d: (context, [x, weights, bias, xShape, weightShape, window, q]) => {
      const [channels, kernelH, kernelW] = weightShape as [number, number, number, number]
      return evaluate(context, {
        name: 'conv2d',
        operands: [input(x, xShape), constant(weights, weightShape), biasOf(bias, channels)],
        result: { type: accumulatorOrByte(q), shape: windowedShape(xShape, { kernelH, kernelW, ...window }, channels) },
        attributes: [...windowAttributes(window), 1, q.xZero, q.wZero, q.yZero, q.yMin, q.yMax],
        ...requantization(q),
      })
    },
    depthwiseConv2d: (context, [x, weights, bias, xShape, weightShape, window, q]) => {
      const [, kernelH, kernelW, channels] = weightShape as [number, number, number, number]
      return evaluate(context, {
        name: 'depthwiseConv2d',
        operands: [input(x, xShape), constant(weights, weightShape), biasOf(bias, channels)],
        result: { type: accumulatorOrByte(q), shape: windowedShape(xShape, { kernelH, kernelW, ...window }, channels) },
        attributes: [...windowAttributes(window), q.xZero, q.wZero, q.yZero, q.yMin, q.yMax],
        ...requantization(q),
      })
    },
    averagePool: (context, [x, xShape, pool]) => evaluate(context, poolOperator('averagePool', x, xShape, pool)),
    maxPool: (context, [x, xShape, pool]) => evaluate(context, poolOperator('maxPool', x, xShape, pool)),
    add: (context, [a, b, aShape, bShape, q]) =>
      evaluate(context, {
        name: 'add',
        operands: [input(a, aShape), input(b, bShape)],
        result: { type: 'int8', shape: broadcast(aShape, bShape) },
        attributes: [q.xZero, q.wZero, q.yZero, q.yMin, q.yMax],
        ...requantization(q),
      }),
    requantize: (context, [x, tensorType, shape, q]) => {
      const type = tensorTypes[tensorType]
      if (type !== 'int8' && type !== 'int32') throw revertWith(tensorAbi, 'InvalidModel', ['tensor', 0n, BigInt(tensorType), 3n])
      return evaluate(context, {
        name: 'requantize',
        operands: [{ operand: x, type, shape }],
        result: { type: 'int8', shape },
        attributes: [q.xZero, q.yZero, q.yMin, q.yMax],
        ...requantization(q),
      })
    },
    relu: (context, [x, zeroPoint]) => elementwise(context, 'clamp', x, 'int8', [zeroPoint, 127]),
    relu6: (context, [x, zeroPoint, six]) => elementwise(context, 'clamp', x, 'int8', [zeroPoint, six]),
    sigmoid: (context, [x, zeroPoint, toQ27]) => elementwise(context, 'logistic', x, 'int8', [zeroPoint], [toQ27]),
    tanh: (context, [x, zeroPoint, toQ27]) => elementwise(context, 'tanh', x, 'int8', [zeroPoint], [toQ27]),
    softmax: (context, [x, columns, toQ26]) => elementwise(context, 'softmax', x, 'int8', [], [toQ26], columns),
    gelu: (context, [x, xZero, yZero, toQ16, fromQ16]) => elementwise(context, 'gelu', x, 'int8', [xZero, yZero], [toQ16, fromQ16]),
    reluQ16: (context, [x]) => elementwise(context, 'clamp', x, 'int32', [0, int32Max]),
    relu6Q16: (context, [x]) => elementwise(context, 'clamp', x, 'int32', [0, sixQ16]),
    sigmoidQ16: (context, [x]) => elementwise(context, 'logistic', x, 'int32', []),
    tanhQ16: (context, [x]) => elementwise(context, 'tanh', x, 'int32', []),
    softmaxQ16: (context, [x, columns]) => elementwise(context, 'softmax', x, 'int32', [], [], columns),
    geluQ16: (context, [x]) => elementwise(context, 'gelu', x, 'int32', []),
  },
})

/** `columns`: length of the last dimension, for operators that work along it. */
function elementwise(
  context: CallContext,
  name: Operator['name'],
  x: Operand,
  type: TensorType,
  attributes: number[],
  multipliers: Multiplier[] = [],
  columns?: number,
): Promise<Uint8Array> {
  const most = context.limits.maxOperandBytes
  if (operandBytes(x) > BigInt(most)) throw revertWith(tensorAbi, 'TooLarge', [operandBytes(x), most])
  const elements = Number(operandBytes(x) / BigInt(elementBytes[type]))
  const shape = columns === undefined ? [elements] : [Math.floor(elements / Math.max(columns, 1)), columns]
  return evaluate(context, {
    name,
    operands: [{ operand: x, type, shape }],
    result: { type, shape },
    attributes,
    rounding: doubleRounding,
    multipliers: multipliers.map(({ value }) => value),
    shifts: multipliers.map(({ shift }) => shift),
  })
}

/** Runs one operator. Reverts where the operands do not fit their shapes or the module refuses the model. */
async function evaluate(context: CallContext, operator: OneOperator): Promise<Uint8Array> {
  const { host, gas, state, limits } = context
  const rounding = roundings[operator.rounding]
  if (rounding === undefined) throw revertWith(tensorAbi, 'InvalidModel', ['rounding', 2n ** 256n - 1n, BigInt(operator.rounding), 2n])
  const places = operator.operands.filter(({ operand, optional }) => optional !== true || operandBytes(operand) > 0n)
  const resultBytes = tensorBytes(operator.result.type, operator.result.shape)
  if (resultBytes > BigInt(limits.maxOperandBytes)) throw revertWith(tensorAbi, 'TooLarge', [resultBytes, limits.maxOperandBytes])
  const bytes = await readOperands(
    context,
    places.map(({ operand }) => operand),
    places.map(({ type, shape }) => tensorBytes(type, shape)),
  )
  const prices = await readPrices(state, addresses.gasSchedule)
  const artifact = encodeModel({
    rounding,
    tensors: [
      ...places.map(
        ({ type, shape, constant }, index): Tensor => ({ type, shape: [...shape], data: constant ? bytes[index]! : new Uint8Array() }),
      ),
      { ...operator.result, shape: [...operator.result.shape], data: new Uint8Array() },
    ],
    operators: [
      {
        name: operator.name,
        inputs: places.map((_, index) => index),
        outputs: [places.length],
        attributes: [...operator.attributes],
        multipliers: [...operator.multipliers],
        shifts: [...operator.shifts],
      },
    ],
    inputs: places.flatMap(({ constant }, index) => (constant ? [] : [{ tensor: index, scale: 0, zeroPoint: 0 }])),
    outputs: [{ tensor: places.length, scale: 0, zeroPoint: 0 }],
  })
  const inputs = concat(bytes.filter((_, index) => places[index]!.constant !== true))
  let charged = 0n
  try {
    return host.evaluate(artifact, inputs, (work) => {
      const total = host.gas(work, prices, true)
      gas.charge(total - charged)
      charged = total
    })
  } catch (error) {
    if (error instanceof ModelError) throw invalidModel(error)
    throw error
  }
}

function input(operand: Operand, shape: readonly number[]): Place {
  return { operand, type: 'int8', shape }
}

function constant(operand: Operand, shape: readonly number[]): Place {
  return { operand, type: 'int8', shape, constant: true }
}

function biasOf(operand: Operand, channels: number): Place {
  return { operand, type: 'int32', shape: [channels], constant: true, optional: true }
}

function requantization({ rounding, multipliers, shifts }: Quantization) {
  return { rounding, multipliers, shifts }
}

/** Without multipliers the accumulators themselves are the result. */
function accumulatorOrByte({ multipliers }: Quantization): TensorType {
  return multipliers.length === 0 ? 'int32' : 'int8'
}

function windowAttributes({ strideH, strideW, dilationH, dilationW, padTop, padBottom, padLeft, padRight }: Window): number[] {
  return [strideH, strideW, dilationH, dilationW, padTop, padBottom, padLeft, padRight]
}

function poolOperator(name: 'averagePool' | 'maxPool', x: Operand, xShape: readonly number[], pool: Pool): OneOperator {
  const { kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight, yMin, yMax } = pool
  return {
    name,
    operands: [input(x, xShape)],
    result: { type: 'int8', shape: windowedShape(xShape, { ...pool, dilationH: 1, dilationW: 1 }, xShape[3]!) },
    attributes: [kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight, yMin, yMax],
    rounding: doubleRounding,
    multipliers: [],
    shifts: [],
  }
}

/** Result shape of a window operator, NHWC. Where there is none, 1 stands for it and the module refuses the model. */
function windowedShape(xShape: readonly number[], window: Window & { kernelH: number; kernelW: number }, channels: number): number[] {
  const [batch, height, width] = xShape as [number, number, number, number]
  const extent = (size: number, before: number, after: number, kernel: number, dilation: number, stride: number) =>
    stride === 0 ? 1 : Math.max(1, Math.floor((size + before + after - ((kernel - 1) * dilation + 1)) / stride) + 1)
  return [
    batch,
    extent(height, window.padTop, window.padBottom, window.kernelH, window.dilationH, window.strideH),
    extent(width, window.padLeft, window.padRight, window.kernelW, window.dilationW, window.strideW),
    channels,
  ]
}

/** NumPy's rule; where the shapes do not fit, the larger one stands for the result and the module refuses the model. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, index) => Math.max(a[index - rank + a.length] ?? 1, b[index - rank + b.length] ?? 1))
}

function tensorBytes(type: TensorType, shape: readonly number[]): bigint {
  return shape.reduce((product, dimension) => product * BigInt(dimension), BigInt(elementBytes[type]))
}
