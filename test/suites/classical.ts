/**
 * Models of ai.onnx.ml against onnxruntime: labels have to be equal, and float32 results to the last of the artifact's digits where the model
 * only adds up trees; what onnxruntime sums in an order of its own may be as far off as a case's tolerance says.
 *
 * classicalCases()          committed: trained models and random trees (test/import/classical-vectors)
 * sharedClassicalCases()    those of ../shared/models where that folder is; says aloud where not
 * compareClassical(case, executor)
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fromBinary } from '@bufbuild/protobuf'
import type { Imported, ImportedPort } from '../../runtime/import/artifact.ts'
import { noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { ModelProtoSchema, TensorProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx, type OnnxOptions } from '../../runtime/import/onnx/import.ts'
import type { Executor } from './expected-bytes.ts'
import { untar } from './tar.ts'

const root = join(import.meta.dirname, '../..')
const vectors = join(root, 'test/import/classical-vectors')
const models = join(root, '../shared/models')

/** One row or batch: the model's inputs one behind the other, and each output's numbers or texts by its name. */
export type ClassicalSample = {
  readonly input: readonly number[]
  readonly outputs: Readonly<Record<string, readonly (number | string)[]>>
}

/** `tolerance`: how far a float32 result may be from onnxruntime's beside the rounding to the artifact's digits. */
export type ClassicalCase = {
  readonly name: string
  readonly model: Uint8Array
  readonly samples: readonly ClassicalSample[]
  readonly tolerance: number
  readonly options?: Omit<OnnxOptions, 'rounding'>
}

export type ClassicalRow = {
  name: string
  samples: number
  labels: number
  wrongLabels: number
  numbers: number
  differing: number
  largest: number
}

export function importClassical({ model, options = {} }: ClassicalCase): Imported {
  return importOnnx(model, { rounding: 'fp32', ...options })
}

export function compareClassical(one: ClassicalCase, executor: Executor): ClassicalRow {
  const imported = importClassical(one)
  const run = executor.open(imported.bytes, imported.model)
  const row = { name: one.name, samples: one.samples.length, labels: 0, wrongLabels: 0, numbers: 0, differing: 0, largest: 0 }
  for (const { input, outputs } of one.samples) {
    const results = splitInts(imported.outputs, run(inputBytes(imported.inputs, input)))
    for (const [at, port] of imported.outputs.entries()) {
      const wanted = outputs[port.name]
      if (wanted === undefined) continue
      if (wanted.length !== results[at]!.length)
        throw new Error(`${one.name}: ${port.name} has ${results[at]!.length}, not ${wanted.length}`)
      if (port.scale === 0) countLabels(row, results[at]!, labelNumbers(imported, wanted))
      else countNumbers(row, port, results[at]!, wanted as readonly number[], one.tolerance)
    }
  }
  return row
}

/** The inputs one behind the other: float32 as bits, whole numbers as they are. */
export function inputBytes(ports: readonly ImportedPort[], numbers: readonly number[]): Uint8Array {
  let at = 0
  const parts = ports.map(({ shape, isBits }) => {
    const count = shape.reduce((product, size) => product * size, 1)
    at += count
    const own = numbers.slice(at - count, at)
    return new Uint8Array((isBits ? Float32Array.from(own) : Int32Array.from(own)).buffer)
  })
  return new Uint8Array(Buffer.concat(parts))
}

function splitInts(ports: readonly ImportedPort[], bytes: Uint8Array): Int32Array[] {
  const all = new Int32Array(bytes.slice().buffer)
  let at = 0
  return ports.map(({ shape }) => {
    const count = shape.reduce((product, size) => product * size, 1)
    at += count
    return all.subarray(at - count, at)
  })
}

/** Texts by their place in the note that tells them. */
function labelNumbers(imported: Imported, labels: readonly (number | string)[]): number[] {
  const note = imported.report.notes.find((text) => text.includes('the label is a number')) ?? ''
  return labels.map((label) =>
    typeof label === 'number' ? label : Number(new RegExp(`(\\d+) is ${JSON.stringify(label)}`).exec(note)?.[1]),
  )
}

function countLabels(row: ClassicalRow, got: Int32Array, wanted: readonly number[]): void {
  row.labels += wanted.length
  row.wrongLabels += wanted.filter((label, at) => got[at] !== label).length
}

function countNumbers(row: ClassicalRow, { scale }: ImportedPort, got: Int32Array, wanted: readonly number[], tolerance: number): void {
  row.numbers += wanted.length
  for (const [at, value] of wanted.entries()) {
    // Past int32 the artifact saturates.
    const nearest = Math.min(Math.max(value / scale, -(2 ** 31)), 2 ** 31 - 1)
    const distance = Math.abs(got[at]! - nearest)
    row.largest = Math.max(row.largest, distance * scale)
    if (!(distance <= 0.5 || distance * scale <= tolerance * Math.max(1, Math.abs(value)))) row.differing += 1
  }
}

