/** Random decision trees as treeEnsemble has them. */
import { order } from '../../runtime/reference/float32.ts'
import type { Dice } from './fuzz.ts'

type Branch = { readonly feature: number; readonly threshold: number; readonly flags: number; readonly sides: readonly [Tree, Tree] }
type Leaf = { readonly weights: readonly (readonly [output: number, bits: number])[] }
export type Tree = Branch | Leaf

export type Forest = { nodes: number[]; weights: number[]; roots: number[]; depth: number; width: number }

/** The constants of an ensemble: children before their parents. */
export function forest(trees: readonly Tree[]): Forest {
  const all: Forest = { nodes: [], weights: [], roots: [], depth: 0, width: 1 }
  const place = (tree: Tree): { index: number; height: number } => {
    if ('weights' in tree) {
      const first = all.weights.length / 2
      all.weights.push(...tree.weights.flat())
      all.width = Math.max(all.width, tree.weights.length)
      all.nodes.push(1, first, tree.weights.length, 0)
      return { index: all.nodes.length / 4 - 1, height: 0 }
    }
    const [yes, no] = tree.sides.map(place) as [ReturnType<typeof place>, ReturnType<typeof place>]
    const height = 1 + Math.max(yes.height, no.height)
    all.nodes.push(tree.flags | (tree.feature << 3) | (height << 20), tree.threshold, yes.index, no.index)
    return { index: all.nodes.length / 4 - 1, height }
  }
  for (const tree of trees) {
    const { index, height } = place(tree)
    all.roots.push(index)
    all.depth = Math.max(all.depth, height)
  }
  return all
}

/** `pick`: bits of thresholds and weights. */
export function randomTree(dice: Dice, depth: number, features: number, outputs: number, pick: () => number): Tree {
  if (depth === 0 || dice.between(0, 5) === 0) {
    const count = dice.between(1, outputs)
    return { weights: Array.from({ length: count }, () => [dice.between(0, outputs - 1), pick()] as const) }
  }
  const side = () => randomTree(dice, depth - 1, features, outputs, pick)
  return {
    feature: dice.between(0, features - 1),
    threshold: order(pick()),
    flags: dice.pick([0, 0, 0, 2, 4, 6]),
    sides: [side(), side()],
  }
}
