import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { dump } from 'npyjs'
import pc from 'picocolors'
import { PNG } from 'pngjs'
import { readCalibration } from '../../node/cli/calibration/read.ts'
import type { Io } from '../../node/cli/io.ts'
import { runCli } from '../../node/cli/main.ts'
import { writeOnnx } from '../import/write-onnx.ts'
import { classifier, samplesOf } from '../quantize/networks.ts'

const count = 8
const shape = [1, 3, 8, 8]
const pixels = { white: 1, mean: [0], std: [1] }
const input = { name: 'x', type: 'float32', shape }
const numbers = Float32Array.from(samplesOf(count, 192).flatMap(({ x }) => [...x]))

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'infernode-quantize-'))
  writeFileSync(join(folder, 'model.onnx'), writeOnnx(classifier))
  const npy = new Uint8Array(dump(numbers, [count, 3, 8, 8]))
  writeFileSync(join(folder, 'samples.npy'), npy)
  writeFileSync(join(folder, 'samples.npz'), zipSync({ 'x.npy': npy }))
})
after(() => rmSync(folder, { recursive: true, force: true }))

async function infernode(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' }
  const io: Io = {
    out: (line) => {
      text.out += `${line}\n`
    },
    err: (line) => {
      text.err += `${line}\n`
    },
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: false,
    colors: pc.createColors(false),
    stopSignal: () => new AbortController().signal,
  }
  return { code: await runCli(args, io), ...text }
}

test('quantize writes artifact, QDQ model and HTML report, and says what was lost', async () => {
  const [artifact, qdq, html] = ['q.infer', 'q.onnx', 'q.html'].map((name) => join(folder, name)) as [string, string, string]
  const given = ['quantize', join(folder, 'model.onnx'), '-c', join(folder, 'samples.npz'), '-o', artifact]
  const { code, out, err } = await infernode(...given, '--qdq', qdq, '--report', html)
  assert.equal(code, 0, err)
  assert.match(out, /Conv · Relu · MaxPool +int8/)
  assert.match(out, /agreement y: top-1 \d+\.\d\d %, cosine 0\.99/)
  const page = readFileSync(html, 'utf8')
  assert.ok(page.includes('<svg') && page.includes('Conv · Relu · MaxPool') && !/<script|src=|href=/.test(page))
  const { code: inspected } = await infernode('inspect', artifact)
  assert.equal(inspected, 0)
  const json = JSON.parse((await infernode(...given, '--json')).out)
  assert.equal(json.report.samples, count)
  // The QDQ model is one that import takes.
  const { code: imported, err: why } = await infernode('import', qdq, '--allow-inexact', '-o', join(folder, 'again.infer'))
  assert.equal(imported, 0, why)
})

for (const [what, args, message] of [
  [
    'a TensorFlow Lite model',
    ['model.tflite', '-c', 'x'],
    /^error\[USAGE\]: model\.tflite: float models of type \.tflite cannot be quantized; wanted \.onnx/,
  ],
  ['a percentile of nothing', ['model.onnx', '-c', 'x', '--percentile', ''], /^error\[USAGE\]/],
] as const)
  test(`quantize refuses ${what}`, async () => {
    const { code, err } = await infernode('quantize', ...args)
    assert.equal(code, 1)
    assert.match(err, message)
  })

test('samples come from .npy, .npz, .bin, idx files and folders', () => {
  const path = (name: string) => join(folder, name)
  writeFileSync(path('samples.bin'), new Uint8Array(numbers.buffer))
  const wanted = samplesOf(count, 192).map(({ x }) => [...x])
  for (const name of ['samples.npy', 'samples.npz', 'samples.bin'])
    assert.deepEqual(
      readCalibration(path(name), [input], pixels).map(({ x }) => Array.from(x!)),
      wanted,
      name,
    )
  const bytes = Uint8Array.from({ length: 4 * 2 * 2 }, (_, at) => at * 17)
  const header = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2]
  writeFileSync(path('pictures-idx3-ubyte.gz'), gzipSync(Uint8Array.from([...header, ...bytes])))
  const grey = { ...input, shape: [1, 1, 2, 2] }
  const pictures = readCalibration(path('pictures-idx3-ubyte.gz'), [grey], { white: 255, mean: [17], std: [17] })
  assert.deepEqual(
    pictures.map(({ x }) => Array.from(x!, Math.round)),
    [
      [-1, 0, 1, 2],
      [3, 4, 5, 6],
      [7, 8, 9, 10],
      [11, 12, 13, 14],
    ],
  )
  mkdirSync(path('several/a'), { recursive: true })
  mkdirSync(path('several/b'))
  const png = new PNG({ width: 2, height: 2 })
  png.data.set([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255])
  writeFileSync(path('several/a/0.png'), PNG.sync.write(png))
  writeFileSync(path('several/b/0.bin'), new Uint8Array(Float32Array.of(0.5).buffer))
  const inputs = [
    { name: 'a', type: 'float32', shape: [1, 3, 2, 2] },
    { name: 'b', type: 'float32', shape: [1] },
  ]
  const [sample] = readCalibration(path('several'), inputs, pixels)
  assert.deepEqual(Array.from(sample!.a!), [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1])
  assert.deepEqual(Array.from(sample!.b!), [0.5])
})

for (const [what, name, write, message] of [
  [
    'an array of another size',
    'short.npy',
    () => new Uint8Array(dump(new Float32Array(5), [5])),
    /5 numbers \[5\] are no whole number of samples of float32 \[1,3,8,8\]/,
  ],
  [
    'a .npz without the input',
    'other.npz',
    () => zipSync({ 'a.npy': new Uint8Array(dump(numbers, [count, 192])), 'b.npy': new Uint8Array(dump(numbers, [count, 192])) }),
    /it has the arrays a, b, and none for the model's input x/,
  ],
  ['a file of another kind', 'samples.txt', () => new Uint8Array(4), /wanted \.npy, \.bin/],
  ['an idx file that ends early', 'short.idx', () => Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 9, 1]), /\[9\] wants 9 bytes/],
] as const)
  test(`refuses ${what}`, () => {
    writeFileSync(join(folder, name), write())
    assert.throws(() => readCalibration(join(folder, name), [input], pixels), message)
  })
