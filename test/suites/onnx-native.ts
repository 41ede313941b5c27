/**
 * npm run bytes:native [-- --write] [-- --seed N]: the committed and the public ONNX models on fresh random inputs, the consensus module
 * against native onnxruntime (onnxruntime-node of bench/peers: npm ci --prefix bench/peers --ignore-scripts). QOperator models run unfused,
 * QDQ models fused (extended: unfused, onnxruntime computes them in float32). --write puts the table into docs/onnxruntime.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ImportedPort } from '../../runtime/import/artifact.ts'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { quantizedOperators } from '../../runtime/import/onnx/names.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import { consensusModule } from './expected-bytes.ts'
import { importCase, type OnnxCase, onnxCases, portBytes, portNumbers, sharedOnnxCases } from './onnx-bytes.ts'

type Tensor = { readonly data: ArrayLike<number | bigint> }
type Session = {
  readonly outputNames: readonly string[]
  run(feeds: Record<string, unknown>, outputs: readonly string[]): Promise<Record<string, Tensor>>
  release(): Promise<void>
}
type Runtime = {
  readonly env: { readonly versions: { readonly node: string }; logLevel: string }
  readonly Tensor: new (type: string, data: unknown, shape: readonly number[]) => unknown
  readonly InferenceSession: { create(model: Uint8Array, options: Record<string, unknown>): Promise<Session> }
}

type Level = 'disabled' | 'extended'
type Row = { readonly name: string; readonly level: Level; readonly differing: number; readonly total: number; readonly note: string }

const root = join(import.meta.dirname, '../..')
const samples = 8
const { write, seed: given } = parseArgs({ options: { write: { type: 'boolean', default: false }, seed: { type: 'string' } } }).values
const seed = given === undefined ? Date.now() % 2 ** 31 : Number(given)
const runtime = nativeRuntime()
const executor = consensusModule('simd')

const rows: Row[] = []
for (const one of [...onnxCases(), ...sharedOnnxCases()]) {
  const row = await compared(one)
  if (row !== undefined) rows.push(row)
}
const equal = rows.filter(({ differing }) => differing === 0).length
const page = report()
console.log(page)
if (write) writeFileSync(join(root, 'docs/onnxruntime.md'), page)
process.exit(rows.every(({ differing, note }) => differing === 0 || note !== '') ? 0 : 1)

function nativeRuntime(): Runtime {
  const folder = join(root, 'bench/peers/package.json')
  try {
    return createRequire(folder)('onnxruntime-node') as Runtime
  } catch (error) {
    throw new Error('onnxruntime-node is not there: npm ci --prefix bench/peers --ignore-scripts', { cause: error })
  }
}

/** undefined for a model that is not imported. */
async function compared(one: OnnxCase): Promise<Row | undefined> {
  const graph = parseOnnx(one.model, noExternalFiles)
  const isQdq = graph.nodes.some(({ op }) => op.endsWith('DequantizeLinear')) && graph.nodes.some(({ op }) => !quantizedOperators.test(op))
  const level: Level = isQdq ? 'extended' : 'disabled'
  const imported = importedOr(one)
  if (imported === undefined) return undefined
  const session = await runtime.InferenceSession.create(one.model, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  })
  const run = executor.open(imported.bytes, imported.model)
  const random = randomNumbers(seed)
  let [differing, total] = [0, 0]
  for (let sample = 0; sample < samples; sample += 1) {
    const numbers = new Map(imported.inputs.map((port) => [port.name, randomInput(port, random)]))
    const feeds = Object.fromEntries(
      imported.inputs.map((port) => [
        port.name,
        new runtime.Tensor(port.source, arrayOf(port.source, numbers.get(port.name)!), port.sourceShape ?? port.shape),
      ]),
    )
    const wanted = await session.run(
      feeds,
      imported.outputs.map(({ name }) => name),
    )
    const got = portNumbers(
      imported.outputs,
      run(new Uint8Array(Buffer.concat(imported.inputs.map((port) => portBytes(port, numbers.get(port.name)!))))),
    )
    for (const [at, { name }] of imported.outputs.entries()) {
      const expected = Array.from(wanted[name]!.data, Number)
      total += expected.length
      differing += expected.filter((value, index) => value !== got[at]![index]).length
    }
  }
  await session.release()
  return {
    name: one.name,
    level,
    differing,
    total,
    note: one.note ?? imported.report.notes.find((text) => /may differ|may give the other/.test(text)) ?? '',
  }
}

function importedOr(one: OnnxCase) {
  try {
    return importCase(one)
  } catch {
    return undefined
  }
}

function randomNumbers(from: number): () => number {
  let state = from
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Of an integer type its whole range, of float32 what the port's scale reaches and a little more. */
function randomInput({ source, scale, zeroPoint, shape }: ImportedPort, random: () => number): number[] {
  const count = shape.reduce((product, size) => product * size, 1)
  const one = () => {
    if (source === 'uint8') return Math.floor(random() * 256)
    if (source === 'int8') return Math.floor(random() * 256) - 128
    if (source === 'float32') return Math.fround((random() * 264 - 132 - zeroPoint) * scale)
    return Math.floor(random() * 200) - 100
  }
  return Array.from({ length: count }, one)
}

function arrayOf(type: string, numbers: readonly number[]): ArrayBufferView {
  if (type === 'uint8') return Uint8Array.from(numbers)
  if (type === 'int8') return Int8Array.from(numbers)
  if (type === 'float32') return Float32Array.from(numbers)
  return type === 'int64' ? BigInt64Array.from(numbers, BigInt) : Int32Array.from(numbers)
}

/** Instruction sets that decide which kernels onnxruntime takes. */
function features(): string {
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''
  const known = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'asimddp'].filter((flag) => new RegExp(`\\b${flag}\\b`).test(flags))
  return `${cpus()[0]?.model ?? 'unknown'} (${known.length === 0 ? 'no vector extension known' : known.join(', ')})`
}

function report(): string {
  const share = ((100 * equal) / rows.length).toFixed(1)
  const unequal = rows.filter(({ differing }) => differing > 0)
  return [
    '# Numbers equal to native onnxruntime’s',
    '',
    `Written by \`npm run bytes:native -- --write\`: ${samples} fresh random inputs for each model (seed ${seed}), onnxruntime-node ${runtime.env.versions.node}, ${features()}.`,
    'QOperator models run unfused (graph optimization `disabled`), QDQ models fused (`extended`): unfused, onnxruntime computes those in float32. Without VNNI its u8s8 products may saturate on x86; the artifact’s never do.',
    '',
    `${equal} of ${rows.length} models (${share} %) give the same numbers; ${rows.reduce((sum, { differing }) => sum + differing, 0)} of ${rows.reduce((sum, { total }) => sum + total, 0)} numbers differ.`,
    '',
    '| model | level | differing | numbers | cause |',
    '| --- | --- | ---: | ---: | --- |',
    ...unequal.map(({ name, level, differing, total, note }) => `| ${name} | ${level} | ${differing} | ${total} | ${note} |`),
    '',
    `Equal: ${rows
      .filter(({ differing }) => differing === 0)
      .map(({ name }) => name)
      .join(', ')}.`,
    '',
  ].join('\n')
}
