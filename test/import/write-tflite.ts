/**
 * Writes small .tflite files for tests, with the generated builders.
 *
 * writeTflite({ tensors, nodes, inputs, outputs, called })   bytes of a file with that subgraph, and those that it calls
 * tensor(type, shape, more)                          a tensor; `data` makes it constant
 */
import { Builder } from 'flatbuffers'
import { ArgExtremeOptions } from '../../runtime/import/tflite/generated/arg-extreme-options.ts'
import { ArithmeticOptions } from '../../runtime/import/tflite/generated/arithmetic-options.ts'
import { BatchMatMulOptions } from '../../runtime/import/tflite/generated/batch-mat-mul-options.ts'
import { BlockOptions } from '../../runtime/import/tflite/generated/block-options.ts'
import { Buffer as TfliteBuffer } from '../../runtime/import/tflite/generated/buffer.ts'
import { CallOnceOptions } from '../../runtime/import/tflite/generated/call-once-options.ts'
import { ConcatenationOptions } from '../../runtime/import/tflite/generated/concatenation-options.ts'
import { Conv2DOptions } from '../../runtime/import/tflite/generated/conv2doptions.ts'
import { DepthwiseConv2DOptions } from '../../runtime/import/tflite/generated/depthwise-conv2doptions.ts'
import { FullyConnectedOptions } from '../../runtime/import/tflite/generated/fully-connected-options.ts'
import { GatherOptions } from '../../runtime/import/tflite/generated/gather-options.ts'
import { GeluOptions } from '../../runtime/import/tflite/generated/gelu-options.ts'
import { LeakyReluOptions } from '../../runtime/import/tflite/generated/leaky-relu-options.ts'
import { MirrorPadOptions } from '../../runtime/import/tflite/generated/mirror-pad-options.ts'
import { Model } from '../../runtime/import/tflite/generated/model.ts'
import { Operator } from '../../runtime/import/tflite/generated/operator.ts'
import { OperatorCode } from '../../runtime/import/tflite/generated/operator-code.ts'
import { PackOptions } from '../../runtime/import/tflite/generated/pack-options.ts'
import { Pool2DOptions } from '../../runtime/import/tflite/generated/pool2doptions.ts'
import { QuantizationParameters } from '../../runtime/import/tflite/generated/quantization-parameters.ts'
import { ReducerOptions } from '../../runtime/import/tflite/generated/reducer-options.ts'
import { ResizeBilinearOptions } from '../../runtime/import/tflite/generated/resize-bilinear-options.ts'
import { ResizeNearestNeighborOptions } from '../../runtime/import/tflite/generated/resize-nearest-neighbor-options.ts'
import { SoftmaxOptions } from '../../runtime/import/tflite/generated/softmax-options.ts'
import { SplitOptions } from '../../runtime/import/tflite/generated/split-options.ts'
import { StridedSliceOptions } from '../../runtime/import/tflite/generated/strided-slice-options.ts'
import { SubGraph } from '../../runtime/import/tflite/generated/sub-graph.ts'
import { SVDFOptions } from '../../runtime/import/tflite/generated/svdfoptions.ts'
import { Tensor } from '../../runtime/import/tflite/generated/tensor.ts'
import { TransposeConvOptions } from '../../runtime/import/tflite/generated/transpose-conv-options.ts'
import { UnidirectionalSequenceLSTMOptions } from '../../runtime/import/tflite/generated/unidirectional-sequence-lstmoptions.ts'
import { UnpackOptions } from '../../runtime/import/tflite/generated/unpack-options.ts'
import { VarHandleOptions } from '../../runtime/import/tflite/generated/var-handle-options.ts'
import { activations, mirrorModes, operatorNames, optionTypes, paddings } from '../../runtime/import/tflite/names.ts'

const typeCodes = { float32: 0, int32: 2, uint8: 3, int64: 4, int16: 7, int8: 9, resource: 13 } as const

export type TfliteType = keyof typeof typeCodes
export type TfliteTensor = {
  name: string
  type: TfliteType
  shape: number[]
  scales?: number[]
  zeros?: number[]
  axis?: number
  data?: Uint8Array
  variable?: boolean
}
/** `options`: by their names in the graph; what is left out is the format's default or 1. */
export type TfliteNode = { op: string; inputs: number[]; outputs: number[]; options?: Record<string, number | string | boolean> }
/** `called`: the subgraphs behind the first. */
export type TfliteFile = { tensors: TfliteTensor[]; nodes: TfliteNode[]; inputs: number[]; outputs: number[]; called?: TfliteFile[] }

let names = 0

export function tensor(type: TfliteType, shape: number[], more: Partial<TfliteTensor> = {}): TfliteTensor {
  names += 1
  return { name: `tensor ${names}`, type, shape, ...more }
}

