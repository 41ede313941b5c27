import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantiate } from '../../runtime/host/instance.ts'
import { encodeModel, type Model, ModelContainer, type ModelFields, modelFields } from '../../runtime/model/types.ts'
import { builds, dirtyInstance, openModel, operatorModel, planModel, planningPages, refusal, wasm } from './harness.ts'
import { diamond } from './networks.ts'

/** code, field, got, wanted of the refusal. */
function refused(artifact: Uint8Array): [number, number, number, number] {
  const { code, field, got, wanted } = refusal(artifact)
  return [code, field, Number(got), Number(wanted)]
}

function changed(change: (fields: ModelFields) => void): Uint8Array {
  const fields = modelFields(diamond())
  change(fields)
  return ModelContainer.serialize(fields)
}

/** Serialized past the limits of the SSZ types: the container's lists as if they had none. */
function overlongList(artifact: Uint8Array, field: number, length: number, items: Uint8Array): Uint8Array {
  const fixed = artifact.slice(0, 19)
  const view = new DataView(fixed.buffer)
  const ends = [3, 7, 11, 15].map((at) => view.getUint32(at, true)).concat(artifact.length)
  const parts = [2, 3, 4, 5].map((_, i) => (i + 2 === field ? items : artifact.slice(ends[i], ends[i + 1])))
  let at = 19
  for (const [i, part] of parts.entries()) {
    view.setUint32(3 + 4 * i, at, true)
    at += part.length
  }
  assert.ok(length > 0)
  return Uint8Array.from(Buffer.concat([fixed, ...parts]))
}

/** A list of `length` containers that are all the same bytes. */
function containers(length: number, container: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(length * (4 + container.length))
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < length; i++) {
    view.setUint32(4 * i, 4 * length + i * container.length, true)
    bytes.set(container, 4 * length + i * container.length)
  }
  return bytes
}

const emptyTensor = Uint8Array.from([0, 9, 0, 0, 0, 9, 0, 0, 0])
const emptyOperator = Uint8Array.from([1, 0, ...new Array(5).fill([22, 0, 0, 0]).flat()])

test('an artifact of more than 64 MiB is refused before it is read', () => {
  for (const build of builds) {
    const { exports, ...instance } = instantiate(wasm(build), exportsMinimum(build))
    for (const bytes of [2 ** 26 + 1, 2 ** 31 - 1, -1]) {
      assert.equal(exports.planningPages(bytes), 0)
      assert.equal(exports.plan(bytes), 5)
      assert.deepEqual(instance.errorRecord(), {
        code: 5,
        operator: undefined,
        tensor: undefined,
        field: 0,
        got: BigInt(bytes >>> 0),
        wanted: 2n ** 26n,
      })
      assert.equal(exports.identify(bytes), 0)
    }
    assert.ok(exports.planningPages(2 ** 26) <= 4096)
  }
})

function exportsMinimum(build: (typeof builds)[number]): number {
  return instantiate(wasm(build), 1).exports.minimumPages()
}

test('tensors, operators and ports past their limits are refused', () => {
  const artifact = encodeModel(diamond())
  assert.deepEqual(refused(overlongList(artifact, 2, 4097, containers(4097, emptyTensor))), [5, 1, 4097, 4096])
  assert.deepEqual(refused(overlongList(artifact, 3, 4097, containers(4097, emptyOperator))), [5, 2, 4097, 4096])
  assert.deepEqual(refused(overlongList(artifact, 4, 17, new Uint8Array(170))), [5, 9, 17, 16])
  assert.deepEqual(refused(overlongList(artifact, 5, 17, new Uint8Array(170))), [5, 10, 17, 16])
})

test('operands, results, attributes, multipliers and shifts past their limits are refused', () => {
  const lists = [
    { field: 1, size: 2, most: 64, limit: 6 },
    { field: 2, size: 2, most: 8, limit: 7 },
    { field: 3, size: 4, most: 32, limit: 8 },
    { field: 4, size: 4, most: 65536, limit: 11 },
    { field: 5, size: 1, most: 65536, limit: 12 },
  ]
  for (const { field, size, most, limit } of lists) {
    const bytes = (most + 1) * size
    const operator = new Uint8Array(22 + bytes)
    const view = new DataView(operator.buffer)
    for (let i = 1; i <= 5; i++) view.setUint32(4 * i - 2, i <= field ? 22 : 22 + bytes, true)
    assert.deepEqual(refused(overlongList(encodeModel(diamond()), 3, 1, containers(1, operator))), [5, limit, most + 1, most])
  }
})

test('rank, dimension and elements past their limits are refused', () => {
  const tensor = Uint8Array.from([0, 9, 0, 0, 0, 9 + 28, 0, 0, 0, ...new Array(7).fill([1, 0, 0, 0]).flat()])
  assert.deepEqual(refused(overlongList(encodeModel(diamond()), 2, 1, containers(1, tensor))), [5, 3, 7, 6])
  const shaped = (shape: number[]) =>
    changed((model) => {
      model.tensors[0]!.shape = shape
    })
  assert.deepEqual(refused(shaped([2 ** 24 + 1])), [5, 4, 2 ** 24 + 1, 2 ** 24])
  assert.deepEqual(refused(shaped([2 ** 32 - 1])), [5, 4, 2 ** 32 - 1, 2 ** 24])
  assert.deepEqual(refused(shaped([2 ** 24, 5])), [5, 5, 5 * 2 ** 24, 2 ** 26])
  // The product would be 2^64 and more.
  assert.deepEqual(refused(shaped([2 ** 16, 2 ** 16, 2 ** 16, 2 ** 16])), [5, 5, 2 ** 32, 2 ** 26])
  assert.deepEqual(refused(shaped([2 ** 24, 2 ** 24, 2 ** 24, 2 ** 24, 2 ** 24, 2 ** 24])), [5, 5, 2 ** 48, 2 ** 26])
})

