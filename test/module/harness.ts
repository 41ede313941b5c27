/**
 * Opens the consensus module the way docs/embedding.md says, for tests: both builds, memories of exactly the pages asked for, and an arena
 * full of random bytes.
 *
 * operatorModel(spec)       a model of one operator; operands without values are its inputs, in order
 * openModel(build, bytes)   plans and loads; throws Refusal
 * planModel(build, bytes)   status, error record, pages, work
 * assertReference(model)    both builds give the reference's bytes on random input, twice in the same instance
 */
import assert from 'node:assert/strict'
import { type ErrorRecord, type Instance, instantiate, pageBytes } from '../../runtime/host/instance.ts'
import { findModule, loadModule } from '../../runtime/host/load-module.ts'
import { encodeModel, type Model, type Rounding, type TensorType } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { elements, tensorBytes, type Values, valuesBytes } from '../../runtime/reference/tensor.ts'

export const builds = ['simd', 'scalar'] as const
export type Build = (typeof builds)[number]

const compiled = new Map<Build, WebAssembly.Module>()

export function wasm(build: Build): WebAssembly.Module {
  const known = compiled.get(build)
  if (known !== undefined) return known
  const module = new WebAssembly.Module(
    loadModule(findModule(build === 'simd' ? 'infernode.wasm' : 'infernode.scalar.wasm')) as BufferSource,
  )
  compiled.set(build, module)
  return module
}

export type Random = () => number

/** Numbers below 2^32 from a seed: Marsaglia's xorshift32. */
export function random(seed: number): Random {
  let state = (seed * 2654435761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

export function randomBytes(length: number, next: Random): Uint8Array {
  const words = new Uint32Array((length + 3) >> 2)
  for (let i = 0; i < words.length; i++) words[i] = next()
  return new Uint8Array(words.buffer, 0, length)
}

/** An instance whose arena holds random bytes. */
export function dirtyInstance(build: Build, pages: number, seed = 1): Instance {
  const instance = instantiate(wasm(build), pages)
  const start = instance.exports.artifactPointer()
  instance.write(start, randomBytes(pages * pageBytes - start, random(seed)))
  return instance
}

let smallest: Instance | undefined

export function planningPages(bytes: number): number {
  smallest ??= instantiate(wasm('simd'), 1)
  return smallest.exports.planningPages(bytes)
}

export type Planned = { status: number; error: ErrorRecord; pages: number; work: bigint[] }

export function planModel(build: Build, artifact: Uint8Array): Planned {
  const instance = dirtyInstance(build, planningPages(artifact.length))
  instance.write(instance.exports.artifactPointer(), artifact)
  const status = instance.exports.plan(artifact.length)
  return {
    status,
    error: instance.errorRecord(),
    pages: instance.exports.pages(),
    work: instance.readWords(instance.exports.workPointer()),
  }
}

export class Refusal extends Error {
  readonly record: ErrorRecord
  constructor(record: ErrorRecord) {
    super(`refused: ${JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? Number(value) : value))}`)
    this.record = record
  }
}

export type Opened = { instance: Instance; run(input: Uint8Array): Uint8Array }

export function openModel(build: Build, artifact: Uint8Array, seed = 2): Opened {
  const planned = planModel(build, artifact)
  if (planned.status !== 0) throw new Refusal(planned.error)
  const instance = dirtyInstance(build, planned.pages, seed)
  const { exports } = instance
  instance.write(exports.artifactPointer(), artifact)
  if (exports.load(artifact.length) !== 0) throw new Refusal(instance.errorRecord())
  assert.equal(exports.pages(), planned.pages)
  return {
    instance,
    run: (input) => {
      assert.equal(input.length, exports.inputBytes())
      instance.write(exports.inputPointer(), input)
      assert.equal(exports.run(), 0)
      return instance.read(exports.outputPointer(), exports.outputBytes())
    },
  }
}

export type OperandSpec = { type?: TensorType; shape: number[]; values?: Values }
export type OperatorSpec = {
  name: Model['operators'][number]['name']
  rounding?: Rounding
  operands: OperandSpec[]
  result: OperandSpec
  /** Behind the first. */
  furtherResults?: OperandSpec[]
  attributes?: number[]
  multipliers?: number[]
  shifts?: number[]
}

export function operatorModel({
  name,
  rounding = 'double',
  operands,
  result,
  furtherResults = [],
  attributes = [],
  multipliers = [],
  shifts = [],
}: OperatorSpec): Model {
  const order = [
    ...operands.filter((operand) => !operand.values),
    ...operands.filter((operand) => operand.values),
    result,
    ...furtherResults,
  ]
  const port = (operand: OperandSpec) => ({ tensor: order.indexOf(operand), scale: 0, zeroPoint: 0 })
  return {
    rounding,
    tensors: order.map(({ type = 'int8', shape, values }) => ({ type, shape, data: values ? valuesBytes(values) : new Uint8Array() })),
    operators: [
      {
        name,
        inputs: operands.map((operand) => order.indexOf(operand)),
        outputs: [result, ...furtherResults].map((operand) => order.indexOf(operand)),
        attributes,
        multipliers,
        shifts,
      },
    ],
    inputs: operands.filter((operand) => !operand.values).map(port),
    outputs: [result, ...furtherResults].map(port),
  }
}

export function randomInput(model: Model, next: Random): Uint8Array {
  return randomBytes(
    model.inputs.reduce((sum, { tensor }) => sum + tensorBytes(model.tensors[tensor]!), 0),
    next,
  )
}

/** `inputs`: what to run, random by default. */
export function assertReference(model: Model, { seed = 7, inputs }: { seed?: number; inputs?: Uint8Array[] } = {}): void {
  const artifact = encodeModel(model)
  const next = random(seed)
  const given = inputs ?? [randomInput(model, next), randomInput(model, next)]
  const expected = given.map((input) => runBytes(model, input))
  for (const build of builds) {
    const opened = openModel(build, artifact, seed)
    for (const [index, input] of given.entries()) assert.deepEqual(opened.run(input), expected[index], `${build}, input ${index}`)
  }
}

/** Status of a model's plan in both builds, with the error record of the first. */
export function refusal(artifact: Uint8Array): ErrorRecord {
  const [simd, scalar] = builds.map((build) => planModel(build, artifact))
  assert.notEqual(simd!.status, 0, 'the module accepts it')
  assert.deepEqual(scalar!.error, simd!.error)
  assert.equal(simd!.error.code, simd!.status)
  assert.equal(simd!.pages, 0)
  return simd!.error
}

export function int8Values(shape: readonly number[], next: Random): Int8Array {
  return new Int8Array(randomBytes(elements(shape), next).buffer, 0, elements(shape))
}
