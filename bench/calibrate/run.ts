/**
 * npm run calibrate [-- --quick] [--anchor N] [--fit] [--only OPERATOR,…]
 *
 * Measures what every operator takes in a process of V8's baseline tier and in one of its optimizing tier, and fits the prices to it:
 * docs/performance/calibration.json (the data set), calibration.md and calibration.svg, and on stdout the prices for precompiles/gas.ts.
 *
 * --quick   fewer runs, the baseline tier alone; writes no file
 * --anchor  millions of gas in a second of the worst state; 100 where it is left out
 * --fit     from the data set that is there, without measuring
 * --only    measures these operators and leaves the others' measurements as they are
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { priceNames } from '../../precompiles/gas.ts'
import { operators } from '../../runtime/model/operators.ts'
import { machine } from '../report.ts'
import { type DataSet, dataSetText, readDataSet, type Sample, type Tier } from './data.ts'
import { defaultAnchor, fitPrices, priced } from './fit.ts'
import { plot } from './plot.ts'
import { report } from './report.ts'

const folder = new URL('../../docs/performance/', import.meta.url)
const file = (name: string) => new URL(name, folder)
const child = fileURLToPath(new URL('child.ts', import.meta.url))

/** One thread: CPU time is then that of the run alone. */
const flags: Readonly<Record<Tier, readonly string[]>> = {
  baseline: ['--single-threaded', '--liftoff-only'],
  optimized: ['--single-threaded', '--no-liftoff'],
}

async function measured(tier: Tier, isQuick: boolean, only: readonly string[]): Promise<Sample[]> {
  const { stdout } = spawn(process.execPath, [...flags[tier], child, tier, isQuick ? 'quick' : 'full', ...only], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = await text(stdout)
  if (output === '') throw new Error(`the ${tier} tier could not be measured`)
  return JSON.parse(output) as Sample[]
}

async function measureAll(isQuick: boolean, only: readonly string[]): Promise<DataSet> {
  const samples = await measured('baseline', isQuick, only)
  const optimized = isQuick ? [] : await measured('optimized', isQuick, only)
  for (const [at, { times }] of optimized.entries()) Object.assign(samples[at]!.times, times)
  const { node, v8 } = process.versions
  return { machine: machine(), versions: { node, v8 }, samples }
}

/** What was measured before, then what is new. */
function merged(data: DataSet, before: readonly Sample[]): DataSet {
  return { ...data, samples: [...before, ...data.samples] }
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    fit: { type: 'boolean', default: false },
    anchor: { type: 'string' },
    only: { type: 'string' },
  },
})
const anchor = Number(values.anchor ?? defaultAnchor)
if (!(anchor > 0)) throw new Error(`--anchor is ${values.anchor}, wanted millions of gas in a second, above 0`)
const only = values.only?.split(',') ?? []
const unknown = only.find((name) => !operators.some((operator) => operator.name === name))
if (unknown !== undefined) throw new Error(`--only names ${unknown}, which is no operator`)
const known = values.fit || only.length > 0 ? readDataSet(file('calibration.json')) : undefined
const kept = known?.samples.filter(({ operator }) => !only.includes(operator)) ?? []
const data = values.fit ? known! : merged(await measureAll(values.quick, only), kept)
const prices = fitPrices(data, { anchor })
const rows = priced(data, prices)
if (!values.quick) {
  writeFileSync(file('calibration.json'), dataSetText(data))
  writeFileSync(file('calibration.md'), report(data, rows, prices, anchor))
  writeFileSync(file('calibration.svg'), plot(rows, anchor))
}
console.log(report(data, rows, prices, anchor))
for (const name of priceNames) console.log(`  ${name}: ${prices[name].toLocaleString('en').replaceAll(',', '_')}n,`)
