/**
 * importTflite(bytes, { rounding }): an int8 .tflite model to its artifact.
 *
 * Stages: parse (parse.ts) → state becomes ports (state.ts) → passes on the graph (passes.ts) → checks of every node, all problems told at once → lowering (../lower)
 * → canonical order and bytes (../artifact.ts). The same file and rounding give the same bytes on every machine.
 */
import { limits, type Port, type Rounding } from '../../model/types.ts'
import { finish, type Imported, type ImportedPort, type State } from '../artifact.ts'
import { ImportError } from '../errors.ts'
import { elementCount, type Graph } from '../graph.ts'
import { Builder } from '../lower/builder.ts'
import { checkMovable, NodeView, type Problems } from '../lower/rule.ts'
import { parseTflite } from './parse.ts'
import { dropFloatPorts, dropUnused, foldShapes, moveToInt8 } from './passes.ts'
import { nearestOperator, rules } from './rules.ts'
import { exposeLayerStates, exposeState, type Variable } from './state.ts'

/** @throws ImportError `malformed`, or `unsupported` with every problem */
export function importTflite(bytes: Uint8Array, { rounding }: { rounding: Rounding }): Imported {
  const file = parseTflite(bytes)
  const named = exposeState(file)
  const { graph: stateless, variables: ofLayers } = exposeLayerStates(named.graph)
  const variables = [...named.variables, ...ofLayers]
  const ports = dropFloatPorts(dropUnused(foldShapes(stateless)))
  const graph = moveToInt8(dropUnused(ports.graph))
  check(graph, rounding)
  const builder = lower(graph, rounding)
  const inputs = graph.inputs.map((index) => builder.port(index))
  const outputs = graph.outputs.map((index) => builder.port(index))
  return finish({
    format: 'TFLite',
    model: builder.model(inputs, outputs),
    tensorNames: builder.tensorNames,
    operatorNames: builder.operatorNames,
    inputs: describePorts(stateless, graph, builder, inputs, 'inputs'),
    outputs: describePorts(stateless, graph, builder, outputs, 'outputs'),
    states: variables.map((variable) => stateOf(variable, graph)),
    sourceOperators: file.nodes.map(({ op }) => op),
    notes: [...notes(stateless, graph, ports), ...variables.map(stateNote)],
  })
}

function stateOf({ name, input, output, initial }: Variable, graph: Graph): State {
  const isUnsigned = graph.tensors[graph.inputs[input]!]!.stored === 'uint8'
  return { name, input, output, initial: isUnsigned ? initial.map((value) => value ^ 0x80) : initial }
}

function stateNote({ name, input, output }: Variable): string {
  return `variable "${name}" is input ${input} and output ${output}: each run takes what the last one gave`
}

function check(graph: Graph, rounding: Rounding): void {
  if (isFloat(graph))
    throw new ImportError('unsupported', 'the model computes in float32; it must be quantized first (full integer quantization to int8)')
  const problems: Problems = { list: [], seen: new Set() }
  checkSizes(graph, problems)
  for (const node of problems.list.length > 0 ? [] : graph.nodes) {
    const view = new NodeView(graph, node, rounding, problems)
    const rule = rules[node.op]
    if (rule === undefined) view.refuse('the operator is not supported', nearestOperator(node.op))
    else rule.check(view)
  }
  checkPorts(graph, rounding, problems)
  const found = problems.list.length
  if (found > 0)
    throw new ImportError('unsupported', `the model has ${found} unsupported ${found === 1 ? 'place' : 'places'}:`, problems.list)
  checkGiven(graph)
}

/** Whether everything that the model computes is floating-point: then no single node is to blame. */
function isFloat({ tensors, nodes }: Graph): boolean {
  const computed = nodes.flatMap(({ outputs }) => outputs.filter((index) => index >= 0).map((index) => tensors[index]!))
  return computed.length > 0 && computed.every(({ type }) => type === 'float32' || type === 'float16')
}

