/** docs/conformance.md: what became of every test, by class and by operator. */
import { type ConformanceTest, testClasses } from './suite.ts'
import type { Verdict } from './verdict.ts'

export type Outcome = { readonly test: ConformanceTest; readonly verdict: Verdict }

const statuses = ['passed', 'refused', 'failed'] as const
const severalOperators = '(models of several operators)'

export function conformancePage(outcomes: readonly Outcome[]): string {
  return [
    '# Conformance to the ONNX standard’s tests',
    '',
    'Written by `npm run conformance -- --write` from the backend tests of the ONNX standard (`../shared/models/onnx_backend`). Each test is imported, and run by the plain interpreter and the consensus module.',
    '*Passed*: every output has the expected shape and every number is the expected one. *Refused*: the importer says what it does not take, or a number of the input has no room in the artifact’s type. *Failed*: anything else.',
    '',
    '| class | tests | passed | refused | failed |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...testClasses.map((testClass) =>
      row(
        classNames[testClass],
        outcomes.filter(({ test }) => test.testClass === testClass),
      ),
    ),
    row('all', outcomes),
    '',
    '## By operator',
    '',
    '| operator | tests | passed | refused | failed | refused for |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...operatorRows(outcomes),
    '',
  ].join('\n')
}

export const classNames = {
  integer: 'integer: every tensor is of whole numbers or bool',
  quantized: 'quantized: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, QLinear…, …Integer',
  float: 'float32',
  other: 'other: float16, float64, strings, sequences …',
} as const

function operatorRows(outcomes: readonly Outcome[]): string[] {
  const operators = [...new Set(outcomes.map(operatorOf))].sort()
  return operators.map((operator) => {
    const own = outcomes.filter((outcome) => operatorOf(outcome) === operator)
    return `${row(operator, own)} ${reasons(own)} |`
  })
}

function operatorOf({ test }: Outcome): string {
  return test.operator ?? severalOperators
}

function row(name: string, outcomes: readonly Outcome[]): string {
  const counts = statuses.map((wanted) => outcomes.filter(({ verdict: { status } }) => status === wanted).length)
  return `| ${name} | ${outcomes.length} | ${counts.join(' | ')} |`
}

const mostReasons = 4

/** The reasons, the most frequent first. */
function reasons(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of outcomes) {
    if (verdict.status === 'passed') continue
    const reason = `\`${verdict.code}\` ${verdict.reason}`.split('\n', 1)[0]!.replaceAll('|', '/')
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const shown = sorted.slice(0, mostReasons).map(([reason, count]) => `${count} × ${reason}`)
  return [...shown, ...(sorted.length > mostReasons ? [`${sorted.length - mostReasons} more`] : [])].join('<br>')
}
