/**
 * npm run bytes [-- --write]: compares every known model with its expected bytes, by the plain interpreter and both builds of the module;
 * --write puts the table into docs/performance/bytes.md.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bytesTable, compare, executors, expectedModels, knownRoundings, type Row } from './expected-bytes.ts'

const { write } = parseArgs({ options: { write: { type: 'boolean', default: false } } }).values
const runners = executors()
const models = expectedModels()
const rows = models.flatMap((model) =>
  knownRoundings(model).flatMap((rounding) => runners.map((executor) => compare(model, rounding, executor))),
)
const differing = rows.reduce((sum, row) => sum + row.differing, 0)
const summary = `${differing} of ${rows.reduce((sum, { total }) => sum + total, 0)} bytes differ`
console.log(bytesTable(rows))
console.log(summary)
const exceptions = models.flatMap(({ name, exceptions = {} }) => Object.entries(exceptions).map((entry) => [name, ...entry] as const))
const unexplained = rows.filter(
  ({ model, rounding, differing }) =>
    differing !== (exceptions.find(([name, mode]) => name === model && mode === rounding)?.[2].differing ?? 0),
)
if (write) writeFileSync(new URL('../../docs/performance/bytes.md', import.meta.url), page(rows, summary))
process.exitCode = unexplained.length === 0 ? 0 : 1

function page(rows: readonly Row[], summary: string): string {
  const names = [...new Set(rows.map(({ executor }) => executor))]
  const lines = [
    '# Bytes equal to the source framework’s',
    '',
    'Written by `npm run bytes -- --write`: output bytes that differ, over all samples. Expected bytes: `double` and `single` from the reference kernels of TFLite Micro with double',
    'and single rounding, `fp32` from TFLite with XNNPACK. A mode is left out where that runtime does not take the model.',
    '',
    `| model | rounding | samples | bytes | ${names.join(' | ')} |`,
    `| --- | --- | ---: | ---: |${' ---: |'.repeat(names.length)}`,
  ]
  for (const { model, rounding, samples, total } of rows.filter(({ executor }) => executor === names[0])) {
    const cells = names.map(
      (name) => rows.find((row) => row.model === model && row.rounding === rounding && row.executor === name)?.differing,
    )
    lines.push(`| ${model.replace('__', ' ')} | ${rounding} | ${samples} | ${total} | ${cells.join(' | ')} |`)
  }
  const causes = exceptions.map(([name, mode, { cause }]) => `- ${name.replace('__', ' ')}, ${mode}: ${cause}.`)
  return [...lines, '', `${summary}.`, '', ...(causes.length > 0 ? ['What differs:', ...causes, ''] : [])].join('\n')
}
