/**
 * npm test [-- GLOB...]: runs the test files, each in a process of its own, then the kernels' tests, unless globs choose other files.
 * One line for each file with what it prints and what failed below; the failures' names again at the end; the last line counts: `N passed, N failed`.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { createColors } from 'picocolors'
import { kernelBuilds, runKernelTests } from './test-kernels.ts'

type Counts = { passed: number; failed: number; skipped: number }
type Report = Counts & { output: string; skips: string[]; failures: string[] }

const root = dirname(import.meta.dirname)
// Plain where the report goes to a file or a pipe, CI included.
const pc = createColors(process.stdout.isTTY === true && !process.env.NO_COLOR)
const total: Counts = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

function addToTotal(counts: Counts): void {
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
}

const firstLine = (text: string) => text.split('\n', 1)[0]!

const indented = (text: string) => text.replace(/^(?=.)/gm, '    ')

function printLine(name: string, counts: Counts, durationMs: number): void {
  const sign = counts.failed > 0 ? pc.red('✗') : pc.green('✓')
  const parts = [`${counts.passed} passed`]
  if (counts.failed > 0) parts.push(pc.red(`${counts.failed} failed`))
  if (counts.skipped > 0) parts.push(pc.yellow(`${counts.skipped} skipped`))
  console.log(`${sign} ${name}  ${parts.join(', ')}  ${pc.dim(`${(durationMs / 1000).toFixed(1)} s`)}`)
}

async function runFiles(files: string[]): Promise<void> {
  const reports = new Map<string, Report>()
  const reportOf = (file: string) => {
    const report = reports.get(file) ?? { passed: 0, failed: 0, skipped: 0, output: '', skips: [], failures: [] }
    reports.set(file, report)
    return report
  }
  const finish = (file: string, durationMs: number) => {
    const report = reportOf(file)
    reports.delete(file)
    addToTotal(report)
    failures.push(...report.failures.map(firstLine))
    printLine(relative(root, file), report, durationMs)
    if (report.output) process.stdout.write(indented(report.output))
    for (const skip of report.skips) console.log(pc.yellow(`    skipped ${skip}`))
    for (const failure of report.failures) console.log(indented(failure))
  }

  for await (const { type, data } of run({ files, concurrency: availableParallelism() })) {
    // A helper that several files import may define tests: the entry file is what they belong to.
    const entry = data as { file?: string; entryFile?: string }
    const file = entry.entryFile ?? entry.file ?? ''
    if (type === 'test:stdout' || type === 'test:stderr') reportOf(file).output += data.message
    else if (type === 'test:pass' || type === 'test:fail') {
      // A suite, or a test that failed by its subtests alone, is counted by what is in it.
      const isParent = type === 'test:fail' && (data.details.error as { failureType?: string }).failureType === 'subtestsFailed'
      if (data.details.type === 'suite' || isParent) continue
      const isWholeFile = data.name === file
      const report = reportOf(file)
      if (data.skip !== undefined && data.skip !== false) {
        report.skipped++
        report.skips.push(`${data.name}: ${data.skip === true ? 'no reason given' : data.skip}`)
      } else if (type === 'test:pass') report.passed += isWholeFile ? 0 : 1
      else {
        report.failed++
        const name = isWholeFile ? 'the file itself failed' : data.name
        report.failures.push(`${pc.red('✗')} ${name} (${relative(root, file)}:${data.line})\n${indented(explain(data.details.error))}`)
      }
      if (isWholeFile) finish(file, data.details.duration_ms)
    } else if (type === 'test:summary' && data.file !== undefined) finish(file, data.duration_ms)
  }
  for (const file of [...reports.keys()]) if (file !== '') finish(file, 0)
}

/** The error that the test threw, without the runner's wrapping and its frames. */
function explain(error: Error): string {
  const cause = error.cause ?? error
  if (!(cause instanceof Error)) return inspect(cause)
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !/\((?:node:|internal)/.test(line))
  return [cause.message, ...frames].join('\n')
}

async function runKernels(): Promise<void> {
  for (const build of kernelBuilds) {
    const { passed, failed, output, durationMs } = await runKernelTests(root, build)
    const counts = { passed, failed, skipped: 0 }
    addToTotal(counts)
    printLine(`test/kernels (as-pect, ${build})`, counts, durationMs)
    if (failed === 0) continue
    failures.push(`${pc.red('✗')} test/kernels (as-pect, ${build})`)
    console.log(indented(output))
  }
}

const chosen = process.argv.slice(2)
const globs = chosen.length > 0 ? chosen : ['test/**/*.test.ts']
const files = globSync(globs, { cwd: root, exclude: (name) => name === 'node_modules' })
  .sort()
  .map((path) => join(root, path))

console.log(`Running ${files.length} test files on ${availableParallelism()} cores.`)
await runFiles(files)
if (chosen.length === 0) await runKernels()
if (files.length === 0) total.failed++

if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`)
if (total.skipped > 0) console.log(`\n${total.skipped} skipped, with the reason above.`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
