/**
 * Model files that are broken in ways that a parser meets late: sound files with a field changed, an edge moved, a constant replaced, and with
 * bytes flipped, cut out, repeated or taken from another file. The same seed gives the same mutants.
 *
 * committedSources()         models of both formats
 * sources()                  these, and those of ../shared/models up to a size where that folder is
 * mutants(count, seed, from) so many of them
 * importMutant(mutant)       what the importer and the module make of it
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { createHost, type Host } from '../../runtime/host/host.ts'
import { loadModule } from '../../runtime/host/load-module.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { type AttributeProto, type GraphProto, ModelProtoSchema, type TensorProto } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { ModelError } from '../../runtime/model/errors.ts'
import { roundings } from '../../runtime/model/types.ts'
import { createDice, type Dice } from '../ops/fuzz.ts'
import { classicalCases } from './classical.ts'
import { onnxCases } from './onnx-bytes.ts'

const root = join(import.meta.dirname, '../..')
const shared = join(root, '../shared/models')
/** Of a file: mutants of larger ones are slow to make, and break in the same ways. */
const mostBytes = 400_000

type Format = 'tflite' | 'onnx'
export type Source = { readonly name: string; readonly format: Format; readonly bytes: Uint8Array }
export type Mutant = Source & { readonly rounding: (typeof roundings)[number]; readonly allowInexact: boolean }

export function committedSources(): Source[] {
  const vectors = JSON.parse(readFileSync(join(root, 'test/import/vectors/operators.json'), 'utf8')) as { name: string; model: string }[]
  return [
    { name: 'digits', format: 'tflite', bytes: readFileSync(join(root, 'examples/digits/digits.tflite')) },
    ...vectors.map(({ name, model }): Source => ({ name, format: 'tflite', bytes: Buffer.from(model, 'base64') })),
    ...[...onnxCases(), ...classicalCases()].map(({ name, model }): Source => ({ name, format: 'onnx', bytes: model })),
  ]
}

export function sources(): Source[] {
  const committed = committedSources()
  if (!existsSync(shared)) {
    console.log(`no ${shared}: only committed models are broken`)
    return committed
  }
  const found = globSync('**/*.{tflite,onnx}', { cwd: shared }).sort()
  const files = found.map(
    (name): Source => ({ name, format: name.endsWith('.onnx') ? 'onnx' : 'tflite', bytes: readFileSync(join(shared, name)) }),
  )
  return [...committed, ...files.filter(({ bytes }) => bytes.length <= mostBytes)]
}

/** Half of either format. */
export function* mutants(count: number, seed: number, from: readonly Source[]): Generator<Mutant> {
  const byFormat = { tflite: from.filter(({ format }) => format === 'tflite'), onnx: from.filter(({ format }) => format === 'onnx') }
  for (let index = 0; index < count; index += 1) {
    const dice = createDice(seed * 1_000_003 + index)
    const pool = byFormat[index % 2 === 0 ? 'tflite' : 'onnx']
    const source = dice.pick(pool)
    const other = dice.pick(pool).bytes
    const bytes = dice.between(0, 3) === 0 ? damaged(source.bytes, other, dice) : altered(source, other, dice)
    yield { ...source, bytes, rounding: source.format === 'onnx' ? 'fp32' : dice.pick(roundings), allowInexact: dice.between(0, 1) === 0 }
  }
}

export type Outcome = {
  readonly result: 'imported' | 'malformed' | 'unsupported' | 'rounding' | 'refused by the module'
  readonly milliseconds: number
}

let host: Host | undefined

/** @throws whatever is no refusal with a code */
export function importMutant({ format, bytes, rounding, allowInexact }: Mutant): Outcome {
  const started = performance.now()
  const outcome = (result: Outcome['result']): Outcome => ({ result, milliseconds: performance.now() - started })
  let artifact: Uint8Array
  try {
    artifact = (format === 'onnx' ? importOnnx(bytes, { rounding, allowInexact }) : importTflite(bytes, { rounding })).bytes
  } catch (error) {
    if (error instanceof ImportError && error.message.length > 20) return outcome(error.code)
    throw error
  }
  host ??= createHost({ wasm: loadModule() })
  try {
    host.plan(artifact)
    return outcome('imported')
  } catch (error) {
    if (error instanceof ModelError) return outcome('refused by the module')
    throw error
  }
}

/** Bytes flipped, a piece cut out or repeated, the end cut off, or a piece of another file put in. */
function damaged(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.between(0, bytes.length - 1)
  const length = dice.between(1, 64)
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
  switch (dice.between(0, 4)) {
    case 0: {
      const flipped = Uint8Array.from(bytes)
      for (let count = dice.between(1, 6); count > 0; count -= 1) flipped[dice.between(0, bytes.length - 1)]! ^= 1 << dice.between(0, 7)
      return flipped
    }
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length))
    case 2:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at))
    case 3:
      return bytes.slice(0, at)
    default: {
      const from = dice.between(0, other.length - 1)
      return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + length))
    }
  }
}

