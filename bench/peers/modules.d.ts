/** What the benches use of packages that stand in bench/peers/node_modules and may be absent while types are checked. */
declare module 'onnxruntime-web/wasm' {
  export type TensorData = Uint8Array | Int8Array | Int32Array | Float32Array
  export class Tensor {
    constructor(type: 'uint8' | 'int8' | 'int32' | 'float32', data: TensorData, dims: readonly number[])
    readonly type: string
    readonly data: TensorData
    readonly dims: readonly number[]
    dispose(): void
  }
  export class InferenceSession {
    static create(model: Uint8Array, options: { executionProviders: string[]; graphOptimizationLevel: 'all' }): Promise<InferenceSession>
    readonly inputNames: readonly string[]
    readonly outputNames: readonly string[]
    run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
    release(): Promise<void>
  }
  export const env: { logLevel: string; wasm: { numThreads: number; proxy: boolean } }
}
