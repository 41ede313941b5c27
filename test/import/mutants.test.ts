import assert from 'node:assert/strict'
import { test } from 'node:test'
import { committedSources, importMutant, mutants, type Outcome } from '../suites/mutants.ts'

const count = 500
/** Far above what a sound file takes, so that a slow machine passes and a file that hangs does not. */
const mostMs = 10_000

test(`${count} mutants of sound files are imported, or refused with a code; npm run fuzz does as many as wanted`, () => {
  const results = new Map<Outcome['result'], number>()
  for (const mutant of mutants(count, 4, committedSources())) {
    const { result, milliseconds } = importMutant(mutant)
    assert.ok(milliseconds < mostMs, `${mutant.name} takes ${milliseconds} ms`)
    results.set(result, (results.get(result) ?? 0) + 1)
  }
  for (const result of ['imported', 'malformed', 'unsupported'] as const) assert.ok((results.get(result) ?? 0) > count / 20, result)
})

test('one seed gives the same mutants', () => {
  const [first, second] = [1, 2].map(() => [...mutants(20, 9, committedSources())].map(({ bytes }) => Buffer.from(bytes).toString('hex')))
  assert.deepEqual(first, second)
})
