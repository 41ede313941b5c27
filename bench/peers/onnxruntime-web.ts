/** onnxruntime's WebAssembly build (SIMD, one thread, all graph optimizations) under Node. */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { type Peer, peerPackage } from './peer.ts'

const packageName = 'onnxruntime-web'

/** `bytes`: row-major elements of an input. */
export type OnnxInput = { type: 'uint8' | 'int8'; shape: readonly number[]; bytes: Uint8Array }

/** `detail` tells peers of one table apart, such as the operator that was used. */
export function onnxruntimePeer(model: Uint8Array, inputs: readonly OnnxInput[], detail: string): Peer {
  let session: InferenceSession
  let feeds: Record<string, Tensor>
  let answer: Record<string, Tensor> = {}
  return {
    name: `onnxruntime-web (${detail})`,
    version: peerPackage(packageName).version,
    async prepare() {
      const runtime = await import('onnxruntime-web/wasm')
      runtime.env.logLevel = 'error'
      runtime.env.wasm.numThreads = 1
      session = await runtime.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' })
      feeds = Object.fromEntries(
        inputs.map(({ type, shape, bytes }, index) => {
          const elements = type === 'int8' ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes
          return [session.inputNames[index]!, new runtime.Tensor(type, elements, shape)]
        }),
      )
    },
    async run() {
      answer = await session.run(feeds)
    },
    answer: () =>
      session.outputNames.map((name) => {
        const data = answer[name]!.data as Uint8Array | Int32Array
        return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
      }),
    close: () => session.release(),
  }
}
