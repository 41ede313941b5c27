/** The options tables of the operators that the importer knows, as plain values; a missing table reads as the format's defaults. */
import { type ByteBuffer, Encoding } from 'flatbuffers'
import type { NodeOptions } from '../graph.ts'
import { type Budget, text } from './budget.ts'
import type { AnyTable } from './generated/any-table.ts'
import { ArithmeticOptions } from './generated/arithmetic-options.ts'
import { BatchMatMulOptions } from './generated/batch-mat-mul-options.ts'
import { BlockOptions } from './generated/block-options.ts'
import { CallOnceOptions } from './generated/call-once-options.ts'
import { ConcatenationOptions } from './generated/concatenation-options.ts'
import { Conv2DOptions } from './generated/conv2doptions.ts'
import { DepthwiseConv2DOptions } from './generated/depthwise-conv2doptions.ts'
import { FullyConnectedOptions } from './generated/fully-connected-options.ts'
import { GatherOptions } from './generated/gather-options.ts'
import { GeluOptions } from './generated/gelu-options.ts'
import { LeakyReluOptions } from './generated/leaky-relu-options.ts'
import { MirrorPadOptions } from './generated/mirror-pad-options.ts'
import { PackOptions } from './generated/pack-options.ts'
import { Pool2DOptions } from './generated/pool2doptions.ts'
import { ReducerOptions } from './generated/reducer-options.ts'
import { ReshapeOptions } from './generated/reshape-options.ts'
import { ResizeBilinearOptions } from './generated/resize-bilinear-options.ts'
import { ResizeNearestNeighborOptions } from './generated/resize-nearest-neighbor-options.ts'
import { SoftmaxOptions } from './generated/softmax-options.ts'
import { SplitOptions } from './generated/split-options.ts'
import { SqueezeOptions } from './generated/squeeze-options.ts'
import { StridedSliceOptions } from './generated/strided-slice-options.ts'
import { SVDFOptions } from './generated/svdfoptions.ts'
import { TransposeConvOptions } from './generated/transpose-conv-options.ts'
import { UnidirectionalSequenceLSTMOptions } from './generated/unidirectional-sequence-lstmoptions.ts'
import { UnpackOptions } from './generated/unpack-options.ts'
import { VarHandleOptions } from './generated/var-handle-options.ts'
import { activations, mirrorModes, paddings } from './names.ts'

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

const reduce = reader(ReducerOptions, (options) => ({ keepDims: options.keepDims() }))

const block = reader(BlockOptions, (options) => ({ blockSize: options.blockSize() }))

const arithmetic = reader(ArithmeticOptions, (options) => ({ activation: activation(options.fusedActivationFunction()) }))

const readers: Readonly<Record<string, Reader>> = {
  CONV_2D: reader(Conv2DOptions, convolution),
  DEPTHWISE_CONV_2D: reader(DepthwiseConv2DOptions, convolution),
  AVERAGE_POOL_2D: pool,
  MAX_POOL_2D: pool,
  ADD: arithmetic,
  SUB: arithmetic,
  MUL: arithmetic,
  SVDF: reader(SVDFOptions, (options) => ({ rank: options.rank(), activation: activation(options.fusedActivationFunction()) })),
  UNIDIRECTIONAL_SEQUENCE_LSTM: reader(UnidirectionalSequenceLSTMOptions, (options) => ({
    activation: activation(options.fusedActivationFunction()),
    cellClip: options.cellClip(),
    timeMajor: options.timeMajor(),
  })),
  LEAKY_RELU: reader(LeakyReluOptions, (options) => ({ alpha: options.alpha() })),
  GELU: reader(GeluOptions, (options) => ({ approximate: options.approximate() })),
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
  MEAN: reduce,
  SUM: reduce,
  REDUCE_MAX: reduce,
  REDUCE_MIN: reduce,
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
  UNPACK: reader(UnpackOptions, (options) => ({ axis: options.axis() })),
  SPLIT: reader(SplitOptions, (options) => ({ count: options.numSplits() })),
  GATHER: reader(GatherOptions, (options) => ({ axis: options.axis(), batchDims: options.batchDims() })),
  MIRROR_PAD: reader(MirrorPadOptions, (options) => ({ mode: mirrorModes[options.mode()] ?? `MODE_${options.mode()}` })),
  RESIZE_BILINEAR: reader(ResizeBilinearOptions, (options) => ({
    alignCorners: options.alignCorners(),
    halfPixelCenters: options.halfPixelCenters(),
  })),
  RESIZE_NEAREST_NEIGHBOR: reader(ResizeNearestNeighborOptions, (options) => ({
    alignCorners: options.alignCorners(),
    halfPixelCenters: options.halfPixelCenters(),
  })),
  SPACE_TO_DEPTH: block,
  DEPTH_TO_SPACE: block,
  TRANSPOSE_CONV: reader(TransposeConvOptions, (options) => ({
    padding: padding(options.padding()),
    strideH: options.strideH(),
    strideW: options.strideW(),
    activation: activation(options.fusedActivationFunction()),
  })),
  BATCH_MATMUL: reader(BatchMatMulOptions, (options) => ({ transposeA: options.adjX(), transposeB: options.adjY() })),
  CALL_ONCE: reader(CallOnceOptions, (options) => ({ subgraph: options.initSubgraphIndex() })),
  VAR_HANDLE: reader(VarHandleOptions, (options, budget) => ({
    variable: `${text(options.container(Encoding.UTF8_BYTES), budget)}/${text(options.sharedName(Encoding.UTF8_BYTES), budget)}`,
  })),
}

export function readOptions(op: string, table: AnyTable | null, budget: Budget): NodeOptions {
  const read = readers[op]
  return read === undefined || table === null ? {} : read(table, budget)
}

function reader<T>(Kind: Table<T>, read: (options: T, budget: Budget) => NodeOptions): Reader {
  return (table, budget) => read(new Kind().__init(table.bb_pos, table.bb!), budget)
}
