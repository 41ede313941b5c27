/** One pass of the decompositions over a graph. */

import type { Problem } from '../../import/errors.ts'
import type { Constant } from '../../import/onnx/constant.ts'
import type { OnnxGraph, OnnxNode } from '../../import/onnx/parse.ts'
import { Refusal } from '../../import/onnx/refusal.ts'
import { CompositeNode, type Known } from './composite.ts'
import { decompositions } from './table.ts'

export type Rewritten = { readonly graph: OnnxGraph; readonly changed: boolean; readonly problems: readonly Problem[] }

/** `known` tells of every value of the graph. What a decomposition refuses stays as it is and is a problem. */
export function rewrite(graph: OnnxGraph, known: (name: string) => Known): Rewritten {
  const constants = new Map<string, Constant>(graph.constants)
  const problems: Problem[] = []
  const nodes: OnnxNode[] = []
  const fresh = freshNames(graph)
  let changed = false
  for (const node of graph.nodes) {
    const decompose = decompositions[node.op]
    const composite = new CompositeNode(node, graph.opset, known, (suffix) => fresh(`${node.outputs[0]}/${suffix}`))
    const results = decompose === undefined ? undefined : attempt(decompose, composite, problems)
    if (results === undefined) {
      nodes.push(node)
      continue
    }
    changed = true
    for (const [name, constant] of composite.constants) constants.set(name, constant)
    nodes.push(...named(composite, typeof results === 'string' ? [results] : results))
  }
  return { graph: { ...graph, nodes, constants }, changed, problems }
}

function attempt(decompose: NonNullable<(typeof decompositions)[string]>, node: CompositeNode, problems: Problem[]) {
  try {
    return decompose(node)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { problem, nearest } = error
    problems.push({ node: node.node.name, problem, ...(nearest === undefined ? {} : { nearest }) })
    return undefined
  }
}

/** The emitted nodes, giving what the rewritten node gave under its own names. */
function named({ node, emitted }: CompositeNode, results: readonly string[]): OnnxNode[] {
  const names = new Map<string, string>()
  const copies: OnnxNode[] = []
  const made = new Set(emitted.flatMap(({ outputs }) => outputs))
  for (const [index, result] of results.entries()) {
    const output = node.outputs[index]
    if (output === undefined || output === '') continue
    if (made.has(result) && !names.has(result)) names.set(result, output)
    else copies.push({ ...node, op: 'Identity', inputs: [names.get(result) ?? result], outputs: [output], attributes: new Map() })
  }
  const renamed = (name: string) => names.get(name) ?? name
  return [...emitted.map((one) => ({ ...one, inputs: one.inputs.map(renamed), outputs: one.outputs.map(renamed) })), ...copies]
}

/** Gives a name once: as it is, or numbered where the graph has it. */
function freshNames({ nodes, constants, inputs }: OnnxGraph): (wanted: string) => string {
  const taken = new Set([...constants.keys(), ...inputs.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)])
  return (wanted) => {
    let name = wanted
    for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`
    taken.add(name)
    return name
  }
}
