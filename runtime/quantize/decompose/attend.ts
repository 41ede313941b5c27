/** What the operators of attention share: scores of heads, masks, and the weighted sum of the values. */
import type { CompositeNode } from './composite.ts'
import type { Mask } from './mask.ts'

/** Values of the graph in the shape [batch, heads, places, width]. */
export type Heads = { readonly name: string; readonly shape: readonly [batch: number, heads: number, places: number, width: number] }

/** `scale`: of the scores. `cap`: softcap, 0 without. `mask`: broadcast to [batch, heads, queries, keys]. */
export type Scoring = { readonly scale: number; readonly cap: number; readonly mask: Mask | undefined }

/** `scores`: of queries and keys, scaled; then capped; then with the bias; then their softmax. `result`: heads of the queries. */
export type Attended = {
  readonly scores: string
  readonly capped: string
  readonly biased: string
  readonly weights: string
  readonly result: Heads
}

/** Keys and values may have fewer heads, each for as many neighbouring heads of the queries. */
export function attend(node: CompositeNode, query: Heads, key: Heads, value: Heads, { scale, cap, mask }: Scoring): Attended {
  const [batch, heads, queries, width] = query.shape
  const [, shared, keys] = key.shape
  const depth = value.shape[3]
  const each = heads / shared
  if (!Number.isInteger(each) || value.shape[1] !== shared)
    node.refuse(
      `it has ${heads} heads of queries, ${shared} of keys and ${value.shape[1]} of values`,
      'as many keys as values, dividing the queries',
    )
  const grouped = (name: string, rows: number, columns: number) =>
    each === 1 ? name : node.reshape(name, [batch, shared, each, rows, columns])
  const together = ({ name, shape }: Heads) => (each === 1 ? name : node.reshape(name, [batch, shared, 1, shape[2], shape[3]]))
  const turned = node.transpose(together(key), each === 1 ? [0, 1, 3, 2] : [0, 1, 2, 4, 3])
  // The queries take the scale: the scores of quantized queries only change their own then.
  const scaled = scale === 1 ? query.name : node.emit('Mul', [query.name, node.floats([scale], [])])
  const product = node.emit('MatMul', [grouped(scaled, queries, width), turned])
  const scores = each === 1 ? product : node.reshape(product, [batch, heads, queries, keys])
  const capped =
    cap === 0
      ? scores
      : node.emit('Mul', [node.emit('Tanh', [node.emit('Mul', [scores, node.floats([1 / cap], [])])]), node.floats([cap], [])])
  const biased = mask === undefined ? capped : node.emit('Add', [capped, mask.bias])
  const shares = node.emit('Softmax', [biased], { axis: node.opset < 13 ? 3 : -1 })
  const weights = mask?.seeing === undefined ? shares : node.emit('Mul', [shares, mask.seeing])
  const sums = node.emit('MatMul', [grouped(weights, queries, keys), together(value)])
  const name = each === 1 ? sums : node.reshape(sums, [batch, heads, queries, depth])
  return { scores, capped, biased, weights, result: { name, shape: [batch, heads, queries, depth] } }
}

/** [batch, places, heads · width] as heads. */
export function splitHeads(node: CompositeNode, name: string, shape: readonly number[], heads: number): Heads {
  const [batch, places, width] = shape as [number, number, number]
  if (heads < 1 || width % heads !== 0) node.refuse(`it splits ${width} columns into ${heads} heads`, 'a divisor')
  const split = node.reshape(name, [batch, places, heads, width / heads])
  return { name: node.transpose(split, [0, 2, 1, 3]), shape: [batch, heads, places, width / heads] }
}

/** Heads as [batch, places, heads · width]. */
export function joinHeads(node: CompositeNode, { name, shape: [batch, heads, places, width] }: Heads): string {
  return node.reshape(node.transpose(name, [0, 2, 1, 3]), [batch, places, heads * width])
}

/** The heads of the places before, then these. `past`: the index of the operand, which may be missing. */
export function withPast(node: CompositeNode, past: number, now: Heads): Heads {
  if (!node.has(past)) return now
  const [batch, heads, places, width] = now.shape
  return {
    name: node.emit('Concat', [node.input(past), now.name], { axis: 2 }),
    shape: [batch, heads, places + node.shape(past)[2]!, width],
  }
}
