import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { sizeClass } from '../../runtime/host/pool.ts'
import {
  createHost,
  decodeModel,
  encodeModel,
  findModule,
  InputError,
  loadModule,
  ModelError,
  modelId,
  NodeFault,
} from '../../runtime/index.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { denseArtifact, denseModel, randomBytes, tiedArtifact } from '../precompiles/models.ts'

const wasm = loadModule()
const host = createHost({ wasm })
const artifact = denseArtifact(64, 10)
const id = modelId(artifact)
const input = randomBytes(64, 5)
const expected = runBytes(denseModel(64, 10), input)

describe('the module', () => {
  test('is named by the sha256 of its bytes', () => {
    assert.equal(host.hash, `0x${createHash('sha256').update(wasm).digest('hex')}`)
    assert.ok(findModule('infernode.wasm').endsWith('infernode.wasm'))
  })

  test('that is missing, broken or another one is a node fault', () => {
    assert.throws(
      () => loadModule('/nowhere/infernode.wasm'),
      (error: NodeFault) => error.code === 'module' && /nowhere/.test(error.message),
    )
    assert.throws(() => createHost({ wasm: new Uint8Array(8) }), NodeFault)
    // The empty module is valid WebAssembly.
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    assert.throws(() => createHost({ wasm: empty }), /has no export abi/)
    const folder = mkdtempSync(join(tmpdir(), 'infernode-'))
    writeFileSync(join(folder, 'infernode.wasm'), empty)
    assert.deepEqual(loadModule(join(folder, 'infernode.wasm')), empty)
    rmSync(folder, { recursive: true })
  })
})

describe('an artifact', () => {
  test('has the root that SSZ gives', () => {
    assert.equal(host.identify(artifact), id)
    for (const [inputs, outputs] of [
      [1, 1],
      [31, 33],
      [64, 64],
      [1000, 40],
    ] as const)
      assert.equal(host.identify(denseArtifact(inputs, outputs)), modelId(denseArtifact(inputs, outputs)))
  })

  test('is measured and planned alike', () => {
    const plan = host.plan(artifact)
    assert.deepEqual(host.measure(artifact), { work: plan.work, operatorCount: plan.operatorCount })
    assert.equal(plan.operatorCount, 2)
    assert.equal(plan.work[0], 640n)
    assert.equal(plan.work[11], 64n)
    assert.equal(plan.work[12], 10n)
    assert.equal(plan.work[13], BigInt(artifact.length))
    assert.equal(plan.work[14], BigInt(plan.pages))
    assert.equal(plan.work[15], BigInt(artifact.length))
  })

  test('pays for a constant once for each operator that reads it', () => {
    const [one, three] = [host.measure(tiedArtifact(64, 1)), host.measure(tiedArtifact(64, 3))]
    assert.equal(one.work[13], one.work[15])
    assert.equal(three.work[13], three.work[15]! + 2n * 64n * 64n)
    assert.equal(three.work[15], BigInt(tiedArtifact(64, 3).length))
  })

  test('that is wrong is told with code, operator, got and wanted', () => {
    const model = denseModel(64, 10)
    model.operators[1]!.attributes = [100, -100]
    assert.throws(
      () => host.plan(encodeModel(model)),
      (error: ModelError) =>
        error instanceof ModelError &&
        error.code === 'attribute' &&
        error.place.operator === 1 &&
        /operator 1 \(clamp\)/.test(error.message),
    )
    assert.throws(() => host.identify(new Uint8Array(3)), ModelError)
    assert.throws(() => host.plan(new Uint8Array()), ModelError)
  })

  test('past the limit is refused by its length', () => {
    const huge = new Uint8Array(2 ** 26 + 1)
    for (const call of [host.identify, host.measure, host.plan])
      assert.throws(
        () => call(huge),
        (error: ModelError) => error instanceof ModelError && error.code === 'limit' && error.place.got === 2n ** 26n + 1n,
      )
  })
})

describe('a loaded model', () => {
  test('gives the same bytes in every run', () => {
    const model = host.open(artifact)
    for (const seed of [5, 6, 5]) assert.deepEqual(model.run(randomBytes(64, seed)), runBytes(denseModel(64, 10), randomBytes(64, seed)))
    assert.deepEqual([model.inputBytes, model.outputBytes, model.operatorCount], [64, 10, 2])
  })

  test('wants its input length', () => {
    const model = host.open(artifact)
    assert.throws(
      () => model.run(new Uint8Array(63)),
      (error: InputError) =>
        error instanceof InputError && error.got === 63 && error.wanted === 64 && error.message === 'the input has 63 bytes, wanted 64',
    )
  })

  test('is traced operator by operator, with the output of a run', () => {
    const model = host.open(artifact)
    const { output, rows } = model.trace(decodeModel(artifact), input)
    assert.deepEqual(output, expected)
    assert.deepEqual(
      rows.map(({ index, name, inputShapes, outputShapes }) => ({ index, name, inputShapes, outputShapes })),
      [
        { index: 0, name: 'fullyConnected', inputShapes: [[1, 64]], outputShapes: [[1, 10]] },
        { index: 1, name: 'clamp', inputShapes: [[1, 10]], outputShapes: [[1, 10]] },
      ],
    )
    assert.equal(rows[1]!.hash, `0x${createHash('sha256').update(expected).digest('hex')}`)
    assert.equal(
      rows.reduce((sum, { work }) => sum + work[0]!, 0n),
      model.work[0],
    )
  })

  test('steps through single operators, and does no work that is not allowed', () => {
    const model = host.open(artifact)
    const decoded = decodeModel(artifact)
    const hidden = model.step(decoded, 0, input)
    assert.deepEqual(model.step(decoded, 1, hidden), expected)
    const refuse = () => {
      throw new Error('no gas')
    }
    assert.throws(() => model.step(decoded, 0, input, refuse), /no gas/)
    assert.throws(() => model.step(decoded, 2, input), /operator 2 does not exist: the model has 2, counted from 0/)
    assert.deepEqual(model.run(input), expected)
  })
})

