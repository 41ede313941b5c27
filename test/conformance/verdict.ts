/**
 * One test of the ONNX standard through importer, interpreter and consensus module.
 *
 * passed    every output has the expected shape and numbers, from both executors; of a float model within the tolerance
 * refused   the importer names what it does not take, or the artifact has no room for a number of the inputs
 * outside   a float model whose quantized numbers are further off
 * failed    anything else
 *
 * Tests give weights, shapes and axes as model inputs. Of these become constants as few as the importer asks for; what stays is computed.
 * A float model is quantized to int8 with the test's own inputs as its one calibration sample.
 */
import { clone, toBinary } from '@bufbuild/protobuf'
import type { Imported } from '../../runtime/import/artifact.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { type Constant, noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { type ModelProto, ModelProtoSchema, type TensorProto } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { QuantizeError } from '../../runtime/quantize/errors.ts'
import { quantize } from '../../runtime/quantize/quantize.ts'
import type { Executor } from '../suites/expected-bytes.ts'
import { PortError, portBytes, portNumbers } from '../suites/onnx-bytes.ts'
import type { ConformanceTest, DataSet } from './suite.ts'

/** Largest difference of a quantized model's output, over the range of the expected numbers with 0 in it. */
export const tolerance = 0.02

/**
 * `constants`: names of inputs that the artifact holds. `isFolded`: it takes none and computed nothing but at its import. `error`: as the tolerance, of a float model. `reason`: of a refusal or failure, its
 * first line. `code`: the error's.
 */
export type Verdict =
  | { readonly status: 'passed'; readonly constants: readonly string[]; readonly isFolded: boolean; readonly error?: number }
  | { readonly status: 'refused' | 'outside' | 'failed'; readonly code: string; readonly reason: string }

export async function verdictOf(test: ConformanceTest, executors: readonly Executor[]): Promise<Verdict> {
  try {
    const verdicts: Verdict[] = []
    for (const set of test.sets()) verdicts.push(await runSet(test, set, executors))
    return verdicts.find(({ status }) => status !== 'passed') ?? verdicts[0]!
  } catch (error) {
    if (error instanceof ImportError) return { status: 'refused', code: error.code, reason: reasonOf(error) }
    if (error instanceof PortError || error instanceof QuantizeError)
      return { status: 'refused', code: error.code, reason: error.message.split('\n', 1)[0]! }
    if (error instanceof Error) return { status: 'failed', code: error.name, reason: error.message }
    throw error
  }
}

type Made = { readonly imported: Imported; readonly constants: readonly string[]; readonly isQuantized: boolean }

async function runSet(test: ConformanceTest, { inputs, outputs }: DataSet, executors: readonly Executor[]): Promise<Verdict> {
  const { imported, constants, isQuantized } = await made(test, inputs)
  const given = new Map(inputs.map((tensor) => [tensor?.name, tensor === undefined ? undefined : numbersIn(tensor)]))
  const input = Buffer.concat(imported.inputs.map((port) => portBytes(port, given.get(port.name)!)))
  const [first, ...others] = executors.map((executor) => executor.open(imported.bytes, imported.model)(new Uint8Array(input)))
  if (others.some((bytes) => Buffer.compare(bytes, first!) !== 0)) return failed('the interpreter and the module differ')
  const results = portNumbers(imported.outputs, first!)
  let largest = 0
  for (const [at, port] of imported.outputs.entries()) {
    const expected = outputs[at]
    if (expected === undefined) return failed(`output "${port.name}" is no tensor in the test`)
    const constant = readTensor(expected, port.name, noExternalFiles)
    const shape = port.sourceShape ?? port.shape
    if (constant.shape.length > 0 && shape.join() !== constant.shape.join())
      return failed(`output "${port.name}" is [${shape}], expected [${constant.shape}]`)
    const wanted = numbersOf(constant)
    if (wanted === undefined) return failed(`output "${port.name}" is ${constant.typeName} in the test`)
    if (results[at]!.length !== wanted.length) return failed(`output "${port.name}" has ${results[at]!.length} numbers`)
    if (isQuantized && constant.type === 'float32') largest = Math.max(largest, errorOf(results[at]!, wanted))
    else {
      const differing = wanted.filter((value, index) => !Object.is(value + 0, results[at]![index]! + 0)).length
      const reason = `${differing} of ${wanted.length} numbers of output "${port.name}" differ`
      if (differing > 0) return isQuantized ? { status: 'outside', code: 'whole', reason } : failed(reason)
    }
  }
  if (largest > tolerance)
    return { status: 'outside', code: 'tolerance', reason: `the largest difference is ${percent(largest)} of the range` }
  return { status: 'passed', constants, isFolded: imported.inputs.length === 0, ...(isQuantized ? { error: largest } : {}) }
}

