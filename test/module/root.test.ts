import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantiate } from '../../runtime/host/instance.ts'
import { ModelContainer, type ModelFields } from '../../runtime/model/types.ts'
import { builds, dirtyInstance, planningPages, type Random, random, randomBytes, wasm } from './harness.ts'

const list = <T>(length: number, item: () => T): T[] => Array.from({ length }, item)

/** Any value of the container, whatever it means: lists of every length up to `most`. */
function anyModel(next: Random, most: number): ModelFields {
  const below = (bound: number) => next() % bound
  const words = (length: number, bound: number) => list(below(length + 1), () => below(bound))
  const port = () => ({ tensor: below(2 ** 16), scale: next(), zeroPoint: next() })
  return {
    format: below(2 ** 16),
    rounding: below(2 ** 8),
    tensors: list(below(most), () => ({ type: below(256), shape: words(6, 2 ** 32), data: randomBytes(below(most * 16), next) })),
    operators: list(below(most), () => ({
      code: below(2 ** 16),
      inputs: words(64, 2 ** 16),
      outputs: words(8, 2 ** 16),
      attributes: words(32, 2 ** 32),
      multipliers: words(most * 8, 2 ** 32),
      shifts: words(most * 8, 256),
    })),
    inputs: list(below(17), port),
    outputs: list(below(17), port),
  }
}

function identify(build: (typeof builds)[number], bytes: Uint8Array): string {
  const { exports, ...instance } = dirtyInstance(build, planningPages(bytes.length))
  instance.write(exports.artifactPointer(), bytes)
  const pointer = exports.identify(bytes.length)
  assert.notEqual(
    pointer,
    0,
    JSON.stringify(instance.errorRecord(), (_, value) => String(value)),
  )
  return Buffer.from(instance.read(pointer, 32)).toString('hex')
}

const root = (fields: ModelFields) => Buffer.from(ModelContainer.hashTreeRoot(fields)).toString('hex')

for (const build of builds) {
  test(`the root of any container is that of SSZ: ${build}`, () => {
    const next = random(11)
    for (let i = 0; i < 60; i++) {
      const fields = anyModel(next, 1 + (i % 30))
      assert.equal(identify(build, ModelContainer.serialize(fields)), root(fields))
    }
  })

  test(`the root of the empty container is that of SSZ: ${build}`, () => {
    const fields = { format: 0, rounding: 0, tensors: [], operators: [], inputs: [], outputs: [] }
    assert.equal(identify(build, ModelContainer.serialize(fields)), root(fields))
  })
}

test('the root of lists at the edges of chunks and levels is that of SSZ', () => {
  const empty = { code: 1, inputs: [], outputs: [], attributes: [], multipliers: [], shifts: [] }
  const next = random(12)
  for (const bytes of [
    1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 1055, 1056, 1057, 1088, 2048, 3071, 3100, 8191, 8192, 8193, 100_000,
  ]) {
    const fields = {
      format: 1,
      rounding: 2,
      tensors: [{ type: 0, shape: list(6, next), data: randomBytes(bytes, next) }],
      operators: [{ ...empty, inputs: list(64, () => 7), shifts: Array.from(randomBytes(Math.min(bytes, 65536), next)) }],
      inputs: [],
      outputs: [],
    }
    for (const build of builds) assert.equal(identify(build, ModelContainer.serialize(fields)), root(fields))
  }
})

test('the root of as many tensors and operators as are allowed is that of SSZ', () => {
  const operator = { code: 13, inputs: [1], outputs: [2], attributes: [], multipliers: [], shifts: [] }
  const fields = {
    format: 1,
    rounding: 0,
    tensors: list(4096, () => ({ type: 0, shape: [1], data: new Uint8Array() })),
    operators: list(4096, () => operator),
    inputs: [],
    outputs: [],
  }
  assert.equal(identify('simd', ModelContainer.serialize(fields)), root(fields))
})

test('bytes that are no container have no root, and the error record says why', () => {
  const { exports, ...instance } = instantiate(wasm('simd'), planningPages(100))
  assert.equal(exports.identify(18), 0)
  assert.deepEqual(instance.errorRecord(), { code: 1, operator: undefined, tensor: undefined, field: 0, got: 18n, wanted: 19n })
})