type Vector = { name: string; model: string; rows: string; outputs: ClassicalSample['outputs'][]; tolerance: number }

export function classicalCases(): ClassicalCase[] {
  const cases = JSON.parse(gunzipSync(readFileSync(join(vectors, 'cases.json.gz'))).toString()) as Vector[]
  return cases.map(({ model, rows, outputs, ...rest }) => ({
    ...rest,
    model: new Uint8Array(Buffer.from(model, 'base64')),
    samples: samplesOf(rows, outputs),
  }))
}

function samplesOf(rows: string, outputs: readonly ClassicalSample['outputs'][]): ClassicalSample[] {
  const numbers = new Float32Array(Uint8Array.from(Buffer.from(rows, 'base64')).buffer)
  const width = numbers.length / outputs.length
  return outputs.map((output, at) => ({ input: [...numbers.subarray(at * width, (at + 1) * width)], outputs: output }))
}

const linear = 1e-4

/** Models of expected_onnx, and what onnxruntime's linear sums may be off by. */
const expected: readonly (readonly [file: string, tolerance: number, options?: ClassicalCase['options']])[] = [
  ['tract/onnx/test_cases/xgboost_classifier_tree/model.onnx', 0],
  ['tract/onnx/test_cases/linear_classifier/model.onnx', linear],
  ['tract/onnx/test_cases/linear_regressor/model.onnx', linear],
  ['tribuo/lr_mnist.onnx', linear],
  ['onnxruntime_testdata/lr_mnist_scikit.onnx', linear],
  ['onnxruntime_testdata/logreg_iris.onnx', linear],
  ['onnxruntime_testdata/sklearn_bin_voting_classifier_soft.onnx', linear],
  ['onnxruntime_testdata/tree_ensemble_as_tensor.onnx', linear, { allowInexact: true }],
]

type Expected = { sets: { inputs: Record<string, { data: number[] }>; outputs: Record<string, { data: (number | string)[] }> }[] }

export function sharedClassicalCases(): ClassicalCase[] {
  if (!existsSync(models)) {
    console.log(`no ${models}: only committed classical models are compared`)
    return []
  }
  return [...expected.map(expectedCase), ...answeredCases(), ...backendTests.map(backendCase)]
}

function expectedCase([file, tolerance, options]: (typeof expected)[number]): ClassicalCase {
  const name = file.replaceAll('/', '__').replace(/\.onnx$/, '')
  const { sets } = JSON.parse(gunzipSync(readFileSync(join(models, 'expected_onnx', `${name}.json.gz`))).toString()) as Expected
  const samples = sets.map(({ inputs, outputs }) => ({
    input: Object.values(inputs).flatMap(({ data }) => data),
    outputs: Object.fromEntries(Object.entries(outputs).map(([port, { data }]) => [port, data])),
  }))
  return { name, model: readFileSync(join(models, file)), samples, tolerance, ...(options && { options }) }
}

type Answered = { file: string; shape: number[]; input: string; rows: string; outputs: ClassicalSample['outputs'][] }

/** Rows of data sets with onnxruntime's answers (classical-vectors/make.py --shared). */
function answeredCases(): ClassicalCase[] {
  const cases = JSON.parse(gunzipSync(readFileSync(join(vectors, 'shared.json.gz'))).toString()) as Answered[]
  return cases.map(({ file, shape, input, rows, outputs }) => ({
    name: `${file} on data sets`,
    model: readFileSync(join(models, file)),
    samples: samplesOf(rows, outputs),
    tolerance: 0,
    options: { shapes: { [input]: shape } },
  }))
}

/** The ONNX standard's tests of ai.onnx.ml that compute with numbers. */
const backendTests = ['test_ai_onnx_ml_array_feature_extractor', 'test_ai_onnx_ml_binarizer', 'test_ai_onnx_ml_tree_ensemble_single_tree']

function backendCase(name: string): ClassicalCase {
  const files = untar(readFileSync(join(models, 'onnx_backend/node_dev.tar.gz')))
  const folder = `node/${name}`
  const { graph } = fromBinary(ModelProtoSchema, files.get(`${folder}/model.onnx`)!)
  const tensor = (kind: string, at: number) =>
    numbersOf(readTensor(fromBinary(TensorProtoSchema, files.get(`${folder}/test_data_set_0/${kind}_${at}.pb`)!), '', noExternalFiles))!
  return {
    name,
    model: files.get(`${folder}/model.onnx`)!,
    samples: [
      {
        input: graph!.input.flatMap((_, at) => tensor('input', at)),
        outputs: Object.fromEntries(graph!.output.map((port, at) => [port.name, tensor('output', at)])),
      },
    ],
    tolerance: 1e-6,
    options: { allowInexact: true },
  }
}
