/**
 * The peers on one square int8 matrix product, and what they must answer.
 *
 * A is [size, size] activations, B [size, size] weights stored [column][k], as a fully connected layer keeps them. The int32 product is Σ A[row][k] · B[column][k];
 * the int8 forms scale it by 2^−10, exact in binary, so that every rounding that breaks ties alike agrees.
 */
import { Builder } from 'flatbuffers'
import { Buffer as TfliteBuffer } from '../../runtime/import/tflite/generated/buffer.ts'
import { FullyConnectedOptions } from '../../runtime/import/tflite/generated/fully-connected-options.ts'
import { Model } from '../../runtime/import/tflite/generated/model.ts'
import { Operator } from '../../runtime/import/tflite/generated/operator.ts'
import { OperatorCode } from '../../runtime/import/tflite/generated/operator-code.ts'
import { QuantizationParameters } from '../../runtime/import/tflite/generated/quantization-parameters.ts'
import { SubGraph } from '../../runtime/import/tflite/generated/sub-graph.ts'
import { Tensor } from '../../runtime/import/tflite/generated/tensor.ts'
import { operatorNames, optionTypes, tensorTypeNames } from '../../runtime/import/tflite/names.ts'
import { encodeOnnx, type OnnxConstant, type OnnxGraph } from './onnx-model.ts'
import { onnxruntimePeer } from './onnxruntime-web.ts'
import type { Peer } from './peer.ts'
import { tflitePeer } from './tflite.ts'

export const gemmOutputScale = 1024

/** int8 values of the product: `a` [row][k], `b` [column][k]. Zero points are 0. */
export type GemmCase = { size: number; a: Int8Array; b: Int8Array }

/** `toInt32`: the bare product (onnxruntime's MatMulInteger). `toInt8`: requantized by 1 / gemmOutputScale, zero point 0 (uint8: 128). */
export type GemmPeers = { toInt32: Peer[]; toInt8: Peer[] }

/** Values from a fixed generator; |b| ≤ 127, as TFLite wants weights. */
export function gemmCase(size: number): GemmCase {
  let state = 0x9e3779b9
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state >> 24
  }
  const a = Int8Array.from({ length: size * size }, next)
  const b = Int8Array.from({ length: size * size }, () => Math.max(-127, next()))
  return { size, a, b }
}

export function gemmPeers(gemm: GemmCase): GemmPeers {
  const { size, a } = gemm
  const unsigned = Uint8Array.from(a, (value) => value + 128)
  const input = { type: 'uint8', shape: [size, size], bytes: unsigned } as const
  return {
    toInt32: [onnxruntimePeer(onnxGemm(gemm, 'MatMulInteger'), [input], 'MatMulInteger, u8s8')],
    toInt8: [
      tflitePeer(tfliteGemm(gemm), [new Uint8Array(a.buffer)]),
      onnxruntimePeer(onnxGemm(gemm, 'QLinearMatMul'), [input], 'QLinearMatMul, u8s8'),
    ],
  }
}

/** The product in plain JavaScript: row-major int32. */
export function plainGemm({ size, a, b }: GemmCase): Int32Array {
  const product = new Int32Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let sum = 0
      for (let k = 0; k < size; k++) sum += a[row * size + k]! * b[column * size + k]!
      product[row * size + column] = sum
    }
  return product
}

/** The int8 form: a product over gemmOutputScale, ties to even (XNNPACK and onnxruntime), saturated. */
export function requantizedGemm(product: Int32Array): Int8Array {
  return Int8Array.from(product, (sum) => {
    const floor = Math.floor(sum / gemmOutputScale)
    const rest = sum - floor * gemmOutputScale
    const half = gemmOutputScale / 2
    const rounded = rest > half || (rest === half && floor % 2 !== 0) ? floor + 1 : floor
    return Math.min(127, Math.max(-128, rounded))
  })
}

