/**
 * npm run conformance [-- --write] [-- --only REGEX]: runs the ONNX standard's tests, prints what did not pass, and counts.
 * --write puts the table into docs/conformance.md; --only takes the tests whose name matches, and prints every one.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { consensusModule, reference } from '../suites/expected-bytes.ts'
import { backendFolder, conformanceTests, testClasses } from './suite.ts'
import { conformancePage, type Outcome, statuses, unexplained } from './table.ts'
import { verdictOf } from './verdict.ts'

const { write, only } = parseArgs({ options: { write: { type: 'boolean', default: false }, only: { type: 'string' } } }).values
const tests = conformanceTests()
if (tests === undefined) throw new Error(`no ${backendFolder}: the tests of the ONNX standard are not there`)
const executors = [reference(), consensusModule('simd')]
const wanted = only === undefined ? tests : tests.filter(({ name }) => new RegExp(only).test(name))
const outcomes: Outcome[] = []
for (const test of wanted) outcomes.push({ test, verdict: await verdictOf(test, executors) })
for (const { test, verdict } of outcomes) {
  if (verdict.status === 'failed' || only !== undefined)
    console.log(
      `${verdict.status} ${test.name}: ${verdict.status === 'passed' ? `held constant: ${verdict.constants.length}` : verdict.reason}`,
    )
}
const table = new Table({ head: ['class', 'tests', ...statuses], style: { head: [], border: [], compact: true } })
for (const testClass of testClasses) {
  const own = outcomes.filter(({ test }) => test.testClass === testClass)
  const count = (status: string) => own.filter(({ verdict }) => verdict.status === status).length
  table.push([testClass, own.length, ...statuses.map(count)])
}
console.log(table.toString())
if (write) {
  if (only !== undefined) throw new Error('--write wants all tests')
  writeFileSync(join(import.meta.dirname, '../../docs/conformance.md'), conformancePage(outcomes))
}
for (const { test } of unexplained(outcomes)) console.log(`no cause is known of ${test.name}`)
// onnxruntime leaves threads behind.
process.exit(unexplained(outcomes).length > 0 || outcomes.some(({ verdict }) => verdict.status === 'failed') ? 1 : 0)
