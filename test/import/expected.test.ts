import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, executors, expectedModels, knownRoundings } from '../suites/expected-bytes.ts'

for (const executor of executors())
  for (const model of expectedModels())
    for (const rounding of knownRoundings(model))
      test(`${model.name}, ${rounding}: ${executor.name} gives the expected bytes`, () => {
        const { differing, total } = compare(model, rounding, executor)
        assert.ok(total > 0)
        assert.equal(differing, model.exceptions?.[rounding]?.differing ?? 0)
      })