export function int32Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int32Array(values).buffer)
}

export function int16Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int16Array(values).buffer)
}

export function int64Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer)
}

export function int8Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int8Array(values).buffer)
}

export function writeTflite(file: TfliteFile): Uint8Array {
  const b = new Builder(1024)
  const files = [file, ...(file.called ?? [])]
  const ops = [...new Set(files.flatMap(({ nodes }) => nodes.map(({ op }) => op)))]
  const codes = ops.map((op) => {
    const code = operatorNames.indexOf(op)
    const custom = code < 0 ? b.createString(op) : 0
    OperatorCode.startOperatorCode(b)
    OperatorCode.addDeprecatedBuiltinCode(b, code < 0 ? 32 : Math.min(code, 127))
    OperatorCode.addBuiltinCode(b, code < 0 ? 32 : code)
    if (custom !== 0) OperatorCode.addCustomCode(b, custom)
    return OperatorCode.endOperatorCode(b)
  })
  // Buffer 0 is the empty one of tensors without data.
  const buffers = [undefined, ...files.flatMap(({ tensors }) => tensors.map(({ data }) => data))].map((data) => {
    const bytes = data === undefined ? 0 : alignedData(b, data)
    TfliteBuffer.startBuffer(b)
    if (data !== undefined) TfliteBuffer.addData(b, bytes)
    return TfliteBuffer.endBuffer(b)
  })
  let first = 1
  const subgraphs = files.map((each) => {
    first += each.tensors.length
    return writeSubgraph(b, each, first - each.tensors.length, ops)
  })
  const model = [
    Model.createOperatorCodesVector(b, codes),
    Model.createSubgraphsVector(b, subgraphs),
    Model.createBuffersVector(b, buffers),
  ] as const
  Model.startModel(b)
  Model.addVersion(b, 3)
  Model.addOperatorCodes(b, model[0])
  Model.addSubgraphs(b, model[1])
  Model.addBuffers(b, model[2])
  Model.finishModelBuffer(b, Model.endModel(b))
  return b.asUint8Array()
}

/** `buffer`: of its first tensor. */
function writeSubgraph(b: Builder, { tensors, nodes, inputs, outputs }: TfliteFile, buffer: number, ops: readonly string[]): number {
  const tables = tensors.map((from, index) => writeTensor(b, from, buffer + index))
  const operators = nodes.map((node) => writeNode(b, node, ops))
  const fields = [
    SubGraph.createTensorsVector(b, tables),
    SubGraph.createInputsVector(b, inputs),
    SubGraph.createOutputsVector(b, outputs),
    SubGraph.createOperatorsVector(b, operators),
  ] as const
  SubGraph.startSubGraph(b)
  SubGraph.addTensors(b, fields[0])
  SubGraph.addInputs(b, fields[1])
  SubGraph.addOutputs(b, fields[2])
  SubGraph.addOperators(b, fields[3])
  return SubGraph.endSubGraph(b)
}

function alignedData(b: Builder, data: Uint8Array): number {
  b.startVector(1, data.length, 16)
  for (let at = data.length - 1; at >= 0; at -= 1) b.addInt8(data[at]!)
  return b.endVector()
}

function writeTensor(
  b: Builder,
  { name, type, shape, scales, zeros = [], axis = 0, data, variable }: TfliteTensor,
  buffer: number,
): number {
  const fields = [b.createString(name), Tensor.createShapeVector(b, shape)] as const
  let quantization = 0
  if (scales !== undefined) {
    const lists = [
      QuantizationParameters.createScaleVector(b, scales),
      QuantizationParameters.createZeroPointVector(
        b,
        scales.map((_, at) => BigInt(zeros[at] ?? zeros[0] ?? 0)),
      ),
    ] as const
    QuantizationParameters.startQuantizationParameters(b)
    QuantizationParameters.addScale(b, lists[0])
    QuantizationParameters.addZeroPoint(b, lists[1])
    QuantizationParameters.addQuantizedDimension(b, axis)
    quantization = QuantizationParameters.endQuantizationParameters(b)
  }
  Tensor.startTensor(b)
  Tensor.addName(b, fields[0])
  Tensor.addShape(b, fields[1])
  Tensor.addType(b, typeCodes[type])
  Tensor.addBuffer(b, data === undefined ? 0 : buffer)
  if (quantization !== 0) Tensor.addQuantization(b, quantization)
  if (variable) Tensor.addIsVariable(b, true)
  return Tensor.endTensor(b)
}

function writeNode(b: Builder, { op, inputs, outputs, options = {} }: TfliteNode, ops: readonly string[]): number {
  const fields = [Operator.createInputsVector(b, inputs), Operator.createOutputsVector(b, outputs)] as const
  const table = writeOptions(b, op, options)
  Operator.startOperator(b)
  Operator.addOpcodeIndex(b, ops.indexOf(op))
  Operator.addInputs(b, fields[0])
  Operator.addOutputs(b, fields[1])
  if (table !== 0) {
    Operator.addBuiltinOptionsType(b, optionTypes[op]!)
    Operator.addBuiltinOptions(b, table)
  }
  return Operator.endOperator(b)
}

