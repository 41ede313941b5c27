/**
 * Writes docs/operators.md: the artifact's operators, and what of TFLite and ONNX becomes them. `npm run docs:operators`; a test compares.
 *
 * The lists are the tables of the code (runtime/model/operators.ts, the importers' rules), operands and types those of docs/model-format.md. What an operator of a file becomes,
 * and of what types, is what the importers make of the committed test models; docs/conformance.md counts the standard's tests.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ImportError } from '../../runtime/import/errors.ts'
import { classicalRules } from '../../runtime/import/onnx/classical/rules.ts'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import { rules as onnxRules } from '../../runtime/import/onnx/rules.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { parseTflite } from '../../runtime/import/tflite/parse.ts'
import { rules as tfliteRules } from '../../runtime/import/tflite/rules.ts'
import { operators } from '../../runtime/model/operators.ts'
import { decompositions } from '../../runtime/quantize/decompose/table.ts'
import { committedSources, type Source } from './mutants.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const docsPath = join(root, 'docs/operators.md')

/** What is known of a file's operator: the artifact's operators that come of it, the types it has had, the models that have it. */
type Seen = { readonly becomes: Set<string>; readonly types: Set<string>; cases: number }

export function operatorsPage(): string {
  const [tflite, onnx] = [new Map<string, Seen>(), new Map<string, Seen>()]
  for (const source of committedSources()) look(source, source.format === 'tflite' ? tflite : onnx)
  const standard = conformance()
  const sections = [
    '# Operators\n\nWritten by `npm run docs:operators`; CI compares. What becomes of what is read off the committed test models, as the importers make artifacts of them: an operator that only moves or folds leaves none behind (–), and one without a model here is tested otherwise.',
    `## Of the artifact\n\n${artifactTable(tflite, onnx)}`,
    `## Of TensorFlow Lite\n\n*Models*: committed ones with that operator, whose bytes are TFLite's; real models beside them: [performance/bytes.md](performance/bytes.md).\n\n${tfliteTable(tflite)}`,
    `## Of ONNX\n\n*Models*: committed ones with that operator, whose numbers are onnxruntime's. *Standard*: passed of all tests of the ONNX standard with that operator, refused ones among the latter ([conformance.md](conformance.md)). *Others*: \`infernode quantize\` rewrites it into other operators first.\n\n${onnxTable(onnx, standard)}`,
  ]
  return `${sections.join('\n\n')}\n`
}

function look({ format, bytes }: Source, into: Map<string, Seen>): void {
  const seen = (op: string): Seen => {
    const known = into.get(op) ?? { becomes: new Set<string>(), types: new Set<string>(), cases: 0 }
    into.set(op, known)
    return known
  }
  const imported = importedOf(format, bytes)
  if (imported === undefined) return
  const ops = new Map<string, string>()
  if (format === 'tflite') {
    const { nodes, tensors } = parseTflite(bytes)
    for (const { op, name, inputs, outputs } of nodes) {
      ops.set(name, op)
      const types = [inputs[0], outputs[0]].map((index) => tensors[index ?? -1]?.type ?? '')
      for (const type of types) if (/^u?int(8|16|32)$/.test(type)) seen(op).types.add(type)
    }
  } else for (const { op, name } of parseOnnx(bytes, noExternalFiles).nodes) ops.set(name, op)
  for (const op of new Set(ops.values())) seen(op).cases += 1
  for (const [index, name] of imported.names.operators.entries()) {
    const op = ops.get(name)
    if (op !== undefined) seen(op).becomes.add(imported.model.operators[index]!.name)
  }
}

function importedOf(format: Source['format'], bytes: Uint8Array) {
  try {
    return format === 'tflite' ? importTflite(bytes, { rounding: 'double' }) : importOnnx(bytes, { rounding: 'fp32', allowInexact: true })
  } catch (error) {
    // A model of another rounding mode only.
    if (error instanceof ImportError && format === 'tflite') return undefined
    throw error
  }
}

function artifactTable(tflite: ReadonlyMap<string, Seen>, onnx: ReadonlyMap<string, Seen>): string {
  const declared = formatRows()
  const rows = operators.map(({ code, name }) => {
    const from = (seen: ReadonlyMap<string, Seen>) => codes([...seen].filter(([, { becomes }]) => becomes.has(name)).map(([op]) => op))
    const tests = globSync(`test/ops/${name}*.test.ts`, { cwd: root }).sort()
    return [`${code}`, `\`${name}\``, declared.get(name) ?? '', from(tflite), from(onnx), codes(tests)]
  })
  return table(['code', 'operator', 'operands and types', 'of TFLite', 'of ONNX', 'tested by'], rows)
}

/** Operands and types of each operator, as docs/model-format.md has them. */
function formatRows(): Map<string, string> {
  const rows = readFileSync(join(root, 'docs/model-format.md'), 'utf8').matchAll(/^\| \d+ \| (\w+) \| ([^|]*) \|/gm)
  return new Map([...rows].map(([, name, operands]) => [name!, operands!.trim()]))
}

function tfliteTable(seen: ReadonlyMap<string, Seen>): string {
  const rows = Object.keys(tfliteRules)
    .sort()
    .map((op) => [`\`${op}\``, becomes(seen.get(op)), [...(seen.get(op)?.types ?? [])].sort().join(', '), count(seen.get(op))])
  return table(['operator', 'becomes', 'types', 'models'], rows)
}

function onnxTable(seen: ReadonlyMap<string, Seen>, standard: ReadonlyMap<string, string>): string {
  const names = [...new Set([onnxRules, classicalRules, decompositions].flatMap((list) => Object.keys(list)))].sort()
  const result = (op: string) => (op in onnxRules || op in classicalRules ? becomes(seen.get(op)) : 'others, of float models')
  const rows = names.map((op) => [`\`${op}\``, result(op), count(seen.get(op)), standard.get(op.replace(/^.*:/, '')) ?? ''])
  return table(['operator', 'becomes', 'models', 'standard'], rows)
}

/** `passed of tests` by operator, from the table of docs/conformance.md. */
function conformance(): Map<string, string> {
  const [, rows = ''] = readFileSync(join(root, 'docs/conformance.md'), 'utf8').split('## By operator')
  return new Map(
    [...rows.matchAll(/^\| `?([\w.:]+)`? \| (\d+) \| (\d+) \|/gm)].map(([, op, tests, passed]) => [
      op!.replace(/^.*[:.]/, ''),
      `${passed} of ${tests}`,
    ]),
  )
}

const becomes = (seen: Seen | undefined) => (seen === undefined ? '' : seen.becomes.size === 0 ? '–' : codes([...seen.becomes]))
const count = (seen: Seen | undefined) => (seen === undefined ? '' : `${seen.cases}`)
const codes = (names: readonly string[]) =>
  names
    .toSorted()
    .map((name) => `\`${name}\``)
    .join(' ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

if (import.meta.main) writeFileSync(docsPath, operatorsPage())
