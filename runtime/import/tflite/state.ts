/**
 * Variables as inputs and outputs. A model that keeps its own state between runs (VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE) becomes one
 * that takes each variable's value as an input behind its own and gives the next value as an output behind its own.
 */
import { limits } from '../../model/types.ts'
import { ImportError, type Problem } from '../errors.ts'
import { elementCount, type Graph, type GraphNode, type GraphTensor } from '../graph.ts'

/** `input`, `output`: positions among the graph's ports. `initial`: the input's bytes before the first run, as the file has them. */
export type Variable = { name: string; input: number; output: number; initial: Uint8Array }

/** @throws ImportError `unsupported` with every variable that has no initial value */
export function exposeState(file: Graph): { graph: Graph; variables: Variable[] } {
  const initial = initialValues(file.initial ?? [])
  const walked = walk(file)
  const graph: Graph = { ...file, nodes: walked.nodes, inputs: [...file.inputs], outputs: walked.outputs, tensors: [...file.tensors] }
  const problems: Problem[] = []
  const variables: Variable[] = []
  for (const [name, { first, last }] of walked.variables) {
    if (first === undefined) continue
    const value = initial.get(name)
    const tensor = graph.tensors[first]!
    if (value?.data === undefined || value.type !== tensor.type || value.shape.join() !== tensor.shape.join())
      problems.push({ node: `variable "${name}"`, problem: 'it has no constant initial value of its own type and shape' })
    else if (last === undefined) graph.tensors[first] = { ...tensor, data: value.data }
    else variables.push({ name, input: graph.inputs.push(first) - 1, output: addOutput(graph, name, last), initial: value.data })
  }
  if (problems.length > 0) throw new ImportError('unsupported', 'the model has state without a beginning:', problems)
  return { graph, variables }
}

/** Operands that a recurrent layer changes; their next values become results behind its own. */
const changed: Readonly<Record<string, readonly number[]>> = { SVDF: [4], UNIDIRECTIONAL_SEQUENCE_LSTM: [18, 19] }

/** Recurrent layers with their states as operands and results, and these as the model's inputs and outputs. The states begin at their zero points. */
export function exposeLayerStates(file: Graph): { graph: Graph; variables: Variable[] } {
  const graph: Graph = { ...file, tensors: [...file.tensors], inputs: [...file.inputs], outputs: [...file.outputs] }
  const variables: Variable[] = []
  graph.nodes = file.nodes.map((node) => {
    const states = (changed[node.op] ?? []).map((operand) => node.inputs[operand] ?? -1)
    if (states.length === 0 || states.some((index) => !graph.tensors[index]?.variable)) return node
    const next = states.map((index) => {
      const { variable: _, ...tensor } = graph.tensors[index]!
      graph.tensors[index] = tensor
      const result = graph.tensors.push({ ...tensor, name: `${tensor.name}, next` }) - 1
      variables.push({
        name: tensor.name,
        input: graph.inputs.push(index) - 1,
        output: graph.outputs.push(result) - 1,
        initial: zeros(tensor),
      })
      return result
    })
    return { ...node, outputs: [...node.outputs, ...next] }
  })
  return { graph, variables }
}

/** The bytes of a tensor that is 0 throughout. */
function zeros({ name, type, shape, quantization }: GraphTensor): Uint8Array {
  if (!(elementCount(shape) <= limits.elements))
    throw new ImportError('unsupported', `the state "${name}" has the shape [${shape}]; at most 2^26 elements are kept`)
  const zero = quantization?.zeroPoints[0] ?? 0
  if (type === 'int16') return new Uint8Array(new Int16Array(elementCount(shape)).fill(zero).buffer)
  return new Uint8Array(elementCount(shape)).fill(zero)
}

/** What the graphs that run before the first run assign. */
function initialValues(graphs: readonly Graph[]): ReadonlyMap<string, GraphTensor> {
  const values = new Map<string, GraphTensor>()
  for (const { nodes, tensors } of graphs) {
    const handles = handleNames(nodes)
    for (const { op, inputs } of nodes) if (op === 'ASSIGN_VARIABLE') values.set(handles.get(inputs[0]!) ?? '', tensors[inputs[1]!]!)
  }
  return values
}

/** The variable behind each resource tensor. */
function handleNames(nodes: readonly GraphNode[]): ReadonlyMap<number, string> {
  return new Map(nodes.filter(({ op }) => op === 'VAR_HANDLE').map(({ outputs, options }) => [outputs[0]!, String(options.variable)]))
}

/** `first`: the tensor that is read before anything is assigned. `last`: the tensor assigned last. */
type Use = { first?: number; last?: number }

/** The nodes that are left, reading values instead of variables. */
function walk({ nodes, outputs }: Graph): { nodes: GraphNode[]; outputs: number[]; variables: ReadonlyMap<string, Use> } {
  const handles = handleNames(nodes)
  const variables = new Map<string, Use>()
  const renamed = new Map<number, number>()
  const now = (index: number) => renamed.get(index) ?? index
  const left: GraphNode[] = []
  for (const node of nodes) {
    const name = handles.get(node.inputs[0] ?? -1)
    const use = variables.get(name ?? '') ?? {}
    if (name !== undefined) variables.set(name, use)
    const value = use.last ?? use.first
    if (node.op === 'READ_VARIABLE' && name !== undefined) {
      if (value === undefined) use.first = node.outputs[0]!
      else renamed.set(node.outputs[0]!, value)
    } else if (node.op === 'ASSIGN_VARIABLE' && name !== undefined) use.last = now(node.inputs[1]!)
    else if (node.op !== 'CALL_ONCE' && node.op !== 'VAR_HANDLE') left.push({ ...node, inputs: node.inputs.map(now) })
  }
  return { nodes: left, outputs: outputs.map(now), variables }
}

/** Adds a tensor to the graph's outputs: a copy where it is computed by no operator, or is an output already. */
function addOutput(graph: Graph, name: string, index: number): number {
  const isComputed = graph.nodes.some(({ outputs }) => outputs.includes(index))
  if (isComputed && !graph.outputs.includes(index)) return graph.outputs.push(index) - 1
  const copy = graph.tensors.push({ ...withoutData(graph.tensors[index]!), name: `${name}, next` }) - 1
  graph.nodes.push({ op: 'RESHAPE', name: `variable "${name}"`, inputs: [index], outputs: [copy], options: {} })
  return graph.outputs.push(copy) - 1
}

function withoutData({ data: _, ...tensor }: GraphTensor): GraphTensor {
  return tensor
}
