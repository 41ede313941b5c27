import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classicalCases, compareClassical, sharedClassicalCases } from '../suites/classical.ts'
import { consensusModule, reference } from '../suites/expected-bytes.ts'

const executors = [reference(), consensusModule('simd')]

for (const one of [...classicalCases(), ...sharedClassicalCases()])
  test(`${one.name}: onnxruntime's classes and numbers`, () => {
    for (const executor of executors) {
      const { labels, numbers, wrongLabels, differing } = compareClassical(one, executor)
      assert.ok(labels + numbers > 0)
      assert.deepEqual({ wrongLabels, differing }, { wrongLabels: 0, differing: 0 }, executor.name)
    }
  })
