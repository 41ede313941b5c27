/**
 * npm run fuzz [-- --count 10000 --seed 1]: mutants of model files, each imported, or refused with a code by the importer or by the module, in
 * bounded time and memory.
 * Prints how many came to what, the slowest and the most memory; writes what fails to build/fuzz and ends with status 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { importMutant, type Mutant, mutants, sources } from './mutants.ts'

/** Far above what a sound file of the corpus takes; what hangs or asks for too much does not keep to it. */
const limits = { milliseconds: 10_000, memoryMiB: 2048 } as const

const { values } = parseArgs({ options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } } })
const folder = join(import.meta.dirname, '../../build/fuzz')
const counts = new Map<string, Record<string, number>>()
let slowest = 0
let failed = 0

function fail(index: number, mutant: Mutant, reason: string): void {
  failed += 1
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${values.seed}-${index}.${mutant.format}`)
  writeFileSync(file, mutant.bytes)
  console.log(`${file} (of ${mutant.name}, ${mutant.rounding}${mutant.allowInexact ? ', inexact' : ''}): ${reason}`)
}

let index = 0
for (const mutant of mutants(Number(values.count), Number(values.seed), sources())) {
  try {
    const { result, milliseconds } = importMutant(mutant)
    slowest = Math.max(slowest, milliseconds)
    const row = counts.get(mutant.format) ?? {}
    row[result] = (row[result] ?? 0) + 1
    counts.set(mutant.format, row)
    if (milliseconds > limits.milliseconds) fail(index, mutant, `takes ${Math.round(milliseconds)} ms`)
  } catch (error) {
    fail(index, mutant, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  index += 1
}

const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024)
const results = ['imported', 'malformed', 'unsupported', 'rounding', 'refused by the module']
const table = new Table({ head: ['format', ...results], style: { head: [], border: [] } })
for (const [format, row] of counts) table.push([format, ...results.map((result) => row[result] ?? 0)])
console.log(table.toString())
console.log(
  `${index} mutants of seed ${values.seed}: ${failed} failed; the slowest took ${Math.round(slowest)} ms, all of it at most ${peakMiB} MiB`,
)
process.exitCode = failed === 0 && peakMiB <= limits.memoryMiB ? 0 : 1
