import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, instantiate, pageBytes } from '../../runtime/host/instance.ts'
import { decodeModel, encodeModel, ModelContainer, roundings } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { builds, dirtyInstance, openModel, planningPages, type Random, random, randomBytes, wasm } from './harness.ts'
import { diamond, remaining, smallCnn } from './networks.ts'

const mutantsPerBuild = 12_000
const maximumPages = 4096

const interesting = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  16,
  19,
  22,
  127,
  128,
  255,
  256,
  4096,
  65535,
  65536,
  2 ** 24,
  2 ** 26,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
]

/** One change of one kind; `other` is a second artifact to take bytes from. */
const mutations: readonly ((bytes: Uint8Array, other: Uint8Array, next: Random) => Uint8Array)[] = [
  function flipBits(bytes, _, next) {
    for (let count = 1 + (next() % 3); count > 0; count--) bytes[next() % bytes.length]! ^= 1 << (next() % 8)
    return bytes
  },
  function flipBitsNearStart(bytes, _, next) {
    bytes[next() % Math.min(bytes.length, 120)]! ^= 1 << (next() % 8)
    return bytes
  },
  function truncate(bytes, _, next) {
    return bytes.slice(0, next() % bytes.length)
  },
  function overwriteWord(bytes, _, next) {
    new DataView(bytes.buffer).setUint32(next() % (bytes.length - 3), interesting[next() % interesting.length]!, true)
    return bytes
  },
  function shiftOffset(bytes, _, next) {
    const at = [3, 7, 11, 15, 19, 23, 27, 31][next() % 8]!
    const view = new DataView(bytes.buffer)
    view.setUint32(at, view.getUint32(at, true) + (next() % 65) - 32, true)
    return bytes
  },
  function spliceBytes(bytes, other, next) {
    const from = next() % other.length
    const piece = other.slice(from, from + 1 + (next() % 64))
    bytes.set(piece.slice(0, Math.max(0, bytes.length - from)), Math.min(from, bytes.length))
    return bytes
  },
  function insertBytes(bytes, _, next) {
    const at = next() % (bytes.length + 1)
    return Uint8Array.from([...bytes.slice(0, at), ...randomBytes(1 + (next() % 8), next), ...bytes.slice(at)])
  },
  function removeBytes(bytes, _, next) {
    const at = next() % bytes.length
    return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + (next() % 8))])
  },
  function changeValue(bytes, _, next) {
    const fields = ModelContainer.deserialize(bytes)
    const operator = fields.operators[next() % fields.operators.length]!
    const tensor = fields.tensors[next() % fields.tensors.length]!
    const value = interesting[next() % interesting.length]!
    const lists = [
      operator.inputs,
      operator.outputs,
      operator.attributes,
      operator.attributes,
      operator.multipliers,
      operator.shifts,
      tensor.shape,
    ]
    const list = lists[next() % lists.length]!
    const bound = list === operator.shifts ? 256 : list === operator.inputs || list === operator.outputs ? 2 ** 16 : 2 ** 32
    if (list.length > 0) list[next() % list.length] = value % bound
    else operator.code = next() % 20
    return ModelContainer.serialize(fields)
  },
  function noise(_bytes, _other, next) {
    return randomBytes(next() % 400, next).slice()
  },
]

for (const build of builds)
  test(`${mutantsPerBuild} changed artifacts are refused or are models in their only encoding: ${build}`, () => {
    const bases = roundings.flatMap((rounding) => [diamond(rounding), smallCnn(rounding), remaining(rounding)].map(encodeModel))
    const next = random(build === 'simd' ? 21 : 22)
    const instances = new Map<number, Instance>()
    let accepted = 0
    const codes = new Map<number, number>()
    for (let i = 0; i < mutantsPerBuild; i++) {
      const base = bases[next() % bases.length]!
      const mutate = mutations[i % mutations.length]!
      const mutant = mutate(Uint8Array.from(base), bases[next() % bases.length]!, next)
      // As small as the module allows: whatever it reads or writes behind traps.
      const pages = planningPages(mutant.length)
      const instance = instances.get(pages) ?? dirtyInstance(build, pages)
      instances.set(pages, instance)
      const { exports } = instance
      instance.write(exports.artifactPointer(), mutant)
      const status = exports.plan(mutant.length)
      codes.set(status, (codes.get(status) ?? 0) + 1)
      if (status !== 0) {
        assert.equal(instance.errorRecord().code, status, mutate.name)
        assert.ok(status > 0 && status <= 15, mutate.name)
        assert.equal(exports.pages(), 0)
        continue
      }
      accepted++
      assert.ok(exports.pages() <= maximumPages)
      assert.deepEqual(ModelContainer.serialize(ModelContainer.deserialize(mutant)), mutant, mutate.name)
      const work = instance.readWords(exports.workPointer()).slice(0, 11)
      if (exports.pages() > 64 || work.reduce((sum, units) => sum + units, 0n) > 10n ** 7n) continue
      const { run, instance: running } = openModel(build, mutant)
      const input = randomBytes(running.exports.inputBytes(), next)
      const output = run(input)
      assert.deepEqual(output, runBytes(decodeModel(mutant), input), mutate.name)
      assert.deepEqual(run(input), output, 'a second run')
    }
    console.log(`${build}: ${accepted} accepted; statuses ${JSON.stringify([...codes].sort(([a], [b]) => a - b))}`)
    assert.ok(accepted > mutantsPerBuild / 100, 'hardly any mutant is accepted: the test proves little')
  })

test('noise of every length up to 600 in a dirty instance of the smallest size does not trap', () => {
  const next = random(23)
  for (const build of builds) {
    const instance = instantiate(wasm(build), 1)
    for (let length = 0; length < 600; length++) {
      const start = instance.exports.artifactPointer()
      instance.write(start, randomBytes(pageBytes - start, next))
      if (instance.exports.planningPages(length) === 1) assert.notEqual(instance.exports.plan(length), 0)
      instance.exports.identify(length)
    }
  }
})
