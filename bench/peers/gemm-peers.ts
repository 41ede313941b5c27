/**
 * The peers on one square int8 matrix product, and what they must answer.
 *
 * A is [size, size] activations, B [size, size] weights stored [column][k], as a fully connected layer keeps them. The int32 product is Σ A[row][k] · B[column][k];
 * the int8 forms scale it by 2^−10, exact in binary, so that every rounding that breaks ties alike agrees.
 */
import { encodeOnnx, type OnnxConstant, type OnnxGraph } from '../../scripts/onnx/onnx-model.ts'
import { onnxruntimePeer } from './onnxruntime-web.ts'
import type { Peer } from './peer.ts'
import { tflitePeer } from './tflite.ts'
import { tfliteLayer } from './tflite-layer.ts'

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
  const square = [size, size]
  return tfliteLayer({ op: 'FULLY_CONNECTED', input: square, weights: square, output: square, values: b, outputScale: gemmOutputScale })
}
