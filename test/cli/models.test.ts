/** The commands around a model, in one process with a chain of their own: import, inspect, run, deploy, demo. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dump } from 'npyjs'
import pc from 'picocolors'
import { PNG } from 'pngjs'
import { connect } from '../../node/cli/clients.ts'
import type { Io } from '../../node/cli/io.ts'
import { runCli } from '../../node/cli/main.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { chunkAddress, uploadGas } from '../../node/client/chunks.ts'
import { parseRecording } from '../../node/client/recording.ts'
import { loadConfig } from '../../node/config.ts'
import { loadContract } from '../../node/contracts.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { addresses } from '../../precompiles/addresses.ts'
import { encodeModel, type Model, modelId } from '../../runtime/model/types.ts'
import { onnxModels } from '../import/onnx-vectors/models.ts'
import { classicalCases } from '../suites/classical.ts'

const digits = fileURLToPath(new URL('../../examples/digits/', import.meta.url))
const colors = pc.createColors(false)

/** Runs one command; its exit code and what it printed. */
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
    colors,
    stopSignal: () => new AbortController().signal,
  }
  return { code: await runCli(args, io), ...text }
}

async function succeeds(...args: string[]): Promise<string> {
  const ended = await infernode(...args)
  assert.equal(ended.code, 0, ended.err)
  return ended.out
}

async function fails(code: string, message: RegExp, ...args: string[]): Promise<void> {
  const ended = await infernode(...args)
  assert.equal(ended.code, 1)
  assert.ok(ended.err.startsWith(`error[${code}]: `), ended.err)
  assert.match(ended.err, message)
}

let folder: string
let node: RunningNode
let url: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infernode-models-'))
  node = await startNode(loadConfig({ flags: { port: 0, logLevel: 'silent' } }))
  url = `http://127.0.0.1:${node.server.port}`
  await succeeds('import', join(digits, 'digits.tflite'), '-r', 'double', '-o', join(folder, 'digits.infer'))
})
after(async () => {
  await node.close()
  await rm(folder, { recursive: true, force: true })
})

const inFolder = (name: string) => join(folder, name)

test('import writes the same artifact twice, and another one for each rounding mode', async () => {
  const ids = new Set<string>()
  for (const rounding of ['fp32', 'single', 'double']) {
    const [first, second] = [inFolder('a.infer'), inFolder('b.infer')]
    const report = JSON.parse(await succeeds('import', join(digits, 'digits.tflite'), '-r', rounding, '-o', first, '--json'))
    await succeeds('import', join(digits, 'digits.tflite'), '-r', rounding, '-o', second)
    assert.deepEqual(await readFile(first), await readFile(second))
    assert.equal(report.id, modelId(await readFile(first)))
    ids.add(report.id)
  }
  assert.equal(ids.size, 3)
})

test('import refuses what is no TFLite model', async () => {
  await writeFile(inFolder('not.tflite'), 'not a model')
  await fails('malformed', /TFLite/, 'import', inFolder('not.tflite'))
  await fails('USAGE', /wanted \.tflite/, 'import', 'model.h5')
  await fails('INPUT_UNREADABLE', /nowhere\.tflite/, 'import', inFolder('nowhere.tflite'))
})

test('inspect adds the layers up', async () => {
  const report = JSON.parse(await succeeds('inspect', inFolder('digits.infer'), '--json'))
  const sum = (key: string) => report.layers.reduce((total: number, layer: Record<string, number>) => total + (layer[key] as number), 0)
  assert.equal(sum('macs'), report.macs)
  assert.ok(report.macs > 100_000)
  // A layer's gas is rounded up by itself.
  assert.ok(sum('gas') <= report.gasAgain && report.gasAgain <= report.gasFirst)
  assert.match(await succeeds('inspect', inFolder('digits.infer')), /conv2d .*28×28/)
})

test('inspect names what is wrong with an artifact', async () => {
  const bytes = await readFile(inFolder('digits.infer'))
  await writeFile(inFolder('short.infer'), bytes.subarray(0, bytes.length - 1))
  const ended = await infernode('inspect', inFolder('short.infer'))
  assert.equal(ended.code, 1)
  assert.match(ended.err, /^error\[(truncated|encoding|port)\]: /)
})