describe('the cache', () => {
  const load = (bytes: Uint8Array) => {
    let calls = 0
    const get = () => {
      calls++
      return bytes
    }
    return { calls: () => calls, get }
  }

  test('asks for an artifact once', async () => {
    const own = createHost({ wasm })
    const source = load(artifact)
    for (let turn = 0; turn < 3; turn++) assert.deepEqual(await own.run(id, source.get, input), expected)
    assert.equal(source.calls(), 1)
    assert.equal(own.cached().models, 1)
    own.clear()
    assert.deepEqual(own.cached(), { models: 0, bytes: 0 })
    assert.deepEqual(await own.run(id, source.get, input), expected)
    assert.equal(source.calls(), 2)
  })

  test('keeps to its bytes and drops what was used longest ago', async () => {
    const models = [1, 2, 3].map((seed) => denseArtifact(64, 10, seed))
    const ids = models.map(modelId)
    const size = createHost({ wasm }).open(models[0]!).memoryBytes
    const own = createHost({ wasm, cacheBytes: 2 * size })
    const sources = models.map(load)
    const run = async (index: number) => own.run(ids[index]!, sources[index]!.get, input)
    await run(0)
    await run(1)
    await run(0)
    await run(2)
    assert.deepEqual(own.cached(), { models: 2, bytes: 2 * size })
    await run(0)
    assert.equal(sources[0]!.calls(), 1)
    await run(1)
    assert.equal(sources[1]!.calls(), 2)
  })

  test('runs a model that is larger than the cache without keeping it', async () => {
    const own = createHost({ wasm, cacheBytes: 1 })
    assert.deepEqual(await own.run(id, () => artifact, input), expected)
    assert.deepEqual(own.cached(), { models: 0, bytes: 0 })
  })

  test('serves callers that wait for the same artifact at once', async () => {
    const own = createHost({ wasm })
    const inputs = [1, 2, 3, 4].map((seed) => randomBytes(64, seed))
    const outputs = await Promise.all(inputs.map((bytes) => own.run(id, async () => artifact, bytes)))
    assert.deepEqual(
      outputs,
      inputs.map((bytes) => runBytes(denseModel(64, 10), bytes)),
    )
    assert.equal(own.cached().models, 1)
  })
})

test('evaluate asks before the constants are read and before memory is taken, and stops where it is refused', () => {
  const asked: bigint[][] = []
  assert.deepEqual(
    host.evaluate(artifact, input, (work) => asked.push(work)),
    expected,
  )
  assert.equal(asked.length, 2)
  assert.deepEqual(asked[1], host.plan(artifact).work)
  for (const stopAt of [1, 2]) {
    let calls = 0
    const authorize = () => {
      if (++calls === stopAt) throw new Error('no gas')
    }
    assert.throws(() => host.evaluate(artifact, input, authorize), /no gas/)
    assert.equal(calls, stopAt)
  }
})

test('gas is the formula of the specification: milli-gas, rounded up once, saturating', () => {
  const work = Array<bigint>(16).fill(0n)
  const prices = Array<bigint>(16).fill(0n)
  work[2] = 3n
  prices[0] = 1n
  prices[2] = 333n
  assert.equal(host.gas(work, prices, false), 1n)
  prices[2] = 334n
  assert.equal(host.gas(work, prices, false), 2n)
  work[13] = 10n
  prices[13] = 1000n
  assert.equal(host.gas(work, prices, false), 2n)
  assert.equal(host.gas(work, prices, true), 12n)
  prices[2] = 2n ** 63n
  assert.equal(host.gas(work, prices, false), (2n ** 63n - 1n + 999n) / 1000n)
  prices[15] = 1500n
  assert.equal(host.activationGas(3, prices), 5n)
})

test('size classes are powers of two', () => {
  assert.deepEqual([1, 2, 3, 5, 64, 65].map(sizeClass), [1, 2, 4, 8, 64, 128])
  assert.throws(() => sizeClass(0), NodeFault)
})
