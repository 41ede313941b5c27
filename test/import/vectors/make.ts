/**
 * Makes operators.json: what other runtimes compute for cases.ts, movement-cases.ts and number-cases.ts, all outputs one after the other.
 *
 *   node test/import/vectors/make.ts TFLITE_WEB PYTHON
 *
 * TFLITE_WEB: the unpacked package @tensorflow/tfjs-tflite 0.0.1-alpha.10, whose WASM build of TFLite runs XNNPACK (fp32).
 * PYTHON: an interpreter that has tflite-micro and ai-edge-litert (double; double.py).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTflite } from '../write-tflite.ts'
import { cases } from './cases.ts'
import { movementCases } from './movement-cases.ts'
import { numberCases } from './number-cases.ts'

type Tensors = { size(): number; get(index: number): { data(): Uint8Array } }
type Runner = { GetInputs(): Tensors; GetOutputs(): Tensors; Infer(): boolean }
type Web = {
  _malloc(bytes: number): number
  HEAPU8: Uint8Array
  TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(pointer: number, bytes: number, options: object): { ok(): boolean; value(): Runner; errorMessage(): string }
  }
}

const [webFolder, python] = process.argv.slice(2)
if (webFolder === undefined || python === undefined) throw new Error('usage: node make.ts TFLITE_WEB PYTHON')
const repeat = 2
const groups = [cases(repeat), movementCases(repeat), numberCases(repeat)]
const all = groups.flat()
const models = all.map(({ file }) => writeTflite(file))
const double = runMicro(python)
const web = await loadWeb(webFolder)
const times = groups.flatMap((group) => group.map((_, index) => Math.floor(index / (group.length / repeat)) + 1))
const fp32 = all.map(({ inputs, isOther }, index) => (isOther ? undefined : runWeb(web, models[index]!, inputs)))
const rows = all.map(({ name, inputs }, index) => ({
  name: `${name}, ${times[index]}`,
  model: base64(models[index]!),
  inputs: inputs.map(base64),
  ...(double[index] === undefined ? {} : { double: base64(double[index]) }),
  ...(fp32[index] === undefined ? {} : { fp32: base64(fp32[index]) }),
}))
writeFileSync(join(import.meta.dirname, 'operators.json'), `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`)
console.log(
  `${rows.length} cases, ${rows.filter((row) => 'double' in row).length} with double rounding, ${rows.filter((row) => 'fp32' in row).length} with fp32`,
)

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** TFLite Micro has no uint8 kernels. */
function runMicro(interpreter: string): (Uint8Array | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-vectors-'))
  try {
    for (const [index, { name, file, inputs }] of all.entries()) {
      if (name.endsWith('uint8')) continue
      writeFileSync(join(folder, `${index}.outputs`), String(file.outputs.length))
      writeFileSync(join(folder, `${index}.tflite`), models[index]!)
      for (const [position, input] of inputs.entries()) writeFileSync(join(folder, `${index}.in${position}`), input)
    }
    execFileSync(interpreter, [join(import.meta.dirname, 'double.py'), folder], { stdio: 'inherit' })
    return all.map((_, index) => (existsSync(join(folder, `${index}.double`)) ? readFileSync(join(folder, `${index}.double`)) : undefined))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function loadWeb(folder: string): Promise<Web> {
  const path = join(folder, 'wasm/tflite_web_api_cc_simd')
  const load = new Function(
    'require',
    '__filename',
    '__dirname',
    `${readFileSync(`${path}.js`, 'utf8')};return tflite_web_api_ModuleFactory`,
  )
  const factory = load(process.getBuiltinModule('node:module').createRequire(`${path}.js`), `${path}.js`, join(folder, 'wasm'))
  return factory({ wasmBinary: readFileSync(`${path}.wasm`) })
}

/** It has no kernel for some operators, and finds out late for some types. */
function runWeb(web: Web, model: Uint8Array, inputs: readonly Uint8Array[]): Uint8Array | undefined {
  const pointer = web._malloc(model.length)
  web.HEAPU8.set(model, pointer)
  const created = web.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, model.length, {
    numThreads: 1,
    enableWebNNDelegate: false,
    webNNDevicePreference: 0,
    enableProfiling: false,
    maxProfilingBufferEntries: 0,
  })
  if (!created.ok()) return undefined
  const runner = created.value()
  const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array) => new Uint8Array(buffer, byteOffset, byteLength)
  for (const [index, input] of inputs.entries()) bytes(runner.GetInputs().get(index).data()).set(input)
  if (!runner.Infer()) return undefined
  const outputs = runner.GetOutputs()
  return new Uint8Array(Buffer.concat(Array.from({ length: outputs.size() }, (_, index) => bytes(outputs.get(index).data()))))
}