test('run gives the expected bytes from .bin, .png and .npy, of integers and of real numbers', async () => {
  const expected = await readFile(join(digits, 'expected', 'out0.double.bin'))
  const outputOf = async (...inputs: string[]) => {
    await succeeds('run', inFolder('digits.infer'), '-i', ...inputs, '-o', inFolder('out.bin'))
    return readFile(inFolder('out.bin'))
  }
  assert.deepEqual(await outputOf(join(digits, 'expected', 'in0.bin')), expected)
  const pictures = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => join(digits, 'pictures', `${digit}.png`))
  assert.deepEqual(await outputOf(...pictures), expected.subarray(0, 100))
  const samples = new Int8Array(await readFile(join(digits, 'expected', 'in0.bin')))
  await writeFile(inFolder('in.npy'), new Uint8Array(dump(samples, [samples.length / 784, 28, 28, 1])))
  assert.deepEqual(await outputOf(inFolder('in.npy')), expected)
  const { inputs } = JSON.parse(await succeeds('import', join(digits, 'digits.tflite'), '-o', inFolder('x.infer'), '--json'))
  const { scale, zeroPoint } = inputs[0] as { scale: number; zeroPoint: number }
  const reals = Float32Array.from(samples, (q) => scale * (q - zeroPoint))
  await writeFile(inFolder('real.npy'), new Uint8Array(dump(reals, [samples.length / 784, 28, 28, 1])))
  assert.deepEqual(await outputOf(inFolder('real.npy')), expected)
})

test('run says what does not fit the model', async () => {
  const artifact = inFolder('digits.infer')
  await writeFile(inFolder('short.bin'), new Uint8Array(783))
  await fails('INPUT_LENGTH', /783 bytes.*784/, 'run', artifact, '-i', inFolder('short.bin'))
  await writeFile(inFolder('small.png'), PNG.sync.write(new PNG({ width: 14, height: 28 })))
  await fails('INPUT_LENGTH', /14×28.*28×28/, 'run', artifact, '-i', inFolder('small.png'))
  await writeFile(inFolder('broken.png'), 'no picture')
  await fails('INPUT_FORMAT', /broken\.png/, 'run', artifact, '-i', inFolder('broken.png'))
  await writeFile(inFolder('broken.npy'), 'no array')
  await fails('INPUT_FORMAT', /broken\.npy/, 'run', artifact, '-i', inFolder('broken.npy'))
  await writeFile(inFolder('broken.wav'), 'no sound')
  await fails('INPUT_FORMAT', /broken\.wav/, 'run', artifact, '-i', inFolder('broken.wav'))
})

/** One fully connected layer of 320 × 320 weights: five chunks on chain. */
function wideModel(seed: number): Uint8Array {
  const weights = Uint8Array.from({ length: 320 * 320 }, (_, i) => (i * 2654435761 + seed) >>> 24)
  const model: Model = {
    rounding: 'double',
    tensors: [
      { type: 'int8', shape: [1, 320], data: new Uint8Array() },
      { type: 'int8', shape: [320, 320], data: weights },
      { type: 'int8', shape: [1, 320], data: new Uint8Array() },
    ],
    operators: [
      { name: 'fullyConnected', inputs: [0, 1], outputs: [2], attributes: [0, 0, 0, -128, 127], multipliers: [2 ** 30], shifts: [-10] },
    ],
    inputs: [{ tensor: 0, scale: 1, zeroPoint: 0 }],
    outputs: [{ tensor: 2, scale: 1, zeroPoint: 0 }],
  }
  return encodeModel(model)
}

test('deploy goes on where it was cut off, and until its last transaction the model cannot be used', async () => {
  const bytes = wideModel(1)
  const id = modelId(bytes)
  const clients = await connect(url)
  class CutOff extends Error {}
  const onProgress = ({ done }: { done: number }) => {
    if (done === 2) throw new CutOff()
  }
  const cut = deployModel(clients.writer, { artifact: bytes, metadata: 'wide', onProgress })
  await assert.rejects(cut, CutOff)
  const { abi } = loadContract('IInference')
  const run = () =>
    clients.reader.readContract({ address: addresses.inference, abi, functionName: 'run', args: [id, `0x${'01'.repeat(320)}`] })
  await assert.rejects(run(), /UnknownModel/)
  await writeFile(inFolder('wide.infer'), bytes)
  const report = JSON.parse(await succeeds('deploy', inFolder('wide.infer'), '--rpc-url', url, '--json'))
  assert.deepEqual([report.chunks.length, report.chunksFound, report.transactions], [5, 2, 4])
  assert.equal(((await run()) as string).length, 2 + 2 * 320)
  assert.match(await succeeds('deploy', inFolder('wide.infer'), '--rpc-url', url), /published before; nothing was sent/)
})

