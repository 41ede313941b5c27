/**
 * TensorFlow Lite's own WebAssembly build (@tensorflow/tfjs-tflite, its SIMD variant, one thread, XNNPACK delegate) under Node.
 * The package's JavaScript wants a browser and tfjs; the Emscripten module beneath it wants neither.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Peer, peerPackage } from './peer.ts'

const packageName = '@tensorflow/tfjs-tflite'

export type TfliteModel = {
  /** Raw bytes of every input in model order; copies of every output. */
  run(inputs: readonly Uint8Array[]): Uint8Array[]
  /** Runs once more on the inputs in place, copying nothing: what remains is TFLite's own time. */
  invoke(): void
  close(): void
}

type TensorInfo = { data(): ArrayBufferView; delete(): void }
type TensorList = { size(): number; get(index: number): TensorInfo; delete(): void }
type Runner = { GetInputs(): TensorList; GetOutputs(): TensorList; Infer(): boolean; delete(): void }
type RunnerResult = { ok(): boolean; value(): Runner; errorMessage(): string; delete(): void }
type RunnerOptions = { numThreads: number; enableProfiling: boolean; maxProfilingBufferEntries: number }
type TfliteModule = {
  HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  TFLiteWebModelRunner: { CreateFromBufferAndOptions(pointer: number, bytes: number, options: RunnerOptions): RunnerResult }
}
type ModuleFactory = (settings: {
  wasmBinary: Uint8Array
  print(line: string): void
  printErr(line: string): void
}) => Promise<TfliteModule>

/** @throws PeerMissing where the package is not installed; Error with TFLite's words where it refuses the model. */
export async function createTfliteModel(model: Uint8Array): Promise<TfliteModel> {
  const { folder } = peerPackage(packageName)
  const factory = createRequire(import.meta.url)(fileURLToPath(new URL('wasm/tflite_web_api_cc_simd.js', folder))) as ModuleFactory
  const complaints: string[] = []
  const tflite = await factory({
    wasmBinary: readFileSync(new URL('wasm/tflite_web_api_cc_simd.wasm', folder)),
    print: (line) => complaints.push(line),
    printErr: (line) => complaints.push(line),
  })
  // The interpreter reads weights from this buffer as long as it lives.
  const pointer = tflite._malloc(model.length)
  tflite.HEAPU8.set(model, pointer)
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 0 }
  const result = tflite.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, model.length, options)
  if (!result.ok()) throw new Error(`TFLite refuses the model: ${[result.errorMessage(), ...complaints].join('; ')}`)
  if (!complaints.some((line) => line.includes('XNNPACK delegate'))) throw new Error('TFLite did not apply its XNNPACK delegate')
  const runner = result.value()
  const inputs = tensors(runner.GetInputs())
  const outputs = tensors(runner.GetOutputs())

  function invoke(): void {
    if (!runner.Infer()) throw new Error('TFLite could not run the model')
  }

  return {
    run(samples) {
      for (const [index, sample] of samples.entries()) bytesOf(inputs[index]!).set(sample)
      invoke()
      return outputs.map((output) => bytesOf(output).slice())
    },
    invoke,
    close() {
      for (const handle of [...inputs, ...outputs, runner, result]) handle.delete()
      tflite._free(pointer)
    },
  }
}

export function tflitePeer(model: Uint8Array, inputs: readonly Uint8Array[]): Peer {
  let loaded: TfliteModel
  let outputs: Uint8Array[] = []
  return {
    name: 'TFLite WASM (XNNPACK)',
    version: peerPackage(packageName).version,
    async prepare() {
      loaded = await createTfliteModel(model)
    },
    run() {
      outputs = loaded.run(inputs)
    },
    invoke: () => loaded.invoke(),
    answer: () => outputs,
    close: () => loaded.close(),
  }
}

function tensors(list: TensorList): TensorInfo[] {
  const found = Array.from({ length: list.size() }, (_, index) => list.get(index))
  list.delete()
  return found
}

/** A tensor's bytes in the module's memory; taken anew each time, because the memory may grow. */
function bytesOf(tensor: TensorInfo): Uint8Array {
  const view = tensor.data()
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
