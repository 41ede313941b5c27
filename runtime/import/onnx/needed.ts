import { malformed } from './constant.ts'
import type { OnnxGraph, OnnxNode } from './parse.ts'

/**
 * The nodes that an output needs, each after those that it reads: depth-first from the outputs, whatever order the file has.
 * @throws ImportError `malformed` where a value is given twice or a node needs its own result
 */
export function neededNodes({ nodes, outputs }: OnnxGraph): OnnxNode[] {
  const producers = producersOf(nodes)
  const state = new Map<OnnxNode, 'open' | 'placed'>()
  const ordered: OnnxNode[] = []
  for (const { name } of outputs) {
    const last = producers.get(name)
    // Each entry: a node and its next operand to look at.
    const stack = last === undefined || state.has(last) ? [] : [{ node: last, operand: 0 }]
    if (last !== undefined && stack.length > 0) state.set(last, 'open')
    while (stack.length > 0) {
      const top = stack.at(-1)!
      if (top.operand === top.node.inputs.length) {
        state.set(top.node, 'placed')
        ordered.push(top.node)
        stack.pop()
        continue
      }
      const next = producers.get(top.node.inputs[top.operand]!)
      top.operand += 1
      if (next === undefined || state.get(next) === 'placed') continue
      if (state.get(next) === 'open') throw malformed(`${next.name} needs its own result`)
      state.set(next, 'open')
      stack.push({ node: next, operand: 0 })
    }
  }
  return ordered
}

function producersOf(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>()
  for (const node of nodes)
    for (const output of node.outputs) {
      if (output === '') continue
      if (producers.has(output)) throw malformed(`"${output}" is given twice, by ${node.name} too`)
      producers.set(output, node)
    }
  return producers
}
