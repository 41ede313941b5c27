/**
 * ONNX models against what onnxruntime (and, for its backend tests, the ONNX standard) answers: numbers of the model's own types, so that
 * the importer's ports are held to account too.
 *
 * onnxCases()                  committed random models, and digits as ONNX
 * sharedOnnxCases()            those of ../shared/models where that folder is; says aloud where not
 * compareOnnx(case, executor)  differing and all output numbers over all samples
 * onnxTable(rows)              model × executor × differing / total × note
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import Table from 'cli-table3'
import type { Imported, ImportedPort } from '../../runtime/import/artifact.ts'
import { noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { ModelProtoSchema, type TensorProto, TensorProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx, type OnnxOptions } from '../../runtime/import/onnx/import.ts'
import { elementsInMemoryOrder, permutedLayout } from '../../runtime/import/onnx/layout.ts'
import { roundHalfEven } from '../../runtime/import/scales.ts'
import { onnxModels } from '../import/onnx-vectors/models.ts'
import type { Executor } from './expected-bytes.ts'
import { untar } from './tar.ts'

const root = join(import.meta.dirname, '../..')
const vectors = join(root, 'test/import/onnx-vectors')
const models = join(root, '../shared/models')

/** `inputs`, `outputs`: numbers by port name, in the model's own order and type, one list to a sample. */
export type OnnxCase = {
  readonly name: string
  readonly model: Uint8Array
  readonly inputs: readonly Readonly<Record<string, readonly number[]>>[]
  readonly outputs: readonly Readonly<Record<string, readonly number[]>>[]
  readonly options?: Omit<OnnxOptions, 'rounding'>
  readonly note?: string
}

export type OnnxRow = { name: string; executor: string; samples: number; differing: number; total: number; note: string }

export function importCase({ model, options = {} }: OnnxCase): Imported {
  return importOnnx(model, { rounding: 'fp32', ...options })
}

export function compareOnnx(one: OnnxCase, executor: Executor): OnnxRow {
  const imported = importCase(one)
  const run = executor.open(imported.bytes, imported.model)
  const row = { name: one.name, executor: executor.name, samples: one.inputs.length, differing: 0, total: 0, note: one.note ?? '' }
  for (const [sample, given] of one.inputs.entries()) {
    const input = Buffer.concat(imported.inputs.map((port) => portBytes(port, given[port.name]!)))
    const results = portNumbers(imported.outputs, run(new Uint8Array(input)))
    for (const [position, port] of imported.outputs.entries()) {
      const wanted = one.outputs[sample]![port.name]!
      row.total += wanted.length
      for (const [at, value] of wanted.entries()) if (results[position]![at] !== value) row.differing += 1
    }
  }
  return row
}

/** A number that a port's type has no room for, or that is none. */
export class PortError extends Error {
  override readonly name = 'PortError'
  readonly code: 'range' | 'type'