function altered({ format, bytes }: Source, other: Uint8Array, dice: Dice): Uint8Array {
  return format === 'onnx' ? alteredOnnx(bytes, other, dice) : alteredTflite(bytes, dice)
}

const words = [0, 1, 2, 3, 4, 7, 255, 256, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0x3f800000, 0x7f800000, 0x7fc00000]

/** Words that are lengths, offsets, indices, enumerations or float32: the small ones of the file are those. */
function alteredTflite(bytes: Uint8Array, dice: Dice): Uint8Array {
  const file = Uint8Array.from(bytes)
  const view = new DataView(file.buffer)
  for (let count = dice.between(1, 4); count > 0; count -= 1)
    for (let tries = 0; tries < 50; tries += 1) {
      const at = 4 * dice.between(0, Math.floor(file.length / 4) - 1)
      const word = view.getUint32(at, true)
      if (word > 0xffff && tries < 49) continue
      view.setUint32(at, dice.pick([dice.pick(words), word + 1, word - 1, word * 2, dice.between(0, 40)]) >>> 0, true)
      break
    }
  return file
}

/** A sound message with other nodes, attributes, edges, shapes, types, constants. */
function alteredOnnx(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  const graph = model.graph
  if (graph === undefined || graph.node.length === 0) return damaged(bytes, other, dice)
  const donor = fromBinary(ModelProtoSchema, other).graph ?? graph
  for (let count = dice.between(1, 3); count > 0; count -= 1) alterGraph(graph, donor, dice)
  if (dice.between(0, 9) === 0) for (const set of model.opsetImport) set.version = BigInt(dice.between(0, 30))
  return toBinary(ModelProtoSchema, model)
}

const numbers = [0, 1, -1, 2, 3, 8, 255, -128, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 40, -(2 ** 53)]
const reals = [0, -0, 1, -1, 1e-45, 3.4e38, Number.POSITIVE_INFINITY, Number.NaN]

function alterGraph(graph: GraphProto, donor: GraphProto, dice: Dice): void {
  const node = dice.pick(graph.node)
  const names = [
    ...graph.node.flatMap(({ output }) => output),
    ...graph.initializer.map(({ name }) => name),
    ...graph.input.map(({ name }) => name),
  ]
  switch (dice.between(0, 8)) {
    case 0:
      node.opType = dice.pick(donor.node).opType
      return
    case 1:
      if (node.input.length > 0) node.input[dice.between(0, node.input.length - 1)] = dice.pick(['', 'nothing', ...names])
      return
    case 2:
      if (dice.between(0, 1) === 0) node.input.pop()
      else node.output.push(dice.pick(names))
      return
    case 3:
      if (node.attribute.length > 0) alterAttribute(dice.pick(node.attribute), dice)
      return
    case 4:
      node.attribute = dice.pick(donor.node).attribute
      return
    case 5:
      if (graph.initializer.length > 0) alterTensor(dice.pick(graph.initializer), dice)
      return
    case 6: {
      const type = graph.input.length === 0 ? undefined : dice.pick(graph.input).type?.tensorType
      if (type === undefined) return
      type.elemType = dice.pick([type.elemType, dice.between(0, 23)])
      const dims = type.shape?.dim ?? []
      if (dims.length > 0) dice.pick(dims).value = { case: 'dimValue', value: BigInt(dice.pick(numbers)) }
      return
    }
    case 7:
      graph.node.splice(dice.between(0, graph.node.length - 1), 1, ...(graph.node.length > 1 ? [] : [node]))
      return
    default:
      graph.node.splice(dice.between(0, graph.node.length), 0, dice.pick(donor.node))
  }
}

function alterAttribute(attribute: AttributeProto, dice: Dice): void {
  attribute.i = BigInt(dice.pick(numbers))
  attribute.f = dice.pick(reals)
  const [ints, floats] = [attribute.ints, attribute.floats]
  if (ints.length > 0) ints[dice.between(0, ints.length - 1)] = BigInt(dice.pick([...numbers, dice.between(0, 9)]))
  if (floats.length > 0) floats[dice.between(0, floats.length - 1)] = dice.pick(reals)
  if (dice.between(0, 3) === 0) ints.pop()
  if (dice.between(0, 3) === 0) floats.pop()
  if (dice.between(0, 5) === 0) attribute.type = dice.between(0, 14)
  if (attribute.t !== undefined) alterTensor(attribute.t, dice)
}

function alterTensor(tensor: TensorProto, dice: Dice): void {
  switch (dice.between(0, 3)) {
    case 0:
      if (tensor.dims.length > 0) tensor.dims[dice.between(0, tensor.dims.length - 1)] = BigInt(dice.pick(numbers))
      return
    case 1:
      tensor.dataType = dice.between(0, 23)
      return
    case 2:
      if (dice.between(0, 1) === 0) tensor.dims.pop()
      else tensor.dims.push(1n)
      return
    default: {
      // A copy: the message's own bytes are a view of the file.
      const data = Uint8Array.from(tensor.rawData)
      if (data.length >= 4) new DataView(data.buffer).setUint32(dice.between(0, data.length - 4), dice.pick(words), true)
      tensor.rawData = data
    }
  }
}
