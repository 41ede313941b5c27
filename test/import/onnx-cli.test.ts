import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { modelId } from '../../runtime/model/types.ts'
import { onnxModels } from './onnx-vectors/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'infernode-onnx-cli-'))
after(() => rmSync(folder, { recursive: true }))

const cli = join(import.meta.dirname, '../../node/cli/main.ts')
const digits = join(folder, 'digits.onnx')
writeFileSync(digits, onnxModels(false)[0]!.bytes)

function infernode(...args: string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'import', ...args], (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }))
  })
}

test('infernode import writes the artifact of an .onnx file', async () => {
  const output = join(folder, 'digits.infer')
  const { failed, stdout, stderr } = await infernode(digits, '-o', output, '--json')
  assert.equal(failed, false, stderr)
  const { id, rounding, operators } = JSON.parse(stdout)
  assert.equal(rounding, 'fp32')
  assert.equal(operators.conv2d, 4)
  assert.equal(id, modelId(readFileSync(output)))
})

test('a rounding that onnxruntime has not is one clear line', async () => {
  const { failed, stderr } = await infernode(digits, '--rounding', 'single', '-o', join(folder, 'none.infer'))
  assert.equal(failed, true)
  assert.match(stderr, /^error\[rounding\]: an ONNX model has the rounding fp32/)
})

test('options and files of other formats are one clear line', async () => {
  const tflite = join(import.meta.dirname, '../../examples/digits/digits.tflite')
  assert.match((await infernode(tflite, '--end', 'x')).stderr, /^error\[USAGE\]: --end is for \.onnx files, not for \.tflite/)
  assert.match((await infernode(digits, '--shape', 'x')).stderr, /^error\[USAGE\]: --shape x: wanted NAME=SIZE/)
  assert.match(
    (await infernode('model.pt')).stderr,
    /^error\[USAGE\]: model\.pt: files of type \.pt cannot be imported; wanted \.tflite or \.onnx/,
  )
})
