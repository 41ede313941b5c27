/** Square int8 matrix products. To int32: peers that give the bare product. To int8: with requantization fused. */
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { type OneOperator, oneOperator } from '../one-operator.ts'
import { gemmCase, gemmPeers, tfliteGemm } from '../peers/gemm-peers.ts'
import type { KernelBench } from './kernel.ts'

export function gemm(size: number): KernelBench[] {
  const product = gemmCase(size)
  const input = new Uint8Array(product.a.buffer)
  const toInt32: OneOperator = {
    operator: 'fullyConnected',
    rounding: 'fp32',
    operands: [{ shape: [size, size] }, { shape: [size, size], data: new Uint8Array(product.b.buffer) }],
    result: { type: 'int32', shape: [size, size] },
    attributes: [0, 0, 0, 0, 0],
  }
  return [
    { work: `GEMM ${size}³ to int32`, macs: size ** 3, artifact: oneOperator(toInt32), input, peers: () => gemmPeers(product).toInt32 },
    {
      work: `GEMM ${size}³ to int8`,
      macs: size ** 3,
      artifact: importTflite(tfliteGemm(product), { rounding: 'fp32' }).bytes,
      input,
      peers: () => gemmPeers(product).toInt8,
    },
  ]
}
