/**
 * Writes small .tflite files for tests, with the generated builders.
 *
 * writeTflite({ tensors, nodes, inputs, outputs })   bytes of a file with one subgraph
 * tensor(type, shape, more)                          a tensor; `data` makes it constant
 */
import { Builder } from 'flatbuffers'
import { ArithmeticOptions } from '../../runtime/import/tflite/generated/arithmetic-options.ts'
import { Buffer as TfliteBuffer } from '../../runtime/import/tflite/generated/buffer.ts'
import { ConcatenationOptions } from '../../runtime/import/tflite/generated/concatenation-options.ts'
import { Conv2DOptions } from '../../runtime/import/tflite/generated/conv2doptions.ts'
import { DepthwiseConv2DOptions } from '../../runtime/import/tflite/generated/depthwise-conv2doptions.ts'
import { FullyConnectedOptions } from '../../runtime/import/tflite/generated/fully-connected-options.ts'
import { Model } from '../../runtime/import/tflite/generated/model.ts'
import { Operator } from '../../runtime/import/tflite/generated/operator.ts'
import { OperatorCode } from '../../runtime/import/tflite/generated/operator-code.ts'
import { PackOptions } from '../../runtime/import/tflite/generated/pack-options.ts'
import { Pool2DOptions } from '../../runtime/import/tflite/generated/pool2doptions.ts'
import { QuantizationParameters } from '../../runtime/import/tflite/generated/quantization-parameters.ts'
import { ReducerOptions } from '../../runtime/import/tflite/generated/reducer-options.ts'
import { SoftmaxOptions } from '../../runtime/import/tflite/generated/softmax-options.ts'
import { StridedSliceOptions } from '../../runtime/import/tflite/generated/strided-slice-options.ts'
import { SubGraph } from '../../runtime/import/tflite/generated/sub-graph.ts'
import { Tensor } from '../../runtime/import/tflite/generated/tensor.ts'
import { activations, operatorNames, optionTypes, paddings } from '../../runtime/import/tflite/names.ts'

const typeCodes = { float32: 0, int32: 2, uint8: 3, int64: 4, int16: 7, int8: 9 } as const

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
export type TfliteFile = { tensors: TfliteTensor[]; nodes: TfliteNode[]; inputs: number[]; outputs: number[] }

let names = 0

export function tensor(type: TfliteType, shape: number[], more: Partial<TfliteTensor> = {}): TfliteTensor {
  names += 1
  return { name: `tensor ${names}`, type, shape, ...more }
}

export function int32Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int32Array(values).buffer)
}

export function int8Data(values: readonly number[]): Uint8Array {
  return new Uint8Array(new Int8Array(values).buffer)
}

export function writeTflite({ tensors, nodes, inputs, outputs }: TfliteFile): Uint8Array {
  const b = new Builder(1024)
  const ops = [...new Set(nodes.map(({ op }) => op))]
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
  const buffers = [undefined, ...tensors.map(({ data }) => data)].map((data) => {
    const bytes = data === undefined ? 0 : alignedData(b, data)
    TfliteBuffer.startBuffer(b)
    if (data !== undefined) TfliteBuffer.addData(b, bytes)
    return TfliteBuffer.endBuffer(b)
  })
  const tables = tensors.map((from, index) => writeTensor(b, from, index))
  const operators = nodes.map((node) => writeNode(b, node, ops))
  const subgraph = [
    SubGraph.createTensorsVector(b, tables),
    SubGraph.createInputsVector(b, inputs),
    SubGraph.createOutputsVector(b, outputs),
    SubGraph.createOperatorsVector(b, operators),
  ] as const
  SubGraph.startSubGraph(b)
  SubGraph.addTensors(b, subgraph[0])
  SubGraph.addInputs(b, subgraph[1])
  SubGraph.addOutputs(b, subgraph[2])
  SubGraph.addOperators(b, subgraph[3])
  const main = SubGraph.endSubGraph(b)
  const model = [
    Model.createOperatorCodesVector(b, codes),
    Model.createSubgraphsVector(b, [main]),
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

function alignedData(b: Builder, data: Uint8Array): number {
  b.startVector(1, data.length, 16)
  for (let at = data.length - 1; at >= 0; at -= 1) b.addInt8(data[at]!)
  return b.endVector()
}

function writeTensor(b: Builder, { name, type, shape, scales, zeros = [], axis = 0, data, variable }: TfliteTensor, index: number): number {
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
  Tensor.addBuffer(b, data === undefined ? 0 : index + 1)
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
    case 'MUL':
      ArithmeticOptions.startArithmeticOptions(b)
      ArithmeticOptions.addFusedActivationFunction(b, activation)
      return ArithmeticOptions.endArithmeticOptions(b)
    case 'MEAN':
      ReducerOptions.startReducerOptions(b)
      ReducerOptions.addKeepDims(b, options.keepDims === true)
      return ReducerOptions.endReducerOptions(b)
    case 'STRIDED_SLICE':
      StridedSliceOptions.startStridedSliceOptions(b)
      StridedSliceOptions.addShrinkAxisMask(b, number('shrinkAxisMask', 0))
      return StridedSliceOptions.endStridedSliceOptions(b)
    case 'PACK':
      PackOptions.startPackOptions(b)
      PackOptions.addValuesCount(b, number('count', 1))
      PackOptions.addAxis(b, number('axis', 0))
      return PackOptions.endPackOptions(b)
    default:
      return 0
  }
}
