/**
 * Measures every operator, or those named, in this process, whose flags decide V8's tier: node [--liftoff-only] child.ts TIER quick|full [OPERATOR…]
 * Writes the samples as JSON to stdout, and what it is doing to stderr.
 */
import { createHost } from '../../runtime/host/host.ts'
import { type Instance, instantiate } from '../../runtime/host/instance.ts'
import { findModule, loadModule } from '../../runtime/host/load-module.ts'
import { operators } from '../../runtime/model/operators.ts'
import type { Rounding } from '../../runtime/model/types.ts'
import { median } from '../measure.ts'
import { type BenchCase, benchArtifact, type OperatorBench } from '../one-operator.ts'
import { awkward } from './cases.ts'
import type { Sample, Tier, Times } from './data.ts'

const [tier, speed, ...only] = process.argv.slice(2) as [Tier, string, ...string[]]
const effort = speed === 'quick' ? { coldRuns: 3, rounds: 3, roundNs: 1e6 } : { coldRuns: 7, rounds: 7, roundNs: 3e6 }
/** Longer than this, and CPU time, in whole microseconds, is measured instead of the clock. */
const shortNs = 1e5

const wasm = loadModule(findModule('infernode.wasm'))
const compiled = new WebAssembly.Module(wasm as BufferSource)
const host = createHost({ wasm })

/** More than a core's own caches hold. */
const evictor = new Uint32Array(2 ** 23)

function evict(): void {
  for (let at = 0; at < evictor.length; at += 16) evictor[at]!++
}

function clockNs(work: () => void): number {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start)
}

function cpuNs(work: () => void): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return 1000 * (user + system)
}

/** Warm: the fastest round. Cold: the median of single runs, each after `prepare` and an eviction. */
function time(work: () => void, prepare = () => {}): Times {
  prepare()
  work() // compiles
  prepare()
  const once = clockNs(work)
  const calls = Math.max(1, Math.round(effort.roundNs / once))
  const measure = once > shortNs ? cpuNs : clockNs
  const warm = Array.from({ length: effort.rounds }, () => {
    prepare()
    return (
      measure(() => {
        for (let call = 0; call < calls; call++) work()
      }) / calls
    )
  })
  const cold = Array.from({ length: effort.coldRuns }, () => {
    prepare()
    evict()
    return measure(work)
  })
  return { warm: Math.round(Math.min(...warm)), cold: Math.round(median(cold)) }
}

const samples: Sample[] = []

function add(operator: string, shapes: string, units: number[], times: Times): void {
  samples.push({ operator, case: shapes, units, times: { [tier]: times } })
}

/** What is charged for an instance beside its pages, in pages (docs/embedding.md, "Work and prices"). */
const instancePages = 16

/** A work vector with these slots. */
function units(slots: Record<number, number>): number[] {
  return Array.from({ length: 16 }, (_, slot) => slots[slot] ?? 0)
}

function instanceFor(artifact: Uint8Array): Instance {
  const instance = instantiate(compiled, host.plan(artifact).pages)
  instance.write(instance.exports.artifactPointer(), artifact)
  return instance
}

function checked(status: number): void {
  if (status !== 0) throw new Error(`the module refuses the artifact with status ${status}`)
}

function measureOperator({ operator }: OperatorBench, shapes: BenchCase, rounding: Rounding): void {
  const { artifact, input } = benchArtifact(operator, rounding, shapes)
  const { exports, write, readWords } = instanceFor(artifact)
  checked(exports.load(artifact.length))
  write(exports.inputPointer(), input)
  const work = readWords(exports.workPointer()).map(Number)
  const times = time(() => checked(exports.run()))
  // What is paid for running alone: slots 1 to 10.
  const name = shapes.requantizations === undefined ? shapes.name : `${shapes.name}, ${rounding}`
  add(operator, name, units(Object.fromEntries(work.slice(0, 11).map((count, slot) => [slot, slot === 0 ? 0 : count]))), times)
}

