/** The options tables of the operators that the importer knows, as plain values; a missing table reads as the format's defaults. */
import type { ByteBuffer } from 'flatbuffers'
import type { NodeOptions } from '../graph.ts'
import type { Budget } from './budget.ts'
import type { AnyTable } from './generated/any-table.ts'
import { ArithmeticOptions } from './generated/arithmetic-options.ts'
import { ConcatenationOptions } from './generated/concatenation-options.ts'
import { Conv2DOptions } from './generated/conv2doptions.ts'
import { DepthwiseConv2DOptions } from './generated/depthwise-conv2doptions.ts'
import { FullyConnectedOptions } from './generated/fully-connected-options.ts'
import { PackOptions } from './generated/pack-options.ts'
import { Pool2DOptions } from './generated/pool2doptions.ts'
import { ReducerOptions } from './generated/reducer-options.ts'
import { ReshapeOptions } from './generated/reshape-options.ts'
import { SoftmaxOptions } from './generated/softmax-options.ts'
import { SqueezeOptions } from './generated/squeeze-options.ts'
import { StridedSliceOptions } from './generated/strided-slice-options.ts'
import { activations, paddings } from './names.ts'

type Table<T> = new () => { __init(position: number, buffer: ByteBuffer): T }
type Reader = (table: AnyTable, budget: Budget) => NodeOptions

const activation = (code: number): string => activations[code] ?? `ACTIVATION_${code}`
const padding = (code: number): string => paddings[code] ?? `PADDING_${code}`

function convolution(options: Conv2DOptions | DepthwiseConv2DOptions): NodeOptions {
  return {
    padding: padding(options.padding()),
    strideH: options.strideH(),
    strideW: options.strideW(),
    dilationH: options.dilationHFactor(),
    dilationW: options.dilationWFactor(),
    activation: activation(options.fusedActivationFunction()),
  }
}

const pool = reader(Pool2DOptions, (options) => ({
  padding: padding(options.padding()),
  strideH: options.strideH(),
  strideW: options.strideW(),
  kernelH: options.filterHeight(),
  kernelW: options.filterWidth(),
  activation: activation(options.fusedActivationFunction()),
}))

const arithmetic = reader(ArithmeticOptions, (options) => ({ activation: activation(options.fusedActivationFunction()) }))

const readers: Readonly<Record<string, Reader>> = {
  CONV_2D: reader(Conv2DOptions, convolution),
  DEPTHWISE_CONV_2D: reader(DepthwiseConv2DOptions, convolution),
  AVERAGE_POOL_2D: pool,
  MAX_POOL_2D: pool,
  ADD: arithmetic,
  MUL: arithmetic,
  FULLY_CONNECTED: reader(FullyConnectedOptions, (options) => ({
    activation: activation(options.fusedActivationFunction()),
    weightsFormat: options.weightsFormat(),
    keepDims: options.keepNumDims(),
  })),
  SOFTMAX: reader(SoftmaxOptions, (options) => ({ beta: options.beta() })),
  CONCATENATION: reader(ConcatenationOptions, (options) => ({
    axis: options.axis(),
    activation: activation(options.fusedActivationFunction()),
  })),
  MEAN: reader(ReducerOptions, (options) => ({ keepDims: options.keepDims() })),
  RESHAPE: reader(ReshapeOptions, (options, budget) => ({
    newShape: budget.list(options.newShapeLength(), (index) => options.newShape(index) ?? 0),
  })),
  SQUEEZE: reader(SqueezeOptions, (options, budget) => ({
    dims: budget.list(options.squeezeDimsLength(), (index) => options.squeezeDims(index) ?? 0),
  })),
  STRIDED_SLICE: reader(StridedSliceOptions, (options) => ({
    beginMask: options.beginMask(),
    endMask: options.endMask(),
    ellipsisMask: options.ellipsisMask(),
    newAxisMask: options.newAxisMask(),
    shrinkAxisMask: options.shrinkAxisMask(),
  })),
  PACK: reader(PackOptions, (options) => ({ axis: options.axis() })),
}

export function readOptions(op: string, table: AnyTable | null, budget: Budget): NodeOptions {
  const read = readers[op]
  return read === undefined || table === null ? {} : read(table, budget)
}

function reader<T>(Kind: Table<T>, read: (options: T, budget: Budget) => NodeOptions): Reader {
  return (table, budget) => read(new Kind().__init(table.bb_pos, table.bb!), budget)
}
