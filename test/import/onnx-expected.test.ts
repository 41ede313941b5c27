import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { consensusModule, reference } from '../suites/expected-bytes.ts'
import { compareOnnx, importCase, type OnnxCase, onnxCases, onnxTable, sharedOnnxCases } from '../suites/onnx-bytes.ts'

const executors = [reference(), consensusModule('simd')]

function equal(one: OnnxCase): void {
  for (const executor of executors) {
    const { differing, total } = compareOnnx(one, executor)
    assert.ok(total > 0)
    assert.equal(differing, 0, executor.name)
  }
}

for (const one of onnxCases()) test(`${one.name}: onnxruntime's numbers`, () => equal(one))

for (const one of sharedOnnxCases()) {
  const refusal = refusalOf(one)
  if (refusal === undefined) test(`${one.name}: the expected numbers`, () => equal(one))
  else test(`${one.name}: refused by name`, () => assert.match(refusal, /^the model has \d+ unsupported places?:\n {2}\S/))
}

test('the table of models tells what differs', () => {
  const row = compareOnnx(onnxCases().at(-1)!, executors[0]!)
  assert.match(onnxTable([row]), /digits as ONNX .*│ 0 /)
})

function refusalOf(one: OnnxCase): string | undefined {
  try {
    importCase(one)
    return undefined
  } catch (error) {
    if (error instanceof ImportError && error.code === 'unsupported') return error.message
    throw error
  }
}
