/** A float .onnx file to the simple float graph that is quantized. */
import { ImportError, type Problem } from '../import/errors.ts'
import { quantizedOperators } from '../import/onnx/names.ts'
import { neededNodes } from '../import/onnx/needed.ts'
import type { OnnxGraph } from '../import/onnx/parse.ts'
import { nearestOperator, rules } from '../import/onnx/rules.ts'
import type { Known } from './decompose/composite.ts'
import { rewrite } from './decompose/rewrite.ts'
import { decompositions } from './decompose/table.ts'
import { QuantizeError } from './errors.ts'
import type { FloatTensor } from './float-runtime.ts'
import { foldConstants } from './fold.ts'
import { constantValues, type Inspected, inspect } from './inspect.ts'

/** `notes`: what the result does otherwise than the file. */
export type Prepared = Inspected & { readonly notes: readonly string[] }

/** Rewritings of rewritings; a decomposition that never ends is a fault of the table. */
const mostPasses = 8

/**
 * Constants folded, composite operators rewritten, linear operators folded into the layers before them.
 * @throws ImportError `unsupported` with every operator that has no integer form, before anything is run
 * @throws QuantizeError `quantized`, `runtime`, `runtimeMissing`
 */
export async function prepare(source: OnnxGraph, sample: ReadonlyMap<string, FloatTensor>): Promise<Prepared> {
  const { graph, notes } = withoutLastLogarithm(source)
  checkOperators(graph)
  let inspected = await inspect(graph, sample)
  for (let pass = 0; ; pass += 1) {
    const { graph: rewritten, changed, problems } = rewrite(inspected.graph, knownIn(inspected))
    if (problems.length > 0) throw unsupported(problems)
    if (!changed) break
    if (pass === mostPasses) throw new Error(`the decompositions of ${rewritten.nodes.map(({ op }) => op).join(', ')} do not end`)
    inspected = await inspect(rewritten, sample)
  }
  const known = knownIn(inspected)
  const folded = foldConstants(inspected.graph, (name) => known(name).shape)
  checkOperators(folded)
  return { ...(await inspect(folded, sample)), notes }
}

function knownIn({ graph, values }: Inspected): (name: string) => Known {
  return (name) => {
    const constant = graph.constants.get(name)
    if (constant !== undefined) return { type: constant.typeName, shape: constant.shape, constant }
    return { ...values.get(name)!, constant }
  }
}

/** Log-probabilities are their operand less one number: the order of the classes is the same. */
function withoutLastLogarithm(graph: OnnxGraph): { graph: OnnxGraph; notes: string[] } {
  const last = new Map(graph.nodes.filter(({ op }) => op === 'LogSoftmax' && !(op in rules)).map((node) => [node.outputs[0]!, node]))
  const notes: string[] = []
  const outputs = graph.outputs.map((port) => {
    const node = last.get(port.name)
    if (node === undefined) return port
    notes.push(`the artifact ends before ${node.name}: its largest score is that of the largest log-probability`)
    return { ...port, name: node.inputs[0]! }
  })
  return { graph: { ...graph, outputs }, notes }
}

/** That every operator has an integer form. @throws ImportError `unsupported` naming all that have none, QuantizeError `quantized` */
export function checkOperators(graph: OnnxGraph): void {
  const nodes = neededNodes(withoutLastLogarithm(graph).graph)
  const fixed = constantValues({ nodes, constants: graph.constants })
  const computed = nodes.filter(({ outputs }) => !outputs.every((output) => output === '' || fixed.has(output)))
  const quantized = computed.find(({ op }) => quantizedOperators.test(op))
  if (quantized !== undefined)
    throw new QuantizeError('quantized', `the model is quantized already (${quantized.name}); infernode import takes it as it is`)
  const problems = computed
    .filter(({ op }) => !(op in rules || op in decompositions))
    .map(({ op, name }): Problem => {
      const nearest = nearestOperator(op)
      return { node: name, problem: `the operator ${op} is not supported`, ...(nearest === undefined ? {} : { nearest }) }
    })
  if (problems.length > 0) throw unsupported(problems)
}

function unsupported(problems: readonly Problem[]): ImportError {
  const count = problems.length
  return new ImportError('unsupported', `the model has ${count} unsupported ${count === 1 ? 'place' : 'places'}:`, problems)
}
