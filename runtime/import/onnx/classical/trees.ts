/** TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble of ai.onnx.ml, as onnxruntime computes them. */
import { numbersOf } from '../constant.ts'
import type { Emitter } from '../emitter.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Floats } from '../value.ts'
import { type Aggregate, type Ensemble, emitEnsemble, type Mode, reached, type TreeNode, type Weight } from './ensemble.ts'
import { checkCount, joined, logistic, negated, normalized, rowsAt, withNumber } from './floats.ts'
import { above, labelled, labelsOf, largestOf } from './labels.ts'

const modes: readonly string[] = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] satisfies Mode[]
/** In the order of the attribute `aggregate_function` of TreeEnsemble. */
const aggregates: readonly string[] = ['AVERAGE', 'SUM', 'MIN', 'MAX'] satisfies Aggregate[]
/** In the order of the attribute `post_transform` of TreeEnsemble. */
const transforms = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'] as const

export const treeEnsembleRegressor: Rule = (node) => {
  const x = rowsAt(node, 0)
  const targets = node.int('n_targets', 1)
  const name = node.text('aggregate_function', 'SUM')
  if (!aggregates.includes(name)) throw new Refusal(`its aggregate function is ${name}`, aggregates.join(', '))
  const base = floatList(node, 'base_values')
  if (base.length !== 0) checkCount('base values', base, targets)
  const ensemble = { ...listedTrees(node, 'target'), aggregate: name as Aggregate }
  return transformed(node.emitter, emitEnsemble(node.begin(), x, ensemble, targets, base), node.text('post_transform', 'NONE'))
}

/** Opset 5: nodes and leaves are numbered apart, and every list but the numbers of nodes is a tensor. */
export const treeEnsemble: Rule = (node) => {
  const x = rowsAt(node, 0)
  const aggregate = aggregates[node.int('aggregate_function', 1)] as Aggregate | undefined
  const transform = transforms[node.int('post_transform', 0)]
  if (aggregate === undefined || transform === undefined) throw new Refusal('its aggregate function or post transform is unknown')
  const scores = emitEnsemble(node.begin(), x, { ...tensorTrees(node), aggregate }, node.int('n_targets', 1), [])
  return transformed(node.emitter, scores, transform)
}

export const treeEnsembleClassifier: Rule = (node) => {
  const x = rowsAt(node, 0)
  const labels = labelsOf(node, 'classlabels_int64s')
  const ensemble: Ensemble = { ...listedTrees(node, 'class'), aggregate: 'SUM' }
  const weights = ensemble.nodes.flatMap((one) => ('weights' in one ? one.weights : []))
  const base = floatList(node, 'base_values')
  const transform = node.text('post_transform', 'NONE')
  const emitter = node.begin()
  const [first] = weights
  if (labels.length === 2 && first !== undefined && weights.every(({ output }) => output === first.output)) {
    if (first.output !== 0 || base.length > 1)
      throw new Refusal(`its two classes have weights of class ${first.output} and ${base.length} base values`, 'weights of class 0')
    const score = emitEnsemble(emitter, x, ensemble, 1, base)
    const isProbability = weights.every(({ value }) => value >= 0)
    const index = above(emitter, score, isProbability ? 0.5 : 0)
    return [labelled(node, index, labels), ofTwo(emitter, score, isProbability, transform)]
  }
  if (labels.length < 3) throw new Refusal(`it has ${labels.length} classes with weights of each`, 'three or more, or weights of class 0')
  if (base.length !== 0) checkCount('base values', base, labels.length)
  else checkScored(ensemble, labels.length)
  const scores = emitEnsemble(emitter, x, ensemble, labels.length, base)
  return [labelled(node, largestOf(emitter, scores), labels), transformed(emitter, scores, transform)]
}

/** onnxruntime passes over a class that no leaf on the way has weighed: none may win by it. */
function checkScored({ nodes, roots }: Ensemble, classes: number): void {
  const weights = nodes.flatMap((node) => ('weights' in node ? node.weights : []))
  if (weights.every(({ value }) => value > 0)) return
  const outputs = nodes.map((node) => new Set('weights' in node ? node.weights.map(({ output }) => output) : []))
  const trees = reached(nodes, roots)
  const isScored = (output: number) => trees.some((leaves) => leaves.every((leaf) => outputs[leaf]!.has(output)))
  const lost = Array.from({ length: classes }, (_, output) => output).find((output) => !isScored(output))
  if (lost !== undefined) throw new Refusal(`its class ${lost} can be left without a score`, 'leaves that weigh every class')
}

