import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { docsPath, operatorsPage } from '../suites/operators-page.ts'

test('docs/operators.md is what the tables and the test models say (npm run docs:operators)', () => {
  const page = operatorsPage()
  assert.equal(readFileSync(docsPath, 'utf8'), page)
  assert.match(page, /^\| `CONV_2D` \| `conv2d`.* \| int16, int8, uint8 \| \d+ \|$/m)
  assert.match(page, /^\| `ai\.onnx\.ml:TreeEnsembleClassifier` \| .*`treeEnsemble`/m)
})
