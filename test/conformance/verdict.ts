/**
 * One test of the ONNX standard through importer, interpreter and consensus module.
 *
 * passed    every output has the expected shape and numbers, from both executors
 * refused   the importer names what it does not take, or the artifact has no room for a number of the inputs
 * failed    anything else
 *
 * Tests give weights, shapes and axes as model inputs. Of these become constants as few as the importer asks for; what stays is computed.
 */
import { clone, toBinary } from '@bufbuild/protobuf'
import type { Imported } from '../../runtime/import/artifact.ts'
import { ImportError } from '../../runtime/import/errors.ts'
import { type Constant, noExternalFiles, numbersOf, readTensor } from '../../runtime/import/onnx/constant.ts'
import { type ModelProto, ModelProtoSchema, type TensorProto } from '../../runtime/import/onnx/generated/onnx_pb.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import type { Executor } from '../suites/expected-bytes.ts'
import { PortError, portBytes, portNumbers } from '../suites/onnx-bytes.ts'
import type { ConformanceTest, DataSet } from './suite.ts'

/** `constants`: names of inputs that the artifact holds. `reason`: of a refusal or failure, its first line. `code`: the error's. */
export type Verdict =
  | { readonly status: 'passed'; readonly constants: readonly string[] }
  | { readonly status: 'refused' | 'failed'; readonly code: string; readonly reason: string }

export function verdictOf(test: ConformanceTest, executors: readonly Executor[]): Verdict {
  try {
    const sets = test.sets()
    const verdicts = sets.map((set) => runSet(test.model(), set, executors))
    return verdicts.find(({ status }) => status !== 'passed') ?? verdicts[0]!
  } catch (error) {
    if (error instanceof ImportError) return { status: 'refused', code: error.code, reason: reasonOf(error) }
    if (error instanceof PortError) return { status: 'refused', code: error.code, reason: error.message }
    if (error instanceof Error) return { status: 'failed', code: error.name, reason: error.message }
    throw error
  }
}

function runSet(model: ModelProto, { inputs, outputs }: DataSet, executors: readonly Executor[]): Verdict {
  const { imported, constants } = importWithFewest(model, inputs)
  const given = new Map(inputs.map((tensor) => [tensor?.name, tensor === undefined ? undefined : numbersIn(tensor)]))
  const input = Buffer.concat(imported.inputs.map((port) => portBytes(port, given.get(port.name)!)))
  const [first, ...others] = executors.map((executor) => executor.open(imported.bytes, imported.model)(new Uint8Array(input)))
  if (others.some((bytes) => Buffer.compare(bytes, first!) !== 0)) return failed('the interpreter and the module differ')
  const results = portNumbers(imported.outputs, first!)
  for (const [at, port] of imported.outputs.entries()) {
    const expected = outputs[at]
    if (expected === undefined) return failed(`output "${port.name}" is no tensor in the test`)
    const constant = readTensor(expected, port.name, noExternalFiles)
    const shape = port.sourceShape ?? port.shape
    if (constant.shape.length > 0 && shape.join() !== constant.shape.join())
      return failed(`output "${port.name}" is [${shape}], expected [${constant.shape}]`)
    const wanted = numbersOf(constant)
    if (wanted === undefined) return failed(`output "${port.name}" is ${constant.typeName} in the test`)
    const differing = wanted.filter((value, index) => !Object.is(value + 0, results[at]![index]! + 0)).length
    if (differing > 0 || results[at]!.length !== wanted.length)
      return failed(`${differing} of ${wanted.length} numbers of output "${port.name}" differ`)
  }
  return { status: 'passed', constants }
}

function failed(reason: string): Verdict {
  return { status: 'failed', code: 'difference', reason }
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
  const numbers = numbersOf(constant)
  if (numbers === undefined) throw new PortError('type', `input "${tensor.name}" is ${constant.typeName} in the test`)
  return numbers
}

function reasonOf({ message, problems }: ImportError): string {
  const [first] = problems
  if (first === undefined) return message
  return first.nearest === undefined ? first.problem : `${first.problem}; nearest: ${first.nearest}`
}