  constructor(code: PortError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const ranges = { int8: [-128, 127], uint8: [0, 255], int16: [-(2 ** 15), 2 ** 15 - 1], int32: [-(2 ** 31), 2 ** 31 - 1] } as const

/** The bytes that the artifact takes for numbers of the file's type and order: float32 as QuantizeLinear has them. */
export function portBytes(
  { name, source, type, scale, zeroPoint, order, sourceShape }: ImportedPort,
  numbers: readonly number[],
): Uint8Array {
  const [low, high] = ranges[type]
  const quantize = (value: number) => Math.min(Math.max(roundHalfEven(Math.fround(value / scale)) + zeroPoint, low), high)
  const values = numbers.map((value) => (source === 'float32' ? quantize(value) : source === 'uint8' ? value - 128 : value))
  const outside = values.find((value) => !(value >= low && value <= high))
  if (outside !== undefined) throw new PortError('range', `the input "${name}" has the ${source} ${outside}, the artifact takes ${type}`)
  const places = order === undefined ? undefined : elementsInMemoryOrder(permutedLayout(sourceShape!, order))
  const ordered = places === undefined ? values : [...places].map((element) => values[element]!)
  return new Uint8Array({ int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array }[type].from(ordered).buffer)
}

/** Numbers of the file's types and order from the bytes that an artifact gives. */
export function portNumbers(ports: readonly ImportedPort[], bytes: Uint8Array): number[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  return ports.map(({ source, type, shape, scale, zeroPoint, order, sourceShape }) => {
    const count = shape.reduce((product, size) => product * size, 1)
    const width = type === 'int32' ? 4 : 1
    const values = Array.from({ length: count }, (_, index) =>
      type === 'int32' ? view.getInt32(at + width * index, true) : view.getInt8(at + index),
    )
    at += count * width
    const real = (value: number) => Math.fround(scale * (value - zeroPoint)) + 0
    const numbers = values.map((value) => (source === 'float32' ? real(value) : source === 'uint8' ? value + 128 : value))
    if (order === undefined) return numbers
    const original: number[] = []
    for (const [place, element] of elementsInMemoryOrder(permutedLayout(sourceShape!, order)).entries()) original[element] = numbers[place]!
    return original
  })
}

type Vectors = {
  samples: number
  cases: { name: string; model: string; inputs: Record<string, string>; outputs: Record<string, string> }[]
}

/** What make.py of onnx-vectors has written, and the models of models.ts that it has answers to. */
export function onnxCases(): OnnxCase[] {
  const { samples, cases } = JSON.parse(gunzipSync(readFileSync(join(vectors, 'cases.json.gz'))).toString()) as Vectors
  return [...cases.map((one) => vectorCase(one, samples)), ...onnxModels(false).map(modelCase)]
}

function vectorCase({ name, model, inputs, outputs }: Vectors['cases'][number], samples: number): OnnxCase {
  const bytes = new Uint8Array(Buffer.from(model, 'base64'))
  const graph = fromBinary(ModelProtoSchema, bytes).graph!
  const types = new Map([...graph.input, ...graph.output].map((port) => [port.name, port.type!.tensorType!.elemType]))
  const split = (ports: Record<string, string>) => {
    const all = Object.entries(ports).map(([port, text]) => [port, numbersIn(Buffer.from(text, 'base64'), types.get(port)!)] as const)
    return Array.from({ length: samples }, (_, sample) =>
      Object.fromEntries(
        all.map(([port, values]) => [port, values.slice((values.length / samples) * sample, (values.length / samples) * (sample + 1))]),
      ),
    )
  }
  return { name, model: bytes, inputs: split(inputs), outputs: split(outputs) }
}

function numbersIn(bytes: Uint8Array, elementType: number): number[] {
  const width = [0, 4, 1, 1, 0, 0, 4][elementType]!
  return numbersOf(
    readTensor(
      create(TensorProtoSchema, { dims: [BigInt(bytes.length / width)], dataType: elementType, rawData: bytes }),
      '',
      noExternalFiles,
    ),
  )!
}

function modelCase({ name, bytes, input, output, samples, answers, note }: ReturnType<typeof onnxModels>[number]): OnnxCase {
  const part = (values: Uint8Array, sample: number) => [
    ...values.subarray((values.length / samples) * sample, (values.length / samples) * (sample + 1)),
  ]
  const lists = (port: string, values: Uint8Array) => Array.from({ length: samples }, (_, sample) => ({ [port]: part(values, sample) }))
  return {
    name,
    model: bytes,
    inputs: lists(input.name, input.values),
    outputs: lists(output, answers),
    ...(note === undefined ? {} : { note, options: { allowInexact: true } }),
  }
}

/** Quantized models with onnxruntime's answers, and the ONNX standard's tests of quantized operators. */
export function sharedOnnxCases(): OnnxCase[] {
  if (!existsSync(models)) {
    console.log(`no ${models}: only committed ONNX models are compared`)
    return []
  }
  return [...onnxModels(true).map(modelCase), ...expectedCases(), ...backendCases()]
}

const unfused = 'onnxruntime ran it without fusing, in float32'

/** Files of expected_onnx, whose answers onnxruntime gave without optimizations. */
const expected: readonly (readonly [file: string, note?: string, options?: OnnxCase['options']])[] = [
  ['onnxruntime_testdata/qdq_conv.onnx', `${unfused}; the bias has a scale of its own`, { allowInexact: true }],
  ['onnxruntime_testdata/qdq_convs.onnx', `${unfused}; the biases have scales of their own`, { allowInexact: true }],
  ['onnxruntime_testdata/conv_qdq_u8u8.onnx', unfused],
  ['onnxruntime_testdata/conv_qdq_s8s8.onnx', unfused],
  ['onnxruntime_testdata/layout_transform_const_folding.qdq.onnx', unfused],
  ['tract/onnx/test_cases/qrelu_1/model.onnx'],
  ['tract/onnx/test_cases/qsigmoid_1/model.onnx'],
  ['tract/onnx/test_cases/qtanh_1/model.onnx'],
]

type Expected = { sets: { inputs: Record<string, Listed>; outputs: Record<string, Listed> }[] }
type Listed = { data: number[] }

function expectedCases(): OnnxCase[] {
  return expected.map(([file, note, options]) => {
    const id = file.replaceAll('/', '__').replace(/\.onnx$/, '')
    const { sets } = JSON.parse(gunzipSync(readFileSync(join(models, 'expected_onnx', `${id}.json.gz`))).toString()) as Expected
    const listed = (ports: Record<string, Listed>) =>
      Object.fromEntries(Object.entries(ports).map(([port, { data }]) => [port, data.map((value) => value + 0)]))
    return {
      name: id,
      model: readFileSync(join(models, file)),
      inputs: sets.map((set) => listed(set.inputs)),
      outputs: sets.map((set) => listed(set.outputs)),
      ...(note === undefined ? {} : { note }),
      ...(options === undefined ? {} : { options }),
    }
  })
}

/** The ONNX standard's tests whose operator is quantized. Their scales and weights are model inputs: all but the first become constants. */
export function backendCases(): OnnxCase[] {
  const wanted = /^(qlinearconv|qlinearmatmul|matmulinteger|convinteger|dequantizelinear|quantizelinear|dynamicquantizelinear)/
  const files = untar(readFileSync(join(models, 'onnx_backend/node_dev.tar.gz')))
  const index = JSON.parse(readFileSync(join(models, 'onnx_backend/index.json'), 'utf8')) as { cat: string; t: string }[]
  return index.filter(({ cat, t }) => cat === 'node' && wanted.test(t.replace('test_', ''))).map(({ t }) => backendCase(t, files))
}

function backendCase(name: string, files: ReadonlyMap<string, Uint8Array>): OnnxCase {
  const folder = `node/${name}`
  const proto = fromBinary(ModelProtoSchema, files.get(`${folder}/model.onnx`)!)
  const graph = proto.graph!
  const tensor = (kind: string, at: number, port: string): TensorProto => {
    const read = fromBinary(TensorProtoSchema, files.get(`${folder}/test_data_set_0/${kind}_${at}.pb`)!)
    read.name = port
    return read
  }
  const inputs = graph.input.map((port, at) => tensor('input', at, port.name))
  const outputs = graph.output.map((port, at) => tensor('output', at, port.name))
  graph.initializer.push(...inputs.slice(1))
  graph.input.splice(1)
  const listed = (tensors: readonly TensorProto[]) => [
    Object.fromEntries(tensors.map((one) => [one.name, numbersOf(readTensor(one, one.name, noExternalFiles)) ?? []])),
  ]
  return { name, model: toBinary(ModelProtoSchema, proto), inputs: listed(inputs.slice(0, 1)), outputs: listed(outputs) }
}

export function onnxTable(rows: readonly OnnxRow[]): string {
  const table = new Table({ head: ['model', 'executor', 'samples', 'differing', 'numbers', 'note'], style: { head: [], border: [] } })
  for (const { name, executor, samples, differing, total, note } of rows) table.push([name, executor, samples, differing, total, note])
  return table.toString()
}