/** Two columns of the one score of two classes. */
function ofTwo(emitter: Emitter, score: Floats, isProbability: boolean, transform: string): Floats {
  if (transform === 'PROBIT') throw new Refusal('its post transform is PROBIT', 'LOGISTIC')
  if (isProbability) return joined(emitter, [withNumber(emitter, 'sub', score, 1, 'left'), score])
  if (transform === 'LOGISTIC') return joined(emitter, [logistic(emitter, negated(emitter, score)), logistic(emitter, score)])
  return joined(emitter, [negated(emitter, score), score])
}

export function transformed(emitter: Emitter, scores: Floats, transform: string): Floats {
  if (transform === 'NONE') return scores
  if (transform === 'LOGISTIC') return logistic(emitter, scores)
  if (transform === 'SOFTMAX') return normalized(emitter, scores, 'softmax')
  throw new Refusal(`its post transform is ${transform}`, 'NONE, LOGISTIC or SOFTMAX')
}

/** A list of numbers, or the tensor that stands for it where float32 is not enough. */
function floatList(node: NodeView, name: string): number[] {
  const tensor = node.node.attributes.get(`${name}_as_tensor`)
  if (typeof tensor !== 'object' || !('kind' in tensor)) return node.ints(name) ?? []
  return checkedFloats(node, name, numbersOf(tensor) ?? [])
}

/** Numbers that float64 gives and float32 does not have are rounded, where that is allowed. */
function checkedFloats(node: NodeView, name: string, numbers: readonly number[]): number[] {
  if (numbers.some((number) => !Number.isNaN(number) && Math.fround(number) !== number))
    node.inexact(`its ${name} are float64, the artifact computes in float32`, 'the model in float32')
  return numbers.map(Math.fround)
}

/** The nodes of TreeEnsembleClassifier and TreeEnsembleRegressor: one list for each field, the weights of leaves in lists of their own. */
function listedTrees(node: NodeView, target: 'class' | 'target'): Omit<Ensemble, 'aggregate'> {
  const trees = node.ints('nodes_treeids') ?? []
  const list = (name: string): number[] => {
    const values = node.ints(name) ?? []
    checkCount(name, values, trees.length)
    return values
  }
  const [ids, features, yes, no] = [list('nodes_nodeids'), list('nodes_featureids'), list('nodes_truenodeids'), list('nodes_falsenodeids')]
  const names = node.texts('nodes_modes') ?? []
  checkCount('nodes_modes', names, trees.length)
  const values = floatList(node, 'nodes_values')
  checkCount('nodes_values', values, trees.length)
  const missing = node.ints('nodes_missing_value_tracks_true') ?? []
  const places = new Map(trees.map((tree, index) => [`${tree}:${ids[index]}`, index]))
  if (places.size < trees.length) throw new Refusal('two of its nodes have one number')
  const place = (tree: number, id: number): number => {
    const found = places.get(`${tree}:${id}`)
    if (found === undefined) throw new Refusal(`tree ${tree} has no node ${id}`)
    return found
  }
  const weights = new Map<number, Weight[]>()
  const [weighed, leaves, outputs] = [`${target}_treeids`, `${target}_nodeids`, `${target}_ids`].map((name) => node.ints(name) ?? [])
  const amounts = floatList(node, `${target}_weights`)
  for (const [index, value] of amounts.entries()) {
    const leaf = place(weighed![index]!, leaves![index]!)
    weights.set(leaf, [...(weights.get(leaf) ?? []), { output: outputs![index]!, value }])
  }
  const nodes = trees.map((tree, index): TreeNode => {
    const mode = names[index]!
    if (mode === 'LEAF') return { weights: weights.get(index) ?? [] }
    if (!modes.includes(mode)) throw new Refusal(`a node has the mode ${mode}`, modes.join(', '))
    const sides = { yes: place(tree, yes[index]!), no: place(tree, no[index]!) }
    return { mode: mode as Mode, feature: features[index]!, value: values[index]!, ...sides, missing: (missing[index] ?? 0) !== 0 }
  })
  return { nodes, roots: rootsOf(nodes, trees) }
}

/** In the order in which the trees are first named: the node of each that no other leads to. */
function rootsOf(nodes: readonly TreeNode[], trees: readonly number[]): number[] {
  const led = new Set(nodes.flatMap((node) => ('weights' in node ? [] : [node.yes, node.no])))
  const roots = new Map<number, number>()
  for (const [index, tree] of trees.entries()) {
    if (led.has(index)) continue
    if (roots.has(tree)) throw new Refusal(`tree ${tree} has two roots`)
    roots.set(tree, index)
  }
  if (roots.size < new Set(trees).size) throw new Refusal('a tree has no root')
  return [...new Set(trees)].map((tree) => roots.get(tree)!)
}

