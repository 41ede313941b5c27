/** What a float graph's values are: constants and shapes, by running it once on a sample. */
import type { Constant } from '../import/onnx/constant.ts'
import { elementTypes } from '../import/onnx/names.ts'
import { neededNodes } from '../import/onnx/needed.ts'
import type { OnnxGraph, OnnxNode } from '../import/onnx/parse.ts'
import { type FloatTensor, openFloatModel } from './float-runtime.ts'

export type Inspected = {
  /** The nodes that an output needs and that compute something, in an execution order; every constant that they read. */
  readonly graph: OnnxGraph
  /** The result of every such node, and every input, on the sample. */
  readonly values: ReadonlyMap<string, FloatTensor>
}

/** Nodes without operands that give other numbers each time. */
const random: readonly string[] = ['RandomNormal', 'RandomUniform', 'RandomNormalLike', 'RandomUniformLike', 'Multinomial', 'Bernoulli']

/**
 * Names of the values that are the same for every sample, inputs having fixed shapes: shapes of values, and what is computed from them and
 * from constants alone.
 */
export function constantValues({ nodes, constants }: Pick<OnnxGraph, 'nodes' | 'constants'>): Set<string> {
  const fixed = new Set(constants.keys())
  for (const { op, inputs, outputs } of nodes) {
    const isShape = op === 'Shape' || op === 'Size'
    if (!random.includes(op) && (isShape || inputs.every((input) => input === '' || fixed.has(input))))
      for (const output of outputs) fixed.add(output)
  }
  return fixed
}

/** Runs the graph on a sample; values that are constant become constants. @throws QuantizeError */
export async function inspect(graph: OnnxGraph, sample: ReadonlyMap<string, FloatTensor>): Promise<Inspected> {
  const needed = neededNodes(graph)
  const fixed = constantValues({ nodes: needed, constants: graph.constants })
  const model = await openFloatModel({ ...graph, nodes: needed }, resultsOf(needed))
  const results = await model.run(sample)
  await model.close()
  const constants = new Map(graph.constants)
  const nodes = needed.filter(({ outputs }) => !outputs.every((output) => output === '' || fixed.has(output)))
  for (const name of new Set(nodes.flatMap(({ inputs }) => inputs)))
    if (fixed.has(name) && !constants.has(name)) constants.set(name, constantOf(name, results.get(name)!))
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const kept = [...constants].filter(([name]) => read.has(name))
  const values = new Map([...results].filter(([name]) => !fixed.has(name)))
  for (const [name, tensor] of sample) values.set(name, tensor)
  return { graph: { ...graph, nodes, constants: new Map(kept) }, values }
}

function resultsOf(nodes: readonly OnnxNode[]): string[] {
  return nodes.flatMap(({ outputs }) => outputs.filter((output) => output !== ''))
}

function constantOf(name: string, { type, shape, data }: FloatTensor): Constant {
  const { type: graphType } = Object.values(elementTypes).find((one) => one.name === type)!
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return { kind: 'constant', name, type: graphType, typeName: type, shape: [...shape], data: bytes }
}
