import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantiate, workSlots } from '../../runtime/host/instance.ts'
import { encodeModel, roundings } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { builds, dirtyInstance, openModel, planModel, planningPages, random, randomBytes, randomInput, wasm } from './harness.ts'
import { diamond, remaining, smallCnn } from './networks.ts'

const models = [diamond(), ...roundings.flatMap((rounding) => [smallCnn(rounding), remaining(rounding)])]

for (const build of builds) {
  test(`a reused instance gives a fresh one’s bytes, whatever lies in the activations and scratch: ${build}`, () => {
    for (const model of models) {
      const next = random(31)
      const { instance, run } = openModel(build, encodeModel(model))
      const { exports } = instance
      for (let i = 0; i < 5; i++) {
        // From the input region on nothing is constant.
        const rest = exports.inputPointer()
        instance.write(rest, randomBytes(instance.pages * 65536 - rest, next))
        const input = randomInput(model, next)
        assert.deepEqual(run(input), runBytes(model, input))
      }
    }
  })

  test(`an instance that held another model, larger memory and a refused artifact, gives a fresh one’s bytes: ${build}`, () => {
    const instance = dirtyInstance(build, 40)
    const { exports } = instance
    const next = random(32)
    for (const model of [...models, ...models.toReversed()]) {
      const artifact = encodeModel(model)
      instance.write(exports.artifactPointer(), artifact.slice(0, -1))
      assert.notEqual(exports.load(artifact.length - 1), 0)
      instance.write(exports.artifactPointer(), artifact)
      assert.equal(exports.load(artifact.length), 0)
      assert.equal(exports.pages(), planModel(build, artifact).pages)
      const input = randomInput(model, next)
      instance.write(exports.inputPointer(), input)
      assert.equal(exports.run(), 0)
      assert.deepEqual(instance.read(exports.outputPointer(), exports.outputBytes()), runBytes(model, input))
    }
  })

  test(`operators one by one give the run’s bytes: ${build}`, () => {
    for (const model of models) {
      const { instance, run } = openModel(build, encodeModel(model))
      const { exports } = instance
      const input = randomInput(model, random(33))
      const expected = run(input)
      instance.write(exports.outputPointer(), new Uint8Array(exports.outputBytes()))
      for (let i = 0; i < exports.operatorCount(); i++) assert.equal(exports.runOperator(i), 0)
      assert.deepEqual(instance.read(exports.outputPointer(), exports.outputBytes()), expected)
    }
  })
}

test('inputs stay as the host wrote them', () => {
  const { instance, run } = openModel('simd', encodeModel(diamond()))
  const input = randomInput(diamond(), random(34))
  run(input)
  assert.deepEqual(instance.read(instance.exports.inputPointer(), instance.exports.inputBytes()), input)
})

test('a constant is where tensorPointer says, and tensors that do not exist are nowhere', () => {
  const model = diamond()
  const { instance } = openModel('simd', encodeModel(model))
  const { exports } = instance
  assert.deepEqual(instance.read(exports.tensorPointer(3), exports.tensorBytes(3)), model.tensors[3]!.data)
  for (const index of [9, -1, 2 ** 31 - 1]) assert.deepEqual([exports.tensorPointer(index), exports.tensorBytes(index)], [0, 0])
})

test('what needs a loaded model says so before there is one', () => {
  const { exports, ...instance } = instantiate(wasm('simd'), 2)
  const notReady = (status: number) => assert.deepEqual([status, instance.errorRecord().code, instance.errorRecord().field], [15, 15, 1])
  const nothing = () => {
    notReady(exports.run())
    notReady(exports.runOperator(0))
    assert.deepEqual([exports.inputPointer(), exports.outputPointer(), exports.tensorPointer(0)], [0, 0, 0])
  }
  nothing()
  const artifact = encodeModel(diamond())
  instance.write(exports.artifactPointer(), artifact)
  assert.equal(exports.plan(artifact.length), 0)
  nothing()
  assert.equal(exports.load(artifact.length), 0)
  assert.equal(exports.run(), 0)
  assert.equal(exports.runOperator(6), 15)
  assert.deepEqual(instance.errorRecord(), { code: 15, operator: undefined, tensor: undefined, field: 2, got: 6n, wanted: 5n })
  assert.notEqual(exports.load(artifact.length - 1), 0)
  nothing()
  assert.deepEqual([exports.pages(), exports.operatorCount(), exports.inputBytes(), exports.operatorWork(0)], [0, 0, 0, 0])
  assert.equal(exports.load(artifact.length), 0)
  assert.notEqual(exports.identify(artifact.length), 0)
  nothing()
})