async function measureOperators(): Promise<void> {
  for (const { name } of operators.filter(({ name }) => only.length === 0 || only.includes(name))) {
    process.stderr.write(`${tier}: ${name}\n`)
    const { bench } = (await import(`../ops/${name}.ts`)) as { bench: OperatorBench }
    for (const shapes of [...bench.cases, ...(awkward[name] ?? [])])
      for (const rounding of (shapes.requantizations ?? 0) > 0 ? (['fp32', 'single', 'double'] as const) : (['double'] as const))
        measureOperator(bench, shapes, rounding)
  }
}

/** The artifact of a layer without activations: what is charged by its bytes. */
const layers: [string, number, number][] = [
  ['1024 → 1024', 1024, 1024],
  ['4096 → 2048', 4096, 2048],
  ['1 → 30000', 1, 30_000],
  ['30000 → 1', 30_000, 1],
  ['1021 → 513', 1021, 513],
]

function layerArtifact(depth: number, outputs: number, rounding: Rounding): Uint8Array {
  return benchArtifact('fullyConnected', rounding, {
    name: '',
    operands: [{ shape: [1, depth] }, { shape: [outputs, depth], constant: true }],
    result: { shape: [1, outputs] },
    attributes: [0, 0, 0, -128, 127],
    requantizations: outputs,
  }).artifact
}

/** A first use (memory, module, weights) and an activation. */
function measureArtifacts(): void {
  for (const [name, depth, outputs] of layers)
    for (const rounding of ['fp32', 'double'] as const) {
      const artifact = layerArtifact(depth, outputs, rounding)
      const { pages, work } = host.plan(artifact)
      const firstUse = time(() => {
        const { exports, write } = instantiate(compiled, pages)
        write(exports.artifactPointer(), artifact)
        checked(exports.load(artifact.length))
      })
      add('first use', `${name}, ${rounding}`, units({ 13: Number(work[13]), 14: pages + instancePages }), firstUse)
      const { exports, write } = instanceFor(artifact)
      const activation = time(
        () => {
          exports.identify(artifact.length)
          checked(exports.measure(artifact.length))
        },
        () => write(exports.artifactPointer(), artifact),
      )
      add('activation', `${name}, ${rounding}`, units({ 15: artifact.length }), activation)
    }
}

/** Memories, every page of them touched. */
function measureInstances(): void {
  for (const pages of [16, 64, 256, 1024]) {
    const zeros = new Uint8Array(pages * 65536 - 65536)
    const times = time(() => {
      const { write, exports } = instantiate(compiled, pages)
      write(exports.artifactPointer() & 0xffff, zeros)
    })
    add('instance', `${pages} pages`, units({ 14: pages + instancePages }), times)
  }
}

/** The host's part of a run: the least that is called at all, and what lies in and out. */
function measureCalls(): void {
  const { artifact, input } = benchArtifact('reshape', 'double', { name: '', operands: [{ shape: [1] }], result: { shape: [1, 1] } })
  const running = host.open(artifact)
  const work = running.work.map(Number)
  add(
    'call',
    '1 byte',
    units({ ...work.slice(0, 13), 0: 1 }),
    time(() => void running.run(input)),
  )
  for (const length of [2 ** 16, 2 ** 20, 2 ** 24]) {
    const instance = instantiate(compiled, length / 65536 + 16)
    const bytes = new Uint8Array(length).fill(1)
    const at = 65536 * 8
    add(
      'copy in',
      `${length} bytes`,
      units({ 11: length }),
      time(() => instance.write(at, bytes)),
    )
    add(
      'copy out',
      `${length} bytes`,
      units({ 12: length }),
      time(() => void instance.read(at, length)),
    )
  }
}

if (only.length === 0) {
  measureCalls()
  measureInstances()
  measureArtifacts()
}
await measureOperators()
process.stdout.write(JSON.stringify(samples))
