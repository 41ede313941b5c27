import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, expectedModels, knownRoundings, reference } from '../suites/expected-bytes.ts'

for (const model of expectedModels())
  for (const rounding of knownRoundings(model))
    test(`${model.name}, ${rounding}: the plain interpreter gives the expected bytes`, () => {
      const { differing, total } = compare(model, rounding, reference())
      assert.ok(total > 0)
      assert.equal(differing, 0)
    })