/** The mode BRANCH_MEMBER of TreeEnsemble. */
const member = 6

function tensorTrees(node: NodeView): Omit<Ensemble, 'aggregate'> {
  const tensor = (name: string): number[] => {
    const value = node.node.attributes.get(name)
    const numbers = typeof value === 'object' && 'kind' in value ? numbersOf(value) : undefined
    if (numbers === undefined) throw new Refusal(`its ${name} is no tensor of numbers`)
    return numbers
  }
  const kinds = tensor('nodes_modes')
  const list = (name: string): number[] => {
    const values = node.ints(name) ?? []
    checkCount(name, values, kinds.length)
    return values
  }
  const [features, yes, no] = [list('nodes_featureids'), list('nodes_truenodeids'), list('nodes_falsenodeids')]
  const [yesLeaf, noLeaf] = [list('nodes_trueleafs'), list('nodes_falseleafs')]
  const missing = node.ints('nodes_missing_value_tracks_true') ?? []
  const splits = checkedFloats(node, 'thresholds', tensor('nodes_splits'))
  checkCount('nodes_splits', splits, kinds.length)
  const amounts = checkedFloats(node, 'leaf weights', tensor('leaf_weights'))
  const targets = node.ints('leaf_targetids') ?? []
  checkCount('leaf_targetids', targets, amounts.length)
  const members = kinds.includes(member) ? setsOf(kinds, tensor('membership_values')) : []
  // Nodes, then leaves, then the further tests of sets.
  const nodes: TreeNode[] = []
  const leaf = (index: number) => kinds.length + index
  for (const [index, kind] of kinds.entries()) {
    const sides = {
      yes: yesLeaf[index] ? leaf(yes[index]!) : yes[index]!,
      no: noLeaf[index] ? leaf(no[index]!) : no[index]!,
    }
    const mode = kind === member ? 'BRANCH_EQ' : (modes[kind] as Mode | undefined)
    if (mode === undefined) throw new Refusal(`a node has the mode ${kind}`)
    nodes.push({ mode, feature: features[index]!, value: splits[index]!, ...sides, missing: (missing[index] ?? 0) !== 0 })
  }
  for (const [index, value] of amounts.entries()) nodes.push({ weights: [{ output: targets[index]!, value }] })
  for (const [index, kind] of kinds.entries()) {
    if (kind !== member) continue
    const node = nodes[index]!
    if ('weights' in node) continue
    const [first, ...others] = members[index]!
    // A test for each member, the last of which leads where no member does.
    const chain = others.map((value, at) => ({ ...node, value, no: at + 1 < others.length ? nodes.length + at + 1 : node.no }))
    nodes[index] = { ...node, value: first!, no: chain.length > 0 ? nodes.length : node.no }
    nodes.push(...chain)
  }
  const roots = (node.ints('tree_roots') ?? []).map((root) => (isLeafOnly(root, yes, no, yesLeaf, noLeaf) ? leaf(yes[root]!) : root))
  return used(nodes, roots)
}

/** A tree of one leaf is a node both sides of which are that leaf. */
function isLeafOnly(root: number, yes: readonly number[], no: readonly number[], yesLeaf: readonly number[], noLeaf: readonly number[]) {
  return yesLeaf[root] === 1 && noLeaf[root] === 1 && yes[root] === no[root]
}

/** The members of each set, by node; NaN ends a set. */
function setsOf(kinds: readonly number[], values: readonly number[]): number[][] {
  let at = 0
  return kinds.map((kind) => {
    if (kind !== member) return []
    const end = values.findIndex((value, index) => index >= at && Number.isNaN(value))
    if (end < 0 || end === at) throw new Refusal('a set of its nodes has no end or no members')
    const set = values.slice(at, end)
    at = end + 1
    return set
  })
}

/** Without the nodes that no root leads to. */
function used(nodes: readonly TreeNode[], roots: readonly number[]): Omit<Ensemble, 'aggregate'> {
  const kept = new Set(roots)
  for (const index of kept) {
    const node = nodes[index]
    if (node === undefined) throw new Refusal(`a tree leads to node ${index}, which is not there`)
    if (!('weights' in node)) kept.add(node.yes).add(node.no)
  }
  const order = [...kept].sort((a, b) => a - b)
  const places = new Map(order.map((index, place) => [index, place]))
  const moved = order.map((index): TreeNode => {
    const node = nodes[index]!
    return 'weights' in node ? node : { ...node, yes: places.get(node.yes)!, no: places.get(node.no)! }
  })
  return { nodes: moved, roots: roots.map((root) => places.get(root)!) }
}
