import { bitsOf, floatOf, order } from './float32.ts'
import type { Invocation, Values } from './tensor.ts'

const [leaf, equal, nanIsTrue] = [1, 2, 4]
const [average, least] = [1, 2]
const f32 = Math.fround

/** Where a row's features end in the tree below `root`: the leaf's place among the nodes. */
function leafOf(nodes: Values, root: number, features: readonly number[]): number {
  let at = 4 * root
  while ((nodes[at]! & leaf) === 0) {
    const kind = nodes[at]!
    const bits = features[(kind >>> 3) & 0x1ffff]!
    const [value, threshold] = [order(bits), nodes[at + 1]!]
    const isTrue = Number.isNaN(floatOf(bits)) ? (kind & nanIsTrue) !== 0 : (kind & equal) !== 0 ? value === threshold : value <= threshold
    at = 4 * nodes[at + (isTrue ? 2 : 3)]!
  }
  return at
}

export function treeEnsemble({ attributes, operands: [x, nodes, weights, roots, base], result }: Invocation): void {
  const [rows, outputs] = result.shape as [number, number]
  const width = x!.shape[1]!
  const aggregate = attributes.aggregate!
  for (let row = 0; row < rows; row += 1) {
    const features = Array.from(x!.values.subarray(row * width, (row + 1) * width))
    const scores: (number | undefined)[] = new Array(outputs).fill(aggregate < least ? 0 : undefined)
    for (const root of roots!.values) {
      const at = leafOf(nodes!.values, root, features)
      const first = nodes!.values[at + 1]!
      for (let given = first; given < first + nodes!.values[at + 2]!; given += 1) {
        const output = weights!.values[2 * given]!
        scores[output] = aggregated(aggregate, scores[output], floatOf(weights!.values[2 * given + 1]!))
      }
    }
    for (const [output, score = 0] of scores.entries()) {
      const mean = aggregate === average ? f32(score / f32(roots!.values.length)) : score
      result.values[row * outputs + output] = bitsOf(base === undefined ? mean : mean + floatOf(base.values[output]!))
    }
  }
}

function aggregated(aggregate: number, so: number | undefined, weight: number): number {
  if (so === undefined) return weight
  if (aggregate < least) return f32(so + weight)
  return (aggregate === least ? weight < so : weight > so) ? weight : so
}
