/**
 * ONNX models against what onnxruntime answers: numbers of the model's own types, so that
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
import { create, fromBinary } from '@bufbuild/protobuf'
import Table from 'cli-table3'
import type { Imported, ImportedPort } from '../../runtime/import/artifact.ts'
import { noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { ModelProtoSchema, TensorProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx, type OnnxOptions } from '../../runtime/import/onnx/import.ts'
import { elementsInMemoryOrder, permutedLayout } from '../../runtime/import/onnx/layout.ts'
import { roundHalfEven } from '../../runtime/import/scales.ts'
import { onnxModels } from '../import/onnx-vectors/models.ts'
import type { Executor } from './expected-bytes.ts'

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
const arrays = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array } as const

/** Types of the file whose numbers lie in memory 128 less. */
const lessBy128 = /^(uint8|float[48]e\w+)$/
const unsigned = /^uint(32|64)$/

/** The bytes that the artifact takes for numbers of the file's type and order: float32 as QuantizeLinear has them, or its bits. */
export function portBytes(
  { name, source, type, scale, zeroPoint, order, sourceShape, isBits }: ImportedPort,
  numbers: readonly number[],
): Uint8Array {
  const places = order === undefined ? undefined : elementsInMemoryOrder(permutedLayout(sourceShape!, order))
  const ordered = places === undefined ? numbers : [...places].map((element) => numbers[element]!)
  if (isBits) return new Uint8Array(Float32Array.from(ordered).buffer)
  const [low, high] = ranges[type]
  const quantize = (value: number) => Math.min(Math.max(roundHalfEven(Math.fround(value / scale)) + zeroPoint, low), high)
  const values = ordered.map((value) => (source === 'float32' ? quantize(value) : lessBy128.test(source) ? value - 128 : value))
  const [least, most] = unsigned.test(source) ? [0, 2 ** 32 - 1] : [low, high]
  const outside = values.find((value) => !(value >= least && value <= most))
  if (outside !== undefined) throw new PortError('range', `the input "${name}" has the ${source} ${outside}, the artifact takes ${type}`)
  return new Uint8Array(arrays[type].from(values).buffer)
}

/** Numbers of the file's types and order from the bytes that an artifact gives. */
export function portNumbers(ports: readonly ImportedPort[], bytes: Uint8Array): number[][] {
  let at = 0
  return ports.map(({ source, type, shape, scale, zeroPoint, order, sourceShape, isBits }) => {
    const count = shape.reduce((product, size) => product * size, 1)
    const array = isBits ? Float32Array : arrays[type]
    const values = Array.from(new array(bytes.slice(at, at + count * array.BYTES_PER_ELEMENT).buffer))
    at += count * array.BYTES_PER_ELEMENT
    const real = (value: number) => Math.fround(scale * (value - zeroPoint)) + 0
    const number = (value: number) => {
      if (isBits) return value
      if (source === 'float32') return real(value)
      return source === 'uint8' ? value + 128 : unsigned.test(source) ? value >>> 0 : value
    }
    const numbers = values.map(number)
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

/** Quantized models with onnxruntime's answers. */
export function sharedOnnxCases(): OnnxCase[] {
  if (!existsSync(models)) {
    console.log(`no ${models}: only committed ONNX models are compared`)
    return []
  }
  return [...onnxModels(true).map(modelCase), ...expectedCases()]
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

export function onnxTable(rows: readonly OnnxRow[]): string {
  const table = new Table({ head: ['model', 'executor', 'samples', 'differing', 'numbers', 'note'], style: { head: [], border: [] } })
  for (const { name, executor, samples, differing, total, note } of rows) table.push([name, executor, samples, differing, total, note])
  return table.toString()
}