export function onnxGemm({ size, b }: GemmCase, op: 'MatMulInteger' | 'QLinearMatMul'): Uint8Array {
  const weights = new Int8Array(size * size)
  for (let k = 0; k < size; k++) for (let column = 0; column < size; column++) weights[k * size + column] = b[column * size + k]!
  const scalar = (name: string, type: 'uint8' | 'int8', number: number): OnnxConstant => ({
    name,
    type,
    shape: [],
    bytes: Uint8Array.of(number),
  })
  const scale = (name: string, number: number): OnnxConstant => ({
    name,
    type: 'float32',
    shape: [],
    bytes: new Uint8Array(Float32Array.of(number).buffer),
  })
  const graph: OnnxGraph = {
    name: 'gemm',
    nodes: [
      {
        op,
        domain: '',
        inputs:
          op === 'MatMulInteger'
            ? ['a', 'b', 'a_zero', 'b_zero']
            : ['a', 'a_scale', 'a_zero', 'b', 'b_scale', 'b_zero', 'y_scale', 'y_zero'],
        outputs: ['y'],
        attributes: {},
      },
    ],
    constants: [
      { name: 'b', type: 'int8', shape: [size, size], bytes: new Uint8Array(weights.buffer) },
      scalar('a_zero', 'uint8', 128),
      scalar('b_zero', 'int8', 0),
    ],
    inputs: [{ name: 'a', type: 'uint8', shape: [size, size] }],
    outputs: [{ name: 'y', type: op === 'MatMulInteger' ? 'int32' : 'uint8', shape: [size, size] }],
  }
  if (op === 'QLinearMatMul')
    graph.constants.push(scale('a_scale', 1), scale('b_scale', 1), scale('y_scale', gemmOutputScale), scalar('y_zero', 'uint8', 128))
  return encodeOnnx(graph)
}

/** One FULLY_CONNECTED layer of `size` units on a batch of `size` rows. */
export function tfliteGemm({ size, b }: GemmCase): Uint8Array {
  const builder = new Builder(size * size + 1024)
  const buffers = [TfliteBuffer.createBuffer(builder, 0)]
  for (const bytes of [new Uint8Array(b.buffer), new Uint8Array(4 * size)]) {
    // The interpreter wants a constant's bytes aligned to 16.
    builder.startVector(1, bytes.length, 16)
    for (let at = bytes.length - 1; at >= 0; at--) builder.addInt8(bytes[at]!)
    buffers.push(TfliteBuffer.createBuffer(builder, builder.endVector()))
  }
  const tensors = [
    tensor(builder, 'a', 'int8', [size, size], 0, 1),
    tensor(builder, 'b', 'int8', [size, size], 1, 1),
    tensor(builder, 'bias', 'int32', [size], 2, 1),
    tensor(builder, 'y', 'int8', [size, size], 0, gemmOutputScale),
  ]
  const options = FullyConnectedOptions.createFullyConnectedOptions(builder, 0, 0, false, false)
  const inputs = Operator.createInputsVector(builder, Int32Array.of(0, 1, 2))
  const outputs = Operator.createOutputsVector(builder, Int32Array.of(3))
  Operator.startOperator(builder)
  Operator.addInputs(builder, inputs)
  Operator.addOutputs(builder, outputs)
  Operator.addBuiltinOptionsType(builder, optionTypes.FULLY_CONNECTED!)
  Operator.addBuiltinOptions(builder, options)
  const operators = SubGraph.createOperatorsVector(builder, [Operator.endOperator(builder)])
  const graph = SubGraph.createSubGraph(
    builder,
    SubGraph.createTensorsVector(builder, tensors),
    SubGraph.createInputsVector(builder, Int32Array.of(0)),
    SubGraph.createOutputsVector(builder, Int32Array.of(3)),
    operators,
    builder.createString('gemm'),
  )
  const code = operatorNames.indexOf('FULLY_CONNECTED')
  // Version 4 of FULLY_CONNECTED is the first with int8.
  const codes = Model.createOperatorCodesVector(builder, [OperatorCode.createOperatorCode(builder, code, 0, 4, code)])
  const graphs = Model.createSubgraphsVector(builder, [graph])
  const buffersVector = Model.createBuffersVector(builder, buffers)
  Model.finishModelBuffer(builder, Model.createModel(builder, 3, codes, graphs, builder.createString('gemm'), buffersVector))
  return builder.asUint8Array()
}

function tensor(builder: Builder, name: string, type: 'int8' | 'int32', shape: number[], buffer: number, scale: number): number {
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
