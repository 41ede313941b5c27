import type { CompositeNode, Decompose } from './composite.ts'

/** The standard's RotaryEmbedding: x, cosines, sines, positions. Without positions the caches have a row for each place of each text. */
export const rotaryEmbedding: Decompose = (node) => rotated(node, { cosines: 1, sines: 2, positions: 3 }, 'rotary_embedding_dim')

/** com.microsoft RotaryEmbedding: x, positions, cosines, sines. */
export const microsoftRotaryEmbedding: Decompose = (node) => {
  if (node.shape(1).length !== 2) node.refuse(`its positions are [${node.shape(1)}]`, 'one for each place')
  return rotated(node, { cosines: 2, sines: 3, positions: 1 }, 'rotary_embedding_dim')
}

/**
 * y = x · c + swapped(x) · s: pairs of columns turned by an angle, whose sine has a sign of its own for each of the pair. Two products and a
 * sum, and the rest moves numbers.
 */
function rotated(node: CompositeNode, operands: Record<'cosines' | 'sines' | 'positions', number>, dimension: string): string {
  const shape = node.shape(0)
  const isPacked = shape.length === 3
  const heads = isPacked ? node.int('num_heads', 0) : shape[1]!
  if (heads < 1) node.refuse('it does not tell its heads', 'num_heads')
  const [batch, places] = isPacked ? [shape[0]!, shape[1]!] : [shape[0]!, shape[2]!]
  const width = isPacked ? shape[2]! / heads : shape[3]!
  // [batch, places, heads, width]: the angles depend on the first two.
  const x = isPacked ? node.reshape(node.input(0), [batch, places, heads, width]) : node.transpose(node.input(0), [0, 2, 1, 3])
  const turned = node.int(dimension, 0) || width
  const half = turned / 2
  const isInterleaved = node.int('interleaved', 0) === 1
  const pairs = turned === width ? x : node.slice(x, 3, 0, turned)
  const angles = (index: number, first: number) => {
    const cache = node.has(operands.positions)
      ? node.emit('Gather', [node.input(index), node.input(operands.positions)], { axis: 0 })
      : node.input(index)
    const one = node.reshape(cache, [batch, places, 1, half])
    const signed = first === 1 ? one : node.emit('Neg', [one])
    return interleave(node, signed, one, [batch, places, 1, half], isInterleaved)
  }
  const [a, b] = isInterleaved
    ? columns(node, pairs, [batch, places, heads, half])
    : [node.slice(pairs, 3, 0, half), node.slice(pairs, 3, half, turned)]
  const swapped = interleave(node, b, a, [batch, places, heads, half], isInterleaved)
  const sum = node.emit('Add', [
    node.emit('Mul', [pairs, angles(operands.cosines, 1)]),
    node.emit('Mul', [swapped, angles(operands.sines, -1)]),
  ])
  const y = turned === width ? sum : node.emit('Concat', [sum, node.slice(x, 3, turned, width)], { axis: 3 })
  return isPacked ? node.reshape(y, shape) : node.transpose(y, [0, 2, 1, 3])
}

/** The even and the odd columns. */
function columns(node: CompositeNode, x: string, shape: readonly number[]): [string, string] {
  const pairs = node.reshape(x, [...shape, 2])
  return [node.reshape(node.slice(pairs, 4, 0, 1), shape), node.reshape(node.slice(pairs, 4, 1, 2), shape)]
}

/** Halves side by side, or column by column in turn. */
function interleave(node: CompositeNode, a: string, b: string, shape: readonly number[], isInterleaved: boolean): string {
  if (!isInterleaved) return node.emit('Concat', [a, b], { axis: 3 })
  const pairs = node.emit('Concat', [node.reshape(a, [...shape, 1]), node.reshape(b, [...shape, 1])], { axis: 4 })
  return node.reshape(pairs, [...shape.slice(0, 3), shape[3]! * 2])
}
