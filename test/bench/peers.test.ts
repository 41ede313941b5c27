import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { gemmCase, gemmPeers, onnxGemm, plainGemm, requantizedGemm, tfliteGemm } from '../../bench/peers/gemm-peers.ts'
import { modelPeers } from '../../bench/peers/model-peers.ts'
import { type Peer, PeerMissing, peerPackage } from '../../bench/peers/peer.ts'
import { parseTflite } from '../../runtime/import/tflite/parse.ts'
import { tfliteToOnnx } from '../../scripts/onnx/tflite-to-onnx.ts'

const digits = new URL('../../examples/digits/', import.meta.url)
const model = readFileSync(new URL('digits.tflite', digits))
const inputs = readFileSync(new URL('expected/in0.bin', digits))
const expected = readFileSync(new URL('expected/out0.xnnpack.bin', digits))
const sampleBytes = 784
const answerBytes = 10

test('generates the same model bytes again', () => {
  const graph = parseTflite(model)
  assert.deepEqual(tfliteToOnnx(graph), tfliteToOnnx(parseTflite(model)))
  assert.deepEqual(onnxGemm(gemmCase(16), 'QLinearMatMul'), onnxGemm(gemmCase(16), 'QLinearMatMul'))
  assert.deepEqual(tfliteGemm(gemmCase(16)), tfliteGemm(gemmCase(16)))
})

test('writes a fully connected layer that the importer reads back', () => {
  const gemm = gemmCase(16)
  const graph = parseTflite(tfliteGemm(gemm))
  assert.deepEqual(
    graph.nodes.map((node) => node.op),
    ['FULLY_CONNECTED'],
  )
  assert.deepEqual(graph.tensors[1]!.data, new Uint8Array(gemm.b.buffer))
  assert.deepEqual(graph.tensors[3]!.quantization?.scales, [1024])
})

test('names an operator that has no ONNX translation', () => {
  const graph = parseTflite(model)
  const nodes = graph.nodes.map((node) => (node.op === 'ADD' ? { ...node, op: 'SUB' } : node))
  assert.throws(() => tfliteToOnnx({ ...graph, nodes }), /SUB/)
})

const missing = whatIsMissing()
if (missing !== undefined) console.log(`bench peers are not compared here: ${missing}`)

describe('peers', { skip: missing ?? false }, () => {
  test('give the plain product of two matrices', async () => {
    const gemm = gemmCase(64)
    const product = plainGemm(gemm)
    const { toInt32, toInt8 } = gemmPeers(gemm)
    for (const peer of toInt32) assert.deepEqual(await answerOf(peer), Buffer.from(product.buffer), peer.name)
    const wanted = requantizedGemm(product)
    for (const peer of toInt8) assert.deepEqual(signed(peer, await answerOf(peer)), wanted, peer.name)
  })

  test("give TFLite's committed bytes for the digits model", async () => {
    for (const sample of [0, 9, 15, 31]) {
      const input = new Uint8Array(inputs.subarray(sample * sampleBytes, (sample + 1) * sampleBytes))
      const wanted = new Int8Array(expected.subarray(sample * answerBytes, (sample + 1) * answerBytes))
      for (const peer of modelPeers(model, input)) assert.deepEqual(signed(peer, await answerOf(peer)), wanted, `${peer.name}, ${sample}`)
    }
  })
})

function whatIsMissing(): string | undefined {
  try {
    for (const name of ['@tensorflow/tfjs-tflite', 'onnxruntime-web']) peerPackage(name)
    return undefined
  } catch (error) {
    if (error instanceof PeerMissing) return error.message
    throw error
  }
}

async function answerOf(peer: Peer): Promise<Buffer> {
  await peer.prepare()
  await peer.run()
  const [answer] = peer.answer()
  await peer.close()
  return Buffer.from(answer!)
}

/** onnxruntime's uint8 answers stand 128 higher than int8. */
function signed(peer: Peer, answer: Buffer): Int8Array {
  const offset = peer.name.startsWith('onnxruntime') ? 128 : 0
  return Int8Array.from(answer, (byte) => byte - offset)
}