function writeOptions(b: Builder, op: string, options: Readonly<Record<string, number | string | boolean>>): number {
  const number = (name: string, otherwise: number) => (typeof options[name] === 'number' ? (options[name] as number) : otherwise)
  const activation = activations.indexOf((options.activation ?? 'NONE') as (typeof activations)[number])
  const padding = paddings.indexOf((options.padding ?? 'VALID') as (typeof paddings)[number])
  const strides = (kind: typeof Conv2DOptions | typeof DepthwiseConv2DOptions | typeof Pool2DOptions) => {
    kind.addPadding(b, padding)
    kind.addStrideH(b, number('strideH', 1))
    kind.addStrideW(b, number('strideW', 1))
    kind.addFusedActivationFunction(b, activation)
  }
  switch (op) {
    case 'CONV_2D':
      Conv2DOptions.startConv2DOptions(b)
      strides(Conv2DOptions)
      Conv2DOptions.addDilationHFactor(b, number('dilationH', 1))
      Conv2DOptions.addDilationWFactor(b, number('dilationW', 1))
      return Conv2DOptions.endConv2DOptions(b)
    case 'DEPTHWISE_CONV_2D':
      DepthwiseConv2DOptions.startDepthwiseConv2DOptions(b)
      strides(DepthwiseConv2DOptions)
      DepthwiseConv2DOptions.addDepthMultiplier(b, number('depthMultiplier', 1))
      DepthwiseConv2DOptions.addDilationHFactor(b, number('dilationH', 1))
      DepthwiseConv2DOptions.addDilationWFactor(b, number('dilationW', 1))
      return DepthwiseConv2DOptions.endDepthwiseConv2DOptions(b)
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D':
      Pool2DOptions.startPool2DOptions(b)
      strides(Pool2DOptions)
      Pool2DOptions.addFilterHeight(b, number('kernelH', 1))
      Pool2DOptions.addFilterWidth(b, number('kernelW', 1))
      return Pool2DOptions.endPool2DOptions(b)
    case 'FULLY_CONNECTED':
      FullyConnectedOptions.startFullyConnectedOptions(b)
      FullyConnectedOptions.addFusedActivationFunction(b, activation)
      FullyConnectedOptions.addWeightsFormat(b, number('weightsFormat', 0))
      return FullyConnectedOptions.endFullyConnectedOptions(b)
    case 'SOFTMAX':
      SoftmaxOptions.startSoftmaxOptions(b)
      SoftmaxOptions.addBeta(b, number('beta', 1))
      return SoftmaxOptions.endSoftmaxOptions(b)
    case 'CONCATENATION':
      ConcatenationOptions.startConcatenationOptions(b)
      ConcatenationOptions.addAxis(b, number('axis', 0))
      ConcatenationOptions.addFusedActivationFunction(b, activation)
      return ConcatenationOptions.endConcatenationOptions(b)
    case 'ADD':
    case 'SUB':
    case 'MUL':
      ArithmeticOptions.startArithmeticOptions(b)
      ArithmeticOptions.addFusedActivationFunction(b, activation)
      return ArithmeticOptions.endArithmeticOptions(b)
    case 'MEAN':
    case 'SUM':
    case 'REDUCE_MAX':
    case 'REDUCE_MIN':
      ReducerOptions.startReducerOptions(b)
      ReducerOptions.addKeepDims(b, options.keepDims === true)
      return ReducerOptions.endReducerOptions(b)
    case 'STRIDED_SLICE':
      StridedSliceOptions.startStridedSliceOptions(b)
      StridedSliceOptions.addBeginMask(b, number('beginMask', 0))
      StridedSliceOptions.addEndMask(b, number('endMask', 0))
      StridedSliceOptions.addEllipsisMask(b, number('ellipsisMask', 0))
      StridedSliceOptions.addNewAxisMask(b, number('newAxisMask', 0))
      StridedSliceOptions.addShrinkAxisMask(b, number('shrinkAxisMask', 0))
      return StridedSliceOptions.endStridedSliceOptions(b)
    case 'PACK':
      PackOptions.startPackOptions(b)
      PackOptions.addValuesCount(b, number('count', 1))
      PackOptions.addAxis(b, number('axis', 0))
      return PackOptions.endPackOptions(b)
    case 'ARG_MAX':
    case 'ARG_MIN':
      ArgExtremeOptions.startArgExtremeOptions(b)
      ArgExtremeOptions.addOutputType(b, typeCodes.int32)
      return ArgExtremeOptions.endArgExtremeOptions(b)
    case 'UNPACK':
      UnpackOptions.startUnpackOptions(b)
      UnpackOptions.addNum(b, number('count', 1))
      UnpackOptions.addAxis(b, number('axis', 0))
      return UnpackOptions.endUnpackOptions(b)
    case 'SPLIT':
    case 'SPLIT_V':
      SplitOptions.startSplitOptions(b)
      SplitOptions.addNumSplits(b, number('count', 1))
      return SplitOptions.endSplitOptions(b)
    case 'GATHER':
      GatherOptions.startGatherOptions(b)
      GatherOptions.addAxis(b, number('axis', 0))
      GatherOptions.addBatchDims(b, number('batchDims', 0))
      return GatherOptions.endGatherOptions(b)
    case 'MIRROR_PAD':
      MirrorPadOptions.startMirrorPadOptions(b)
      MirrorPadOptions.addMode(b, mirrorModes.indexOf((options.mode ?? 'REFLECT') as (typeof mirrorModes)[number]))
      return MirrorPadOptions.endMirrorPadOptions(b)
    case 'RESIZE_BILINEAR':
      ResizeBilinearOptions.startResizeBilinearOptions(b)
      ResizeBilinearOptions.addAlignCorners(b, options.alignCorners === true)
      ResizeBilinearOptions.addHalfPixelCenters(b, options.halfPixelCenters === true)
      return ResizeBilinearOptions.endResizeBilinearOptions(b)
    case 'RESIZE_NEAREST_NEIGHBOR':
      ResizeNearestNeighborOptions.startResizeNearestNeighborOptions(b)
      ResizeNearestNeighborOptions.addAlignCorners(b, options.alignCorners === true)
      ResizeNearestNeighborOptions.addHalfPixelCenters(b, options.halfPixelCenters === true)
      return ResizeNearestNeighborOptions.endResizeNearestNeighborOptions(b)
    case 'SPACE_TO_DEPTH':
    case 'DEPTH_TO_SPACE':
      BlockOptions.startBlockOptions(b)
      BlockOptions.addBlockSize(b, number('blockSize', 1))
      return BlockOptions.endBlockOptions(b)
    case 'TRANSPOSE_CONV':
      TransposeConvOptions.startTransposeConvOptions(b)
      TransposeConvOptions.addPadding(b, padding)
      TransposeConvOptions.addStrideH(b, number('strideH', 1))
      TransposeConvOptions.addStrideW(b, number('strideW', 1))
      TransposeConvOptions.addFusedActivationFunction(b, activation)
      return TransposeConvOptions.endTransposeConvOptions(b)
    case 'BATCH_MATMUL':
      BatchMatMulOptions.startBatchMatMulOptions(b)
      BatchMatMulOptions.addAdjX(b, options.transposeA === true)
      BatchMatMulOptions.addAdjY(b, options.transposeB === true)
      return BatchMatMulOptions.endBatchMatMulOptions(b)
    case 'SVDF':
      SVDFOptions.startSVDFOptions(b)
      SVDFOptions.addRank(b, number('rank', 1))
      SVDFOptions.addFusedActivationFunction(b, activation)
      return SVDFOptions.endSVDFOptions(b)
    case 'UNIDIRECTIONAL_SEQUENCE_LSTM':
      UnidirectionalSequenceLSTMOptions.startUnidirectionalSequenceLSTMOptions(b)
      UnidirectionalSequenceLSTMOptions.addFusedActivationFunction(b, activation)
      UnidirectionalSequenceLSTMOptions.addCellClip(b, number('cellClip', 0))
      UnidirectionalSequenceLSTMOptions.addTimeMajor(b, options.timeMajor === true)
      return UnidirectionalSequenceLSTMOptions.endUnidirectionalSequenceLSTMOptions(b)
    case 'LEAKY_RELU':
      LeakyReluOptions.startLeakyReluOptions(b)
      LeakyReluOptions.addAlpha(b, number('alpha', 0.1))
      return LeakyReluOptions.endLeakyReluOptions(b)
    case 'GELU':
      GeluOptions.startGeluOptions(b)
      GeluOptions.addApproximate(b, options.approximate === true)
      return GeluOptions.endGeluOptions(b)
    case 'CALL_ONCE':
      CallOnceOptions.startCallOnceOptions(b)
      CallOnceOptions.addInitSubgraphIndex(b, number('subgraph', 1))
      return CallOnceOptions.endCallOnceOptions(b)
    case 'VAR_HANDLE': {
      const name = b.createString(String(options.variable))
      VarHandleOptions.startVarHandleOptions(b)
      VarHandleOptions.addSharedName(b, name)
      return VarHandleOptions.endVarHandleOptions(b)
    }
    default:
      return 0
  }
}
