/** docs/conformance.md: what became of every test, by class and by operator. */
import { type ConformanceTest, testClasses } from './suite.ts'
import { percent, tolerance, type Verdict } from './verdict.ts'

export type Outcome = { readonly test: ConformanceTest; readonly verdict: Verdict }

export const statuses = ['passed', 'refused', 'outside', 'failed'] as const
const severalOperators = '(models of several operators)'

export function conformancePage(outcomes: readonly Outcome[]): string {
  return [
    '# Conformance to the ONNX standard’s tests',
    '',
    'Written by `npm run conformance -- --write` from the backend tests of the ONNX standard (`../shared/models/onnx_backend`). Each test is imported, and run by the plain interpreter and the consensus module.',
    '*Passed*: every output has the expected shape and every number is the expected one. *Refused*: the importer says what it does not take, or a number of the input has no room in the artifact’s type. *Failed*: anything else.',
    `A float32 model is quantized to int8 with the test’s own inputs as its one calibration sample. It passes where no number is further off than ${percent(tolerance)} of the range of the expected output (0 included), and outputs of whole numbers are equal;`,
    '*outside* are those that are further off, each with its cause below. Inputs that the importer wants constant (weights, shapes, axes) are constants; what can be computed stays an input.',
    '*Folded* are those whose every input has to be constant, so that the importer computes the result and the artifact holds it.',
    '',
    '| class | tests | passed | of these folded | refused | outside | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...testClasses.map((testClass) =>
      row(
        classNames[testClass],
        outcomes.filter(({ test }) => test.testClass === testClass),
      ),
    ),
    row('all', outcomes),
    '',
    ...outsideLines(outcomes),
    '## By operator',
    '',
    '| operator | tests | passed | of these folded | refused | outside | failed | largest error | not passed for |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
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
    return `${row(operator, own)} ${largestError(own)} | ${reasons(own)} |`
  })
}

function operatorOf({ test }: Outcome): string {
  return test.operator ?? severalOperators
}

function row(name: string, outcomes: readonly Outcome[]): string {
  const [passed, ...others] = statuses.map((wanted) => outcomes.filter(({ verdict: { status } }) => status === wanted).length)
  const folded = outcomes.filter(({ verdict }) => verdict.status === 'passed' && verdict.isFolded).length
  return `| ${name} | ${outcomes.length} | ${[passed, folded, ...others].join(' | ')} |`
}

/** Tests whose quantized numbers are further off than the tolerance, by their names, and why. */
const causes: readonly (readonly [tests: RegExp, cause: string])[] = [
  [
    /^test_attention/,
    'What must not be seen has 20 taken from its score: a step of that range is nearly a tenth, and by so much may a share be off.',
  ],
  [/^test_hardmax/, 'The largest elements are equal after quantization: the first of them counts.'],
  [
    /^test_layer_normalization\w*_expanded/,
    'The expanded form divides by a deviation that is small beside its operands; the operator itself passes.',
  ],
  [/^test_reduce_min/, 'The result is small beside the operand’s range, and half a step of that range is the error.'],
  [/^test_reduce_prod/, 'Each product is rounded to 8 bits, and the errors multiply.'],
  [/^test_round/, 'The function jumps; an operand within half a step of a jump falls to its other side.'],
  [/^test_softmax_large_number/, 'The operand’s range is 10,003, its step 39: differences of 1 within it are lost.'],
  [/^test_softmax_lastdim/, 'No result is above 0.04, the step of a softmax’s int8 is 1/256.'],
  [/^test_operator_sqrt/, 'The standard expects NaN of negative numbers, which no integer stands for.'],
  [/^test_tan/, 'Near its poles the function is many times steeper than a step of the operand.'],
  [/^test_thresholdedrelu/, 'The function jumps at its threshold, on which an operand lies.'],
]

function causeOf({ test }: Outcome): string | undefined {
  return causes.find(([tests]) => tests.test(test.name))?.[1]
}

/** Tests outside the tolerance for which no cause is written down. */
export function unexplained(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter((outcome) => outcome.verdict.status === 'outside' && causeOf(outcome) === undefined)
}

function outsideLines(outcomes: readonly Outcome[]): string[] {
  const outside = outcomes.filter(({ verdict }) => verdict.status === 'outside')
  if (outside.length === 0) return []
  const lines = outside.map(
    (outcome) =>
      `- ${outcome.test.name}: ${outcome.verdict.status === 'outside' ? outcome.verdict.reason : ''}. ${causeOf(outcome) ?? 'No cause is known.'}`,
  )
  return ['## Outside the tolerance', '', ...lines, '']
}

/** Of the quantized tests that pass. */
function largestError(outcomes: readonly Outcome[]): string {
  const errors = outcomes.flatMap(({ verdict }) => (verdict.status === 'passed' && verdict.error !== undefined ? [verdict.error] : []))
  return errors.length === 0 ? '' : percent(Math.max(...errors))
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
