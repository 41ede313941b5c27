import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { reference } from '../suites/expected-bytes.ts'
import { backendFolder, conformanceTests, type TestClass } from './suite.ts'
import { classNames, type Outcome } from './table.ts'
import { verdictOf } from './verdict.ts'

const executors = [reference()]
const tests = conformanceTests()
if (tests === undefined) console.log(`no ${backendFolder}: the tests of the ONNX standard are not run`)
const skip = tests === undefined

const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')

/** Number of tests of a class, and of those that pass, as the page has them. */
function claimed(testClass: TestClass): number[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${classNames[testClass]} |`))!
  return line.split('|').slice(2, 4).map(Number)
}

async function outcomesOf(testClass: TestClass): Promise<Outcome[]> {
  const own = tests!.filter((one) => one.testClass === testClass)
  return await Promise.all(own.map(async (one) => ({ test: one, verdict: await verdictOf(one, executors) })))
}

for (const testClass of ['integer', 'quantized'] as const)
  test(`no ${testClass} test of the ONNX standard fails, and docs/conformance.md claims no more than passes`, { skip }, async () => {
    const outcomes = await outcomesOf(testClass)
    assert.deepEqual(
      outcomes.filter(({ verdict }) => verdict.status === 'failed').map((outcome) => [outcome.test.name, outcome.verdict]),
      [],
    )
    const [all, passed] = claimed(testClass)
    assert.equal(all, outcomes.length)
    assert.ok(passed! > 0 && passed! <= outcomes.filter(({ verdict }) => verdict.status === 'passed').length)
  })

test('a number that differs from the expected one is a failure', { skip }, async () => {
  const one = tests!.find(({ name }) => name === 'test_matmulinteger')!
  const wrong = () =>
    one.sets().map((set) => {
      const [output] = set.outputs
      output!.int32Data = [1]
      output!.rawData = output!.rawData.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
      return set
    })
  assert.equal((await verdictOf(one, executors)).status, 'passed')
  assert.deepEqual(await verdictOf({ ...one, sets: wrong }, executors), {
    status: 'failed',
    code: 'difference',
    reason: '1 of 8 numbers of output "Y" differ',
  })
})

test('a test whose operator the importer does not know is refused by its name', { skip }, async () => {
  const one = tests!.find(({ name }) => name === 'test_image_decoder_decode_bmp_rgb')!
  const verdict = await verdictOf(one, executors)
  assert.equal(verdict.status, 'refused')
  assert.match(verdict.status === 'refused' ? verdict.reason : '', /operator ImageDecoder is not supported/)
})