function errorOf(got: readonly number[], wanted: readonly number[]): number {
  const low = wanted.reduce((least, value) => Math.min(least, value), 0)
  const high = wanted.reduce((most, value) => Math.max(most, value), 0)
  const largest = wanted.reduce((most, value, index) => Math.max(most, Math.abs(value - got[index]!)), 0)
  // Numbers that are all 0 are wanted as they are.
  return largest === 0 ? 0 : Number.isFinite(largest) ? largest / (high - low) : Infinity
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function failed(reason: string): Verdict {
  return { status: 'failed', code: 'difference', reason }
}

/** As it is where it is of whole numbers, else quantized. */
async function made({ testClass, model }: ConformanceTest, inputs: DataSet['inputs']): Promise<Made> {
  try {
    return { ...importWithFewest(model(), inputs), isQuantized: false }
  } catch (error) {
    const isFloat = inputs.some((tensor) => tensor?.dataType === floatType)
    if (
      !(error instanceof ImportError) ||
      testClass !== 'float' ||
      !isFloat ||
      error.problems.some(({ node }) => node.startsWith('model input'))
    )
      throw error
    return { ...(await quantizeWithFewest(model(), inputs)), isQuantized: true }
  }
}

/** TensorProto.DataType of float32. */
const floatType = 1

/** What may become constants, the least first: nothing, shapes and axes, all but the first. */
async function quantizeWithFewest(model: ModelProto, inputs: DataSet['inputs']): Promise<Omit<Made, 'isQuantized'>> {
  const tensors = inputs.filter((tensor) => tensor !== undefined)
  const choices = [[], tensors.filter(({ dataType }) => dataType !== floatType), tensors.slice(1)]
  const distinct = choices.filter((choice, at) => choices.findIndex((other) => namesOf(other) === namesOf(choice)) === at)
  let last: ImportError | undefined
  for (const choice of distinct) {
    const held = new Set(choice)
    const sample = Object.fromEntries(tensors.filter((tensor) => !held.has(tensor)).map((tensor) => [tensor.name, numbersIn(tensor)]))
    try {
      const { imported } = await quantize(withConstants(model, held), { samples: [sample] })
      return { imported, constants: choice.map(({ name }) => name) }
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      last = error
    }
  }
  throw last
}

/** Every operand but the first is constant, then each that the importer can take from the caller is given back. */
function importWithFewest(
  model: ModelProto,
  inputs: readonly (TensorProto | undefined)[],
): { imported: Imported; constants: readonly string[] } {
  const attempt = (constants: ReadonlySet<TensorProto>) => importOnnx(withConstants(model, constants), { rounding: 'fp32' })
  const tensors = inputs.filter((tensor) => tensor !== undefined)
  let held = new Set<TensorProto>()
  let imported = tried(() => attempt(held))
  if (imported !== undefined) return { imported, constants: [] }
  held = new Set(tensors.slice(1))
  imported = tried(() => attempt(held))
  // Not even the first: what is left is folded.
  if (imported === undefined && tensors.length > 0) {
    const folded = tried(() => attempt(new Set(tensors)))
    if (folded === undefined) imported = attempt(held)
    else [imported, held] = [folded, new Set(tensors)]
  }
  imported ??= attempt(held)
  for (const tensor of [...held].reverse()) {
    const fewer = new Set([...held].filter((other) => other !== tensor))
    const other = tried(() => attempt(fewer))
    if (other !== undefined) [imported, held] = [other, fewer]
  }
  return { imported, constants: [...held].map(({ name }) => name) }
}

function namesOf(tensors: readonly TensorProto[]): string {
  return JSON.stringify(tensors.map(({ name }) => name))
}

function tried(attempt: () => Imported): Imported | undefined {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof ImportError) return undefined
    throw error
  }
}

function withConstants(model: ModelProto, constants: ReadonlySet<TensorProto>): Uint8Array {
  const changed = clone(ModelProtoSchema, model)
  const graph = changed.graph!
  const names = new Set([...constants].map(({ name }) => name))
  graph.initializer.push(...constants)
  graph.input = graph.input.filter(({ name }) => !names.has(name))
  return toBinary(ModelProtoSchema, changed)
}

function numbersIn(tensor: TensorProto): number[] {
  const constant: Constant = readTensor(tensor, tensor.name, noExternalFiles)
  const numbers = numbersOf(constant) ?? codesIn(tensor, constant.typeName)
  if (numbers === undefined) throw new PortError('type', `input "${tensor.name}" is ${constant.typeName} in the test`)
  return numbers
}

/** The codes of small floats, those of 4 bits two to a byte. */
function codesIn({ rawData, int32Data, dims }: TensorProto, type: string): number[] | undefined {
  if (!/^float[48]e/.test(type)) return undefined
  const bytes = rawData.length > 0 ? [...rawData] : int32Data
  if (type.startsWith('float8')) return bytes
  const count = dims.reduce((product, size) => product * Number(size), 1)
  return bytes.flatMap((byte) => [byte & 15, byte >> 4]).slice(0, count)
}

function reasonOf({ message, problems }: ImportError): string {
  const [first] = problems
  if (first === undefined) return message
  return first.nearest === undefined ? first.problem : `${first.problem}; nearest: ${first.nearest}`
}