test('measure knows everything but the values of constants', () => {
  const model = smallCnn('double')
  const artifact = encodeModel(model)
  const refused = structuredClone(model)
  refused.tensors[2]!.data = new Uint8Array(Int32Array.from({ length: 8 }, () => 2 ** 31 - 1).buffer)
  const bytes = encodeModel(refused)
  const { exports, ...instance } = dirtyInstance('simd', planningPages(artifact.length))
  instance.write(exports.artifactPointer(), bytes)
  assert.equal(exports.measure(bytes.length), 0)
  assert.deepEqual(instance.readWords(exports.workPointer()), planModel('simd', artifact).work)
  assert.equal(exports.pages(), planModel('simd', artifact).pages)
  assert.equal(exports.plan(bytes.length), 13)
  assert.deepEqual(
    { ...instance.errorRecord(), got: 0n },
    { code: 13, operator: 0, tensor: undefined, field: 0, got: 0n, wanted: 2n ** 31n - 1n },
  )
})

test('the work of the operators adds up to the work of the model', () => {
  for (const model of models) {
    const artifact = encodeModel(model)
    const { instance } = openModel('simd', artifact)
    const { exports } = instance
    const sum = new Array<bigint>(workSlots).fill(0n)
    for (let i = 0; i < exports.operatorCount(); i++)
      for (const [slot, units] of instance.readWords(exports.operatorWork(i)).entries()) sum[slot]! += units
    sum[11] = BigInt(exports.inputBytes())
    sum[12] = BigInt(exports.outputBytes())
    sum[13] = BigInt(artifact.length)
    sum[14] = BigInt(exports.pages())
    sum[15] = BigInt(artifact.length)
    assert.deepEqual(instance.readWords(exports.workPointer()), sum)
  }
})

test('the work of the diamond', () => {
  const { work } = planModel('scalar', encodeModel(diamond()))
  const units = {
    operators: work[1],
    elements: work[8],
    fixedPointElements: work[9],
    copiedBytes: work[10],
    inputBytes: work[11],
    outputBytes: work[12],
  }
  assert.deepEqual(units, {
    operators: 6n,
    elements: 6n * 3n + 6n, // clamp, lookup
    fixedPointElements: 12n + 256n + 5n * 7n + 6n, // softmax, its table, logistic on Q16.16, a row
    copiedBytes: 24n + 4n * 16n, // concat, its runs, reshape
    inputBytes: 26n,
    outputBytes: 32n,
  })
})

const most = 2n ** 63n - 1n

/** The formula of docs/embedding.md. */
function expectedGas(work: readonly bigint[], prices: readonly bigint[], firstUse: boolean): bigint {
  const charged = work.with(14, work[14]! + 16n)
  const units = charged.map((value, slot) => (slot > 0 && slot <= (firstUse ? 14 : 12) ? value * prices[slot]! : 0n))
  const sum = units.reduce((a, b) => a + b, prices[0]!)
  return ((sum > most ? most : sum) + 999n) / 1000n
}

test('gas is the formula’s, rounded up once and saturating', () => {
  const next = random(35)
  for (const build of builds) {
    const { exports, ...instance } = instantiate(wasm(build), exportsMinimum())
    const big = () => (BigInt(next()) << 32n) | BigInt(next())
    for (let i = 0; i < 400; i++) {
      const size = BigInt([8, 16, 28, 40, 64][i % 5]!)
      const vector = () => Array.from({ length: workSlots }, () => (next() % 4 === 0 ? 0n : big() & ((1n << size) - 1n)))
      const work = vector()
      const prices = vector()
      instance.writeWords(exports.workPointer(), work)
      instance.writeWords(exports.pricesPointer(), prices)
      for (const firstUse of [false, true]) assert.equal(exports.gas(Number(firstUse)), expectedGas(work, prices, firstUse))
      const bytes = next() % 2 ** 26
      const activation = BigInt(bytes) * prices[15]!
      assert.equal(exports.activationGas(bytes), ((activation > most ? most : activation) + 999n) / 1000n)
    }
  }
})

function exportsMinimum(): number {
  return instantiate(wasm('simd'), 1).exports.minimumPages()
}

test('the smallest instance is enough for gas and planning pages', () => {
  for (const build of builds) {
    const { exports } = instantiate(wasm(build), exportsMinimum())
    assert.equal(exports.abi(), 1)
    assert.equal(exports.gas(1), 0n)
    assert.ok(exports.planningPages(1) >= exports.minimumPages())
  }
})
