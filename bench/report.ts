/** Rows of measurements: docs/performance/results.json, and the table that people read. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Timing } from './measure.ts'

export type Row = {
  /** The part of the bench that measured it. */
  part: string
  /** What was done: '256³ to int32', a model's name. */
  work: string
  subject: string
  threads: number
  value: number
  unit: 'GMAC/s' | 'µs' | 'ms' | 'tx/s' | 'Mgas/s' | 'MiB'
  /** This subject's time over ours on the same work: above 1, Infernode is faster. */
  ratioToUs: number
  machine: string
  versions: Record<string, string>
}

export const us = 'Infernode'

export function machine(): string {
  const processors = cpus()
  return `${processors[0]?.model.trim() ?? 'unknown'} × ${processors.length}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`
}

/** Rows of one work, in GMAC/s where its multiply-adds are given, in µs otherwise. The first timing whose subject is `us` is the measure of the ratios. */
export function rowsOf(part: string, work: string, timings: readonly Timing[], macs?: number): Row[] {
  const ours = timings.find(({ subject }) => subject.name === us)
  return timings.map(({ subject, seconds }) => ({
    part,
    work,
    subject: subject.name,
    threads: 1,
    value: round(macs === undefined ? seconds * 1e6 : macs / seconds / 1e9),
    unit: macs === undefined ? 'µs' : 'GMAC/s',
    ratioToUs: round(seconds / (ours ?? timings[0]!).seconds),
    machine: machine(),
    versions: { subject: subject.version, node: process.versions.node, v8: process.versions.v8 },
  }))
}

/** Three significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}

export function markdown(rows: readonly Row[]): string {
  const lines: string[] = []
  for (const part of new Set(rows.map((row) => row.part))) {
    lines.push(`### ${part}`, '', '| work | subject | | time over ours |', '| --- | --- | ---: | ---: |')
    for (const { work, subject, value, unit, ratioToUs } of rows.filter((row) => row.part === part))
      lines.push(`| ${work} | ${subject} | ${value} ${unit} | ${ratioToUs} |`)
    lines.push('')
  }
  return lines.join('\n')
}

/** Replaces the rows of the parts that were measured and keeps the others. Answers all rows. */
export function mergeResults(file: string, rows: readonly Row[]): Row[] {
  const measured = new Set(rows.map(({ part }) => part))
  const all = [...readResults(file).filter(({ part }) => !measured.has(part)), ...rows]
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`)
  return all
}

function readResults(file: string): Row[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Row[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
