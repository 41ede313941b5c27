/** Decision trees: what the files say (trees.ts), as the constants of treeEnsemble (docs/model-format.md). */
import type { Emitter } from '../emitter.ts'
import { Refusal } from '../refusal.ts'
import type { Floats } from '../value.ts'
import { checkFinite, constantFloats, constantInts, ints } from './floats.ts'

export type Mode = 'BRANCH_LEQ' | 'BRANCH_LT' | 'BRANCH_GTE' | 'BRANCH_GT' | 'BRANCH_EQ' | 'BRANCH_NEQ'

/** `yes`, `no`: indices of nodes. `missing`: NaN takes the yes side, whatever the test says. */
export type Branch = {
  readonly mode: Mode
  readonly feature: number
  readonly value: number
  readonly yes: number
  readonly no: number
  readonly missing: boolean
}
export type Weight = { readonly output: number; readonly value: number }
export type TreeNode = Branch | { readonly weights: readonly Weight[] }

/** In the order of the attribute `aggregate` of treeEnsemble, by the standard's names. */
const aggregates = ['SUM', 'AVERAGE', 'MIN', 'MAX'] as const
export type Aggregate = (typeof aggregates)[number]

/** `roots`: a node for each tree, in the order of their summation. */
export type Ensemble = { readonly nodes: readonly TreeNode[]; readonly roots: readonly number[]; readonly aggregate: Aggregate }

const limits = { features: 2 ** 17, depth: 4095, width: 2 ** 16 } as const
const [leafKind, equal, nanIsTrue] = [1, 2, 4]

/** y [N, outputs] of x [N, F]. `base` is added to each output. */
export function emitEnsemble(emitter: Emitter, x: Floats, ensemble: Ensemble, outputs: number, base: readonly number[]): Floats {
  const { nodes, weights, roots, depth, width } = constants(ensemble, x.shape[1]!, outputs)
  checkFinite('base values', base)
  const operands = [
    x.tensor,
    constantInts(emitter, [nodes.length / 4, 4], nodes),
    constantInts(emitter, [weights.length / 2, 2], weights),
    constantInts(emitter, [roots.length], roots),
    ...(base.length === 0 ? [] : [constantFloats(emitter, [outputs], base)]),
  ]
  const y = ints(emitter, [x.shape[0]!, outputs])
  emitter.operator('treeEnsemble', operands, y, { depth, width, aggregate: aggregates.indexOf(ensemble.aggregate) })
  return { kind: 'floats', ...y, largest: largest(ensemble, base) }
}

function constants({ nodes, roots }: Ensemble, features: number, outputs: number) {
  if (roots.length === 0) throw new Refusal('it has no trees')
  if (features > limits.features) throw new Refusal(`it has ${features} features`, `at most ${limits.features}`)
  const heights = heightsOf(nodes, roots)
  const words: number[] = []
  const weights: number[] = []
  let width = 1
  for (const [index, node] of nodes.entries()) {
    if ('weights' in node) {
      checkFinite(
        'weights',
        node.weights.map(({ value }) => value),
      )
      const outside = node.weights.find(({ output }) => !(output >= 0 && output < outputs))
      if (outside !== undefined) throw new Refusal(`a leaf weighs output ${outside.output} of ${outputs}`)
      // A leaf without a weight adds nothing.
      const given = node.weights.length === 0 ? [{ output: 0, value: 0 }] : node.weights
      words.push(leafKind, weights.length / 2, given.length, 0)
      weights.push(...given.flatMap(({ output, value }) => [output, bits(value)]))
      width = Math.max(width, given.length)
    } else words.push(...branchWords(node, heights[index]!, features))
  }
  const depth = roots.reduce((most, root) => Math.max(most, heights[root]!), 0)
  if (depth > limits.depth) throw new Refusal(`its trees are ${depth} nodes deep`, `at most ${limits.depth}`)
  if (width > limits.width) throw new Refusal(`a leaf has ${width} weights`, `at most ${limits.width}`)
  return { nodes: words, weights, roots, depth, width }
}

/** Every test is x ≤ threshold or x = threshold, with the sides changed where need be. */
function branchWords({ mode, feature, value, yes, no, missing }: Branch, height: number, features: number): number[] {
  if (!(Number.isInteger(feature) && feature >= 0 && feature < features))
    throw new Refusal(`a tree tests feature ${feature} of ${features}`)
  if (Number.isNaN(value)) throw new Refusal('a tree compares with NaN')
  const isLess = mode === 'BRANCH_LT' || mode === 'BRANCH_GTE'
  const isTurned = mode === 'BRANCH_GTE' || mode === 'BRANCH_GT' || mode === 'BRANCH_NEQ'
  const isEqual = mode === 'BRANCH_EQ' || mode === 'BRANCH_NEQ'
  // Of all comparisons only ≠ holds for NaN.
  const nanIsYes = missing || mode === 'BRANCH_NEQ'
  const kind = (isEqual ? equal : 0) | (nanIsYes !== isTurned ? nanIsTrue : 0)
  const threshold = order(value) - (isLess ? 1 : 0)
  return [kind | (feature << 3) | (height << 20), threshold, ...(isTurned ? [no, yes] : [yes, no])]
}

/** The longest way from each node to a leaf. @throws Refusal where nodes lead in circles */
function heightsOf(nodes: readonly TreeNode[], roots: readonly number[]): number[] {
  const heights = new Array<number>(nodes.length).fill(-1)
  const open = new Set<number>()
  for (const root of roots) {
    const path = [root]
    while (path.length > 0) {
      const index = path.at(-1)!
      const node = nodes[index]
      if (node === undefined) throw new Refusal(`a tree leads to node ${index}, which is not there`)
      const sides = 'weights' in node ? [] : [node.yes, node.no]
      const next = sides.find((side) => (heights[side] ?? -1) < 0)
      if (next === undefined) {
        heights[index] = sides.reduce((most, side) => Math.max(most, heights[side]! + 1), 0)
        open.delete(index)
        path.pop()
        continue
      }
      open.add(index)
      if (open.has(next)) throw new Refusal(`its nodes lead in circles, by node ${next}`)
      path.push(next)
    }
  }
  const lost = heights.indexOf(-1)
  if (lost >= 0) throw new Refusal(`no tree leads to its node ${lost}`)
  return heights
}

/** No score has a greater magnitude. */
function largest({ nodes, roots, aggregate }: Ensemble, base: readonly number[]): number {
  const own = nodes.map((node) => ('weights' in node ? node.weights.reduce((sum, { value }) => sum + Math.abs(value), 0) : 0))
  const most = Math.max(...reached(nodes, roots).map((leaves) => leaves.reduce((greatest, leaf) => Math.max(greatest, own[leaf]!), 0)))
  const score = aggregate === 'SUM' ? most * roots.length : most
  return score + base.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0)
}

/** The leaves of each tree. */
export function reached(nodes: readonly TreeNode[], roots: readonly number[]): number[][] {
  return roots.map((root) => {
    const seen = new Set([root])
    for (const index of seen) {
      const node = nodes[index]!
      if (!('weights' in node)) seen.add(node.yes).add(node.no)
    }
    return [...seen].filter((index) => 'weights' in nodes[index]!)
  })
}

const view = new DataView(new ArrayBuffer(4))

function bits(value: number): number {
  view.setFloat32(0, value)
  return view.getInt32(0)
}

/** An integer whose order is that of the float32 (docs/arithmetic.md, "Float32 tensors"). */
function order(value: number): number {
  const raw = bits(value === 0 ? 0 : value)
  return raw < 0 ? raw ^ 0x7fffffff : raw
}
