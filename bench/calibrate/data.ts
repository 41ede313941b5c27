/** The data set of a calibration: docs/performance/calibration.json. */
import { readFileSync } from 'node:fs'

/** Nanoseconds of one run with warm caches and with cold ones. */
export type Times = { warm: number; cold: number }

export type Tier = 'baseline' | 'optimized'

export type Sample = {
  /** An operator's name, or what else a call is charged for: call, copy in, copy out, instance, first use, activation. */
  operator: string
  case: string
  /** What is charged, by slot of the work vector; slot 0 counts the calls. */
  units: number[]
  /** By V8's tier. */
  times: Partial<Record<Tier, Times>>
}

export type DataSet = {
  machine: string
  versions: Record<string, string>
  samples: Sample[]
}

/** Nanoseconds in the worst state that was measured in the baseline tier. */
export function worst({ operator, case: shapes, times }: Sample): number {
  if (times.baseline === undefined) throw new Error(`${operator} ${shapes} has not been measured in the baseline tier`)
  return Math.max(times.baseline.warm, times.baseline.cold)
}

export function readDataSet(file: URL): DataSet {
  return JSON.parse(readFileSync(file, 'utf8')) as DataSet
}

/** One line for each sample, so that two data sets can be compared. */
export function dataSetText({ machine, versions, samples }: DataSet): string {
  const lines = samples.map((sample) => `    ${JSON.stringify(sample)}`).join(',\n')
  return `{\n  "machine": ${JSON.stringify(machine)},\n  "versions": ${JSON.stringify(versions)},\n  "samples": [\n${lines}\n  ]\n}\n`
}