/** Every operand is an input, a constant, or what an earlier node gives. */
function checkGiven({ tensors, nodes, inputs }: Graph): void {
  const given = new Set(inputs)
  for (const node of nodes) {
    const lacking = node.inputs.find(
      (index) => index >= 0 && !given.has(index) && tensors[index]!.data === undefined && !tensors[index]!.variable,
    )
    if (lacking !== undefined)
      throw new ImportError(
        'malformed',
        `not a usable TFLite file: ${node.name} reads "${tensors[lacking]!.name}", which nothing before it gives`,
      )
    for (const index of node.outputs) given.add(index)
  }
}

/** Tensors that no artifact has room for are told before any rule looks at their elements. */
function checkSizes({ tensors, nodes }: Graph, problems: Problems): void {
  for (const node of nodes)
    for (const index of [...node.inputs, ...node.outputs]) {
      const tensor = tensors[index]
      if (tensor === undefined || problems.seen.has(tensor)) continue
      if (tensor.shape.every((size) => size <= limits.dimension) && elementCount(tensor.shape) <= limits.elements) continue
      problems.seen.add(tensor)
      const problem = `tensor "${tensor.name}" has the shape [${tensor.shape}]`
      problems.list.push({ node: node.name, problem, nearest: 'a fixed shape of at most 2^26 elements' })
    }
}

function checkPorts(graph: Graph, rounding: Rounding, problems: Problems): void {
  for (const [kind, indices] of [
    ['input', graph.inputs],
    ['output', graph.outputs],
  ] as const) {
    if (indices.length < 1 || indices.length > 16)
      problems.list.push({ node: `model ${kind}s`, problem: `there are ${indices.length}`, nearest: '1 to 16' })
    for (const [position, index] of indices.entries()) {
      const tensor = graph.tensors[index]!
      const view = new NodeView(
        graph,
        { op: 'PORT', name: `model ${kind} ${position}`, inputs: [], outputs: [], options: {} },
        rounding,
        problems,
      )
      checkMovable(view, tensor)
      if (indices.indexOf(index) !== position) view.refuse(`tensor "${tensor.name}" occurs twice among the ${kind}s`)
      const produced = graph.nodes.some((node) => node.outputs.includes(index))
      if (kind === 'input' && (produced || tensor.data !== undefined)) view.refuse(`tensor "${tensor.name}" is computed or constant`)
      if (kind === 'output' && !produced) view.refuse(`tensor "${tensor.name}" is computed by no operator`)
    }
  }
  for (const node of graph.nodes)
    for (const index of node.inputs) {
      const tensor = graph.tensors[index]
      if (tensor?.variable)
        problems.list.push({
          node: node.name,
          problem: `it reads "${tensor.name}", which keeps its value between runs`,
          nearest: 'a model without state',
        })
    }
}

function lower(graph: Graph, rounding: Rounding): Builder {
  const builder = new Builder(graph, rounding)
  for (const node of graph.nodes) {
    builder.nodeName = node.name
    rules[node.op]!.lower(new NodeView(graph, node, rounding, { list: [], seen: new Set() }), builder)
  }
  return builder
}

function describePorts(file: Graph, graph: Graph, builder: Builder, ports: readonly Port[], side: 'inputs' | 'outputs'): ImportedPort[] {
  return ports.map(({ tensor, scale, zeroPoint }, position) => {
    const { type, shape } = builder.tensors[tensor]!
    const original = file.tensors[file[side][position]!]!
    return { name: original.name, source: graph.tensors[graph[side][position]!]!.stored ?? original.type, type, shape, scale, zeroPoint }
  })
}

function notes(file: Graph, graph: Graph, ports: { inputs: boolean[]; outputs: boolean[] }): string[] {
  const list: string[] = []
  for (const side of ['inputs', 'outputs'] as const)
    for (const [position, dropped] of ports[side].entries()) {
      const name = file.tensors[file[side][position]!]!.name
      const tensor = graph.tensors[graph[side][position]!]!
      const what = side === 'inputs' ? 'input' : 'output'
      if (dropped) list.push(`${what} "${name}" is float32 in the file; the artifact takes the quantized tensor "${tensor.name}"`)
      if (tensor.stored === 'uint8') list.push(`${what} "${name}" is uint8 in the file; the artifact has int8, 128 less`)
    }
  return list
}