/** x of 2^26 bytes, then a chain of clamps. */
function bigChain(length: number): Model {
  const model = diamond()
  const tensor = () => ({ type: 'int8' as const, shape: [2 ** 13, 2 ** 13], data: new Uint8Array() })
  model.tensors = Array.from({ length: length + 1 }, tensor)
  model.operators = Array.from({ length }, (_, i) => ({
    name: 'clamp' as const,
    inputs: [i],
    outputs: [i + 1],
    attributes: [0, 1],
    multipliers: [],
    shifts: [],
  }))
  model.inputs = [{ tensor: 0, scale: 0, zeroPoint: 0 }]
  model.outputs = [{ tensor: length, scale: 0, zeroPoint: 0 }]
  return model
}

test('a model that needs more than 4096 pages is refused, and one just below is planned', () => {
  const bytes = encodeModel(bigChain(2))
  for (const build of builds) {
    const { status, pages } = planModel(build, bytes)
    assert.equal(status, 0)
    assert.equal(pages, 3 * 1024 + 1)
  }
  const [code, field, got, wanted] = refused(encodeModel(bigChain(3)))
  assert.deepEqual([code, field, wanted], [14, 0, 4096])
  assert.ok(got > 4096)
})

test('more multiply-adds than 2^40 are refused', () => {
  const weights = { shape: [2 ** 12, 2 ** 12], values: new Int8Array(2 ** 24) }
  const layer = (rows: number) =>
    operatorModel({
      name: 'fullyConnected',
      operands: [{ shape: [rows, 2 ** 12] }, weights],
      result: { shape: [rows, 2 ** 12] },
      attributes: [0, 0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [0],
    })
  // 2^14 · 2^12 · 2^12 = 2^38 a layer: five of them are past 2^40.
  const model = layer(2 ** 14)
  const [x, w, y] = model.tensors
  model.tensors = [x!, w!, y!, ...new Array(4).fill(y!)]
  model.operators = [0, 2, 3, 4, 5].map((tensor, i) => ({ ...model.operators[0]!, inputs: [tensor, 1], outputs: [i + 2] }))
  model.outputs = [{ tensor: 6, scale: 0, zeroPoint: 0 }]
  assert.deepEqual(refused(encodeModel(model)), [5, 13, 5 * 2 ** 38, 2 ** 40])
})

test('the module refuses a memory smaller than it needs', () => {
  const artifact = encodeModel(bigChain(1))
  const { exports, ...instance } = dirtyInstance('simd', planningPages(artifact.length))
  instance.write(exports.artifactPointer(), artifact)
  assert.equal(exports.load(artifact.length), 15)
  const { field, got, wanted } = instance.errorRecord()
  assert.deepEqual([field, Number(got), Number(wanted)], [0, planningPages(artifact.length), 2049])
  assert.equal(exports.pages(), 2049)
  assert.equal(exports.run(), 15)
  const small = instantiate(wasm('simd'), 1)
  assert.equal(small.exports.plan(2 ** 20), 15)
  assert.deepEqual(Number(small.errorRecord().wanted), planningPages(2 ** 20))
})

test('as many live buffers as there can be are planned without overlap', () => {
  // y = concat(t₁, concat(t₂, … )): depth-first order computes every tᵢ before the first concat.
  const leaves = 2048
  const tensor = (size: number) => ({ type: 'int8' as const, shape: [size], data: new Uint8Array() })
  const operator = { attributes: [0], multipliers: [], shifts: [] }
  const model: Model = {
    rounding: 'double',
    tensors: [
      tensor(1),
      ...Array.from({ length: leaves }, () => tensor(1)),
      ...Array.from({ length: leaves - 1 }, (_, i) => tensor(i + 2)),
    ],
    operators: [
      ...Array.from({ length: leaves }, (_, i) => ({
        ...operator,
        name: 'pad' as const,
        inputs: [0],
        outputs: [i + 1],
        attributes: [0, 0, 0],
      })),
      ...Array.from({ length: leaves - 1 }, (_, i) => ({
        ...operator,
        name: 'concat' as const,
        inputs: [leaves - 1 - i, i === 0 ? leaves : leaves + i],
        outputs: [leaves + 1 + i],
      })),
    ],
    inputs: [{ tensor: 0, scale: 0, zeroPoint: 0 }],
    outputs: [{ tensor: 2 * leaves - 1, scale: 0, zeroPoint: 0 }],
  }
  const artifact = encodeModel(model)
  for (const build of builds) assert.deepEqual(openModel(build, artifact).run(Uint8Array.of(42)), new Uint8Array(leaves).fill(42))
})

test('a chain as long as is allowed is walked without recursion, planned in two buffers and run', () => {
  const length = 4095
  const model = bigChain(length)
  for (const tensor of model.tensors) tensor.shape = [16]
  for (const operator of model.operators) operator.attributes = [-128, 127]
  const artifact = encodeModel(model)
  for (const build of builds) {
    const opened = openModel(build, artifact)
    const input = Uint8Array.from({ length: 16 }, (_, i) => i * 16)
    assert.deepEqual(opened.run(input), input)
    assert.equal(opened.instance.exports.operatorCount(), length)
    // The chain alternates between two buffers.
    const pointers = new Set(Array.from({ length: length - 1 }, (_, i) => opened.instance.exports.tensorPointer(i + 1)))
    assert.equal(pointers.size, 2)
  }
})
