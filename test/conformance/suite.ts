/**
 * The ONNX standard's own backend tests, of ../shared/models/onnx_backend: models with inputs and the outputs that the standard's reference gives.
 *
 * conformanceTests()   all of them in the order of index.json; undefined where the folder is absent
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { type ModelProto, ModelProtoSchema, type TensorProto, TensorProtoSchema } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { untar } from '../suites/tar.ts'

export const backendFolder = join(import.meta.dirname, '../../../shared/models/onnx_backend')

/**
 * integer     every tensor of the test is of whole numbers or bool
 * quantized   one of its operators reads or makes integers of a scale
 * float       float32, and whole numbers beside it
 * other       the rest: float16, float64, strings, sequences …
 */
export const testClasses = ['integer', 'quantized', 'float', 'other'] as const
export type TestClass = (typeof testClasses)[number]

/** Inputs and outputs in the order of the model's ports; undefined for what is no tensor. */
export type DataSet = { readonly inputs: readonly (TensorProto | undefined)[]; readonly outputs: readonly (TensorProto | undefined)[] }

export type ConformanceTest = {
  readonly name: string
  /** The operator that it is a test of; undefined for a model of several. */
  readonly operator: string | undefined
  readonly testClass: TestClass
  readonly model: () => ModelProto
  readonly sets: () => DataSet[]
}

type Entry = { cat: string; t: string; ops: Record<string, number>; types: (string | number)[]; sets: number }

/** Where each category lies: archive and folder. */
const archives: Readonly<Record<string, readonly [archive: string, folder: string]>> = {
  node: ['node_dev', 'node'],
  'pytorch-converted': ['ptconv_dev', 'pytorch-converted'],
  'pytorch-operator': ['simple_ptop_dev', 'pytorch-operator'],
  simple: ['simple_ptop_dev', 'simple'],
}

const wholeTypes = /^(bool|u?int(2|4|8|16|32|64))$/
const quantizedOperators = /(^|:)(QLinear\w+|\w*QuantizeLinear|DequantizeLinear|\w+Integer)$/

export function conformanceTests(): ConformanceTest[] | undefined {
  if (!existsSync(backendFolder)) return undefined
  const index = JSON.parse(readFileSync(join(backendFolder, 'index.json'), 'utf8')) as Entry[]
  const files = new Map<string, Uint8Array>()
  for (const archive of new Set(Object.values(archives).map(([name]) => name)))
    for (const [path, bytes] of untar(readFileSync(join(backendFolder, `${archive}.tar.gz`)))) files.set(path, bytes)
  const single = new Map(index.map(({ t, ops }) => [t, onlyOperator(ops)]))
  return index.map(({ cat, t, ops, types, sets }) => {
    const folder = `${archives[cat]![1]}/${t}`
    const model = () => fromBinary(ModelProtoSchema, files.get(`${folder}/model.onnx`)!)
    return {
      name: t,
      // The same function written in other operators is a test of that function.
      operator: single.get(t.replace(/_expanded(_ver\d+)?$/, '')) ?? onlyOperator(ops),
      testClass: classOf(Object.keys(ops), types),
      model,
      sets: () => Array.from({ length: sets }, (_, set) => readSet(files, `${folder}/test_data_set_${set}`, model())),
    }
  })
}

function onlyOperator(operators: Entry['ops']): string | undefined {
  const names = Object.keys(operators)
  return names.length === 1 ? names[0] : undefined
}

function classOf(operators: readonly string[], types: Entry['types']): TestClass {
  if (operators.some((operator) => quantizedOperators.test(operator))) return 'quantized'
  // Numbers are types that the index has no name for.
  const names = types.map(String)
  if (names.every((type) => wholeTypes.test(type))) return 'integer'
  return names.every((type) => type === 'float32' || wholeTypes.test(type)) ? 'float' : 'other'
}

function readSet(files: ReadonlyMap<string, Uint8Array>, folder: string, { graph }: ModelProto): DataSet {
  const ports = (kind: 'input' | 'output') =>
    graph![kind].map(({ name, type }, at) => {
      const bytes = files.get(`${folder}/${kind}_${at}.pb`)
      if (bytes === undefined || type?.tensorType === undefined) return undefined
      const read = fromBinary(TensorProtoSchema, bytes)
      read.name = name
      return read
    })
  return { inputs: ports('input'), outputs: ports('output') }
}
