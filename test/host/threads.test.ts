import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createThreads } from '../../runtime/host/threads.ts'
import { createHost, loadModule, modelId } from '../../runtime/index.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { denseArtifact, denseModel, randomBytes } from '../precompiles/models.ts'

const wasm = loadModule()
const artifact = denseArtifact(64, 10)
const id = modelId(artifact)
const shared = new SharedArrayBuffer(artifact.length)
new Uint8Array(shared).set(artifact)
const input = randomBytes(64, 5)
const expected = runBytes(denseModel(64, 10), input)

const threads = createThreads({ wasm, count: 2, cacheBytes: 2 ** 24 })
const host = createHost({ wasm, threads: 2, threadedMacs: 1n })

/** Until the first thread has been started, a run is the caller's. */
async function firstAnswer(): Promise<Uint8Array> {
  for (;;) {
    const output = await threads.run(id, shared, input)
    if (output !== undefined) return output
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

before(firstAnswer)
after(() => Promise.all([threads.close(), host.close()]))

test('a thread gives the reference’s bytes, and leaves the input to the caller', async () => {
  const kept = input.slice()
  assert.deepEqual(await firstAnswer(), expected)
  assert.deepEqual(input, kept)
})

test('a part of a larger buffer is sent alone', async () => {
  const around = new Uint8Array(1000).fill(7)
  around.set(input, 100)
  assert.deepEqual(await threads.run(id, shared, around.subarray(100, 164)), expected)
  // What small Buffers lie in cannot be handed over.
  assert.deepEqual(await threads.run(id, shared, Buffer.from(input)), expected)
})

test('a run that fails on a thread is left to the caller', async () => {
  assert.equal(await threads.run(id, shared, input.subarray(1)), undefined)
  assert.equal(await threads.run(`0x${'00'.repeat(32)}`, new SharedArrayBuffer(9), input), undefined)
  assert.deepEqual(await firstAnswer(), expected)
})

test('many runs at once, on threads and beside them, all give the reference’s bytes', async () => {
  const outputs = await Promise.all(Array.from({ length: 64 }, () => host.run(id, () => artifact, input)))
  for (const output of outputs) assert.deepEqual(output, expected)
  await assert.rejects(
    host.run(id, () => artifact, input.subarray(1)),
    { code: 'inputLength' },
  )
})

test('after they are closed there are none', async () => {
  const others = createThreads({ wasm, count: 1, cacheBytes: 0 })
  await others.close()
  assert.equal(await others.run(id, shared, input), undefined)
})
