/** A .tflite file of one int8 layer with stride 1 and padding SAME: random or given weights, no activation, zero points 0, per-tensor scales. */
import { Builder } from 'flatbuffers'
import { Buffer as TfliteBuffer } from '../../runtime/import/tflite/generated/buffer.ts'
import { Conv2DOptions } from '../../runtime/import/tflite/generated/conv2doptions.ts'
import { DepthwiseConv2DOptions } from '../../runtime/import/tflite/generated/depthwise-conv2doptions.ts'
import { FullyConnectedOptions } from '../../runtime/import/tflite/generated/fully-connected-options.ts'
import { Model } from '../../runtime/import/tflite/generated/model.ts'
import { Operator } from '../../runtime/import/tflite/generated/operator.ts'
import { OperatorCode } from '../../runtime/import/tflite/generated/operator-code.ts'
import { QuantizationParameters } from '../../runtime/import/tflite/generated/quantization-parameters.ts'
import { SubGraph } from '../../runtime/import/tflite/generated/sub-graph.ts'
import { Tensor } from '../../runtime/import/tflite/generated/tensor.ts'
import { operatorNames, optionTypes, tensorTypeNames } from '../../runtime/import/tflite/names.ts'

export type Layer = {
  op: keyof typeof layers
  /** Of x, the weights and y, in TFLite's order; y's last dimension is the number of channels. */
  input: readonly number[]
  weights: readonly number[]
  output: readonly number[]
  /** |value| ≤ 127. */
  values: Int8Array
  /** Of y; x and the weights have scale 1. */
  outputScale: number
}

/** The options of each layer, and the first version of the operator with int8. */
const layers = {
  CONV_2D: { version: 3, options: (builder: Builder) => Conv2DOptions.createConv2DOptions(builder, 0, 1, 1, 0, 1, 1) },
  DEPTHWISE_CONV_2D: {
    version: 3,
    options: (builder: Builder) => DepthwiseConv2DOptions.createDepthwiseConv2DOptions(builder, 0, 1, 1, 1, 0, 1, 1),
  },
  FULLY_CONNECTED: {
    version: 4,
    options: (builder: Builder) => FullyConnectedOptions.createFullyConnectedOptions(builder, 0, 0, false, false),
  },
} as const

export function tfliteLayer({ op, input, weights, output, values, outputScale }: Layer): Uint8Array {
  const builder = new Builder(values.length + 1024)
  const channels = output.at(-1)!
  const buffers = [TfliteBuffer.createBuffer(builder, 0)]
  for (const bytes of [new Uint8Array(values.buffer, values.byteOffset, values.length), new Uint8Array(4 * channels)]) {
    // The interpreter wants a constant's bytes aligned to 16.
    builder.startVector(1, bytes.length, 16)
    for (let at = bytes.length - 1; at >= 0; at--) builder.addInt8(bytes[at]!)
    buffers.push(TfliteBuffer.createBuffer(builder, builder.endVector()))
  }
  const tensors = [
    tensor(builder, 'x', 'int8', input, 0, 1),
    tensor(builder, 'weights', 'int8', weights, 1, 1),
    tensor(builder, 'bias', 'int32', [channels], 2, 1),
    tensor(builder, 'y', 'int8', output, 0, outputScale),
  ]
  const options = layers[op].options(builder)
  const inputs = Operator.createInputsVector(builder, Int32Array.of(0, 1, 2))
  const outputs = Operator.createOutputsVector(builder, Int32Array.of(3))
  Operator.startOperator(builder)
  Operator.addInputs(builder, inputs)
  Operator.addOutputs(builder, outputs)
  Operator.addBuiltinOptionsType(builder, optionTypes[op]!)
  Operator.addBuiltinOptions(builder, options)
  const operators = SubGraph.createOperatorsVector(builder, [Operator.endOperator(builder)])
  const graph = SubGraph.createSubGraph(
    builder,
    SubGraph.createTensorsVector(builder, tensors),
    SubGraph.createInputsVector(builder, Int32Array.of(0)),
    SubGraph.createOutputsVector(builder, Int32Array.of(3)),
    operators,
    builder.createString('layer'),
  )
  const code = operatorNames.indexOf(op)
  const codes = Model.createOperatorCodesVector(builder, [OperatorCode.createOperatorCode(builder, code, 0, layers[op].version, code)])
  const graphs = Model.createSubgraphsVector(builder, [graph])
  const buffersVector = Model.createBuffersVector(builder, buffers)
  Model.finishModelBuffer(builder, Model.createModel(builder, 3, codes, graphs, builder.createString('layer'), buffersVector))
  return builder.asUint8Array()
}

function tensor(builder: Builder, name: string, type: 'int8' | 'int32', shape: readonly number[], buffer: number, scale: number): number {
  const scales = QuantizationParameters.createScaleVector(builder, Float32Array.of(scale))
  const zeros = QuantizationParameters.createZeroPointVector(builder, [0n])
  QuantizationParameters.startQuantizationParameters(builder)
  QuantizationParameters.addScale(builder, scales)
  QuantizationParameters.addZeroPoint(builder, zeros)
  const quantization = QuantizationParameters.endQuantizationParameters(builder)
  const shapeVector = Tensor.createShapeVector(builder, Int32Array.from(shape))
  const nameOffset = builder.createString(name)
  Tensor.startTensor(builder)
  Tensor.addShape(builder, shapeVector)
  Tensor.addType(builder, tensorTypeNames.indexOf(type))
  Tensor.addBuffer(builder, buffer)
  Tensor.addName(builder, nameOffset)
  Tensor.addQuantization(builder, quantization)
  return Tensor.endTensor(builder)
}