test('the chunk address computed here is the one that the registry computes', async () => {
  const { reader } = await connect(url)
  const { abi } = loadContract('ModelRegistry')
  for (const length of [1, 255, 256, 24_575]) {
    const part = new Uint8Array(length).fill(7)
    const data = `0x${Buffer.from(part).toString('hex')}` as const
    const onChain = await reader.readContract({ address: addresses.modelRegistry, abi, functionName: 'chunkAddress', args: [data] })
    assert.equal(chunkAddress(part), (onChain as string).toLowerCase())
  }
})

test('the gas that uploads are sent with suffices from the shortest chunk to the longest, and is not much more', async () => {
  const { reader, writer } = await connect(url)
  const { abi } = loadContract('ModelRegistry')
  for (const length of [1, 255, 24_575]) {
    // No zeros: they are cheaper. Bytes of their own, so that nothing is there yet.
    const part = Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + length) % 255))
    const gas = await reader.estimateContractGas({
      address: addresses.modelRegistry,
      abi,
      functionName: 'upload',
      args: [`0x${Buffer.from(part).toString('hex')}`],
      account: writer.account,
    })
    assert.ok(
      gas <= uploadGas(part) && uploadGas(part) < gas + gas / 4n + 200_000n,
      `${length} bytes: ${gas}, sent with ${uploadGas(part)}`,
    )
  }
})

test('deploy says when there is no chain, or none with a registry', async () => {
  await fails('USAGE', /no chain answers/, 'deploy', inFolder('digits.infer'), '--rpc-url', 'http://127.0.0.1:9')
  await fails('USAGE', /64 hex digits/, 'deploy', inFolder('digits.infer'), '--rpc-url', url, '--private-key', '0x12')
})

for (const rounding of ['fp32', 'single', 'double'])
  test(`the demo classifies every picture right, with TFLite's bytes, in rounding mode ${rounding}`, async () => {
    const out = await succeeds('demo', '--rounding', rounding)
    assert.match(out, /10 of 10 answers right/)
    assert.match(out, /10 of 10 outputs equal to those expected, byte for byte/)
    assert.match(out, /plain Solidity: [\d.]+ gas for each multiply-add \(measured\)/)
  })

test('the demo takes an ONNX model, and gives the bytes of onnxruntime', async () => {
  const [model] = onnxModels(false)
  await writeFile(inFolder('digits.onnx'), model!.bytes)
  // The file's numbers are uint8, the artifact's 128 less.
  await writeFile(
    inFolder('expected.bin'),
    model!.answers.map((value) => value ^ 0x80),
  )
  const input = join(digits, 'expected', 'in0.bin')
  const out = await succeeds('demo', '--model', inFolder('digits.onnx'), '-i', input, '--expected', inFolder('expected.bin'))
  assert.match(out, /10 of 10 outputs equal to those expected, byte for byte/)
})

test('the demo tells of a model that its contract cannot read', async () => {
  const { model } = classicalCases()[0]!
  await writeFile(inFolder('tree.onnx'), model)
  await fails('USAGE', /reads one output of int8/, 'demo', '--model', inFolder('tree.onnx'), '-i', join(digits, 'expected', 'in0.bin'))
})

test('record writes what the chain answers, keeps what a file holds, and refuses what is no id or recording', async () => {
  await succeeds('import', join(digits, 'digits.tflite'), '-o', inFolder('recorded.infer'))
  const { id } = JSON.parse(await succeeds('deploy', inFolder('recorded.infer'), '--rpc-url', url, '--json'))
  const [recording, picture] = [inFolder('digits.recording.json'), (digit: number) => join(digits, `pictures/${digit}.png`)]
  const record = (...inputs: string[]) => succeeds('record', id, '-i', ...inputs, '-o', recording, '-r', url, '--json')
  assert.deepEqual(JSON.parse(await record(picture(0), picture(1))), { model: id, samples: 2, reverts: 0, calls: 5 })
  const first = await readFile(recording, 'utf8')
  await record(picture(0), picture(1))
  assert.equal(await readFile(recording, 'utf8'), first)
  assert.equal(JSON.parse(await record(picture(2))).calls, 6)
  const calls = parseRecording(await readFile(recording, 'utf8'), recording)
  assert.deepEqual(calls.slice(0, 5), parseRecording(first, recording))
  await fails('USAGE', /no model id/, 'record', '0x12', '-i', picture(0), '-o', recording)
  await fails('USAGE', /no chain answers/, 'record', id, '-i', picture(0), '-o', recording, '-r', 'http://127.0.0.1:1')
  await fails('UNKNOWN_MODEL', /no active model/, 'record', `0x${'00'.repeat(32)}`, '-i', picture(0), '-o', recording, '-r', url)
  await fails('RECORDING_INVALID', /is no recording/, 'record', id, '-i', picture(0), '-o', inFolder('recorded.infer'), '-r', url)
})
