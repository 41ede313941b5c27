/** The transformer of examples/transformer, quantized: it writes the sums that the float model writes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readCalibration } from '../../node/cli/calibration/read.ts'
import { createHost } from '../../runtime/host/host.ts'
import { loadModule } from '../../runtime/host/load-module.ts'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import { type FloatTensor, openFloatModel } from '../../runtime/quantize/float-runtime.ts'
import { quantize } from '../../runtime/quantize/quantize.ts'

const folder = new URL('../../examples/transformer/', import.meta.url)
const bytes = readFileSync(new URL('adder.onnx', folder))
const [length, prompt, characters] = [8, 6, 12]
const samples = readCalibration(new URL('samples.npz', folder).pathname, [{ name: 'text', type: 'int64', shape: [1, length] }], {
  white: 1,
  mean: [0],
  std: [1],
})

/** "47+85=231" as numbers of characters: the sum's last digit first. */
function sumText(a: number, b: number): number[] {
  const sum = a + b
  return [Math.floor(a / 10), a % 10, 10, Math.floor(b / 10), b % 10, 11, sum % 10, Math.floor(sum / 10) % 10, Math.floor(sum / 100)]
}

const largest = (scores: readonly number[]) => scores.indexOf(Math.max(...scores))
const digits = (scores: readonly number[]) => [0, 1, 2].map((at) => largest(scores.slice(at * characters, (at + 1) * characters)))

test('the quantized transformer adds as the float one does', async (t) => {
  const { imported, report } = await quantize(bytes, { samples, int16: 'none' })
  assert.deepEqual(imported.report.operators.layerNorm, 5)
  assert.deepEqual(imported.report.operators.matmul, 4)
  assert.ok(report.outputs[0]!.top1! >= 0.99, `top-1 ${report.outputs[0]!.top1}`)
  const running = createHost({ wasm: loadModule() }).open(imported.bytes)
  const float = await openFloatModel(parseOnnx(bytes, noExternalFiles))
  const [all, compared] = [10_000, 500]
  let [right, same] = [0, 0]
  for (let index = 0; index < all; index += 1) {
    const text = sumText(index % 100, Math.floor(index / 100))
    const input = text.slice(0, length)
    const got = digits([...new Int8Array(running.run(new Uint8Array(Int32Array.from(input).buffer)))])
    if (got.join() === text.slice(prompt).join()) right += 1
    // The float model for every twentieth, as its own runtime takes longer.
    if (index % (all / compared) !== 0) continue
    const sample: FloatTensor = { type: 'int64', shape: [1, length], data: BigInt64Array.from(input, BigInt) }
    const wanted = (await float.run(new Map([['text', sample]]))).get('logits')!.data as Float32Array
    if (got.join() === digits([...wanted]).join()) same += 1
  }
  await float.close()
  t.diagnostic(`${right} of ${all} sums right; ${same} of ${compared} as the float model`)
  assert.ok(right / all >= 0.97, `${right} of ${all} sums are right`)
  assert.ok(same / compared >= 0.97, `${same} of ${compared} agree`)
})
