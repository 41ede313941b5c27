/** Both peers on one int8 TensorFlow Lite model and one input of it. */
import { parseTflite } from '../../runtime/import/tflite/parse.ts'
import { tfliteToOnnx } from '../../scripts/onnx/tflite-to-onnx.ts'
import { onnxruntimePeer } from './onnxruntime-web.ts'
import type { Peer } from './peer.ts'
import { tflitePeer } from './tflite.ts'

/** `model`: a .tflite file with one int8 input. `input`: its bytes. onnxruntime answers in uint8: each value 128 higher than TFLite's int8. */
export function modelPeers(model: Uint8Array, input: Uint8Array): Peer[] {
  const graph = parseTflite(model)
  const shape = graph.tensors[graph.inputs[0]!]!.shape
  const unsigned = input.map((byte) => byte ^ 128)
  return [
    tflitePeer(model, [input]),
    onnxruntimePeer(tfliteToOnnx(graph), [{ type: 'uint8', shape, bytes: unsigned }], 'QLinear operators, u8s8'),
  ]
}
