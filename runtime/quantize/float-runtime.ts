/** onnxruntime's WebAssembly build, which gives a float model's own values: one thread, so that every machine gets the same bytes. */
import type { InferenceSession } from 'onnxruntime-web/wasm'
import { encodeOnnx } from '../import/onnx/encode.ts'
import type { OnnxGraph } from '../import/onnx/parse.ts'
import { QuantizeError } from './errors.ts'

/** `type`: the standard's name of the element type. `data`: row-major. */
export type FloatTensor = {
  readonly type: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array
}

export type FloatModel = {
  /** The exposed values and the graph's outputs for one sample. @throws QuantizeError `runtime` */
  run(inputs: ReadonlyMap<string, FloatTensor>): Promise<ReadonlyMap<string, FloatTensor>>
  close(): Promise<void>
}

/** Opens a graph so that `exposed` values are given beside its outputs. @throws QuantizeError `runtimeMissing`, `runtime` */
export async function openFloatModel(graph: OnnxGraph, exposed: Iterable<string> = []): Promise<FloatModel> {
  const runtime = await loadRuntime()
  const given = new Set(graph.outputs.map(({ name }) => name))
  const more = [...new Set(exposed)].filter((name) => !given.has(name)).map((name) => ({ name, type: '', shape: undefined }))
  const bytes = encodeOnnx({ ...graph, outputs: [...graph.outputs.map((port) => ({ ...port, type: '', shape: undefined })), ...more] })
  const session = await attempt('load', () =>
    // Without optimizations every value of the graph is computed as it stands.
    runtime.InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'disabled', logSeverityLevel: 3 }),
  )
  return {
    async run(inputs) {
      const feeds = Object.fromEntries(
        [...inputs].map(([name, { type, shape, data }]) => [name, new runtime.Tensor(type as 'float32', data as Float32Array, shape)]),
      )
      const results = await attempt('run', () => session.run(feeds))
      return new Map(
        Object.entries(results).map(([name, { type, dims, data }]) => [name, { type, shape: dims, data: data as FloatTensor['data'] }]),
      )
    },
    close: () => (session as InferenceSession).release(),
  }
}

async function loadRuntime() {
  try {
    const runtime = await import('onnxruntime-web/wasm')
    runtime.env.logLevel = 'error'
    runtime.env.wasm.numThreads = 1
    return runtime
  } catch (cause) {
    throw new QuantizeError(
      'runtimeMissing',
      'quantizing a float model needs onnxruntime-web, which runs it on the samples; install it with: npm install onnxruntime-web',
      { cause },
    )
  }
}

async function attempt<T>(what: 'load' | 'run', action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new QuantizeError('runtime', `onnxruntime cannot ${what} the float model: ${reason}`, { cause })
  }
}
