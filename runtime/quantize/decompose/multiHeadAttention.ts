import { attend, type Heads, joinHeads, type Scoring, splitHeads, withPast } from './attend.ts'
import type { CompositeNode, Decompose } from './composite.ts'
import { causal, maskOf } from './mask.ts'

/** com.microsoft MultiHeadAttention: query, key, value, bias, key padding mask, attention bias, past key, past value; Y, present key and value. */
export const multiHeadAttention: Decompose = (node) => {
  const heads = node.int('num_heads', 0)
  for (const index of [0, 1, 2])
    if (node.shape(index).length !== 3)
      node.refuse(`its operand ${index} is [${node.shape(index)}]`, 'query, key and value of [batch, places, columns]')
  if (node.has(4)) node.refuse('it has a key padding mask', 'an attention bias')
  const bias = node.has(3) ? node.numbers(3) : undefined
  let first = 0
  const part = (index: number): Heads => {
    const shape = node.shape(index)
    const columns = shape[2]!
    const own = bias?.slice(first, first + columns)
    first += columns
    const moved = own === undefined ? node.input(index) : node.emit('Add', [node.input(index), node.floats(own, [columns])])
    return splitHeads(node, moved, shape, heads)
  }
  const [queries, keys, values] = [part(0), withPast(node, 6, part(1)), withPast(node, 7, part(2))]
  const scoring = scoringOf(node, queries, keys, node.has(6) ? node.shape(6)[2]! : 0, node.has(5) ? node.input(5) : undefined)
  const { result } = attend(node, queries, keys, values, scoring)
  return [joinHeads(node, result), keys.name, values.name]
}

/** com.microsoft Attention: x, weights and bias of query, key and value side by side, mask index, past, attention bias; Y. */
export const packedAttention: Decompose = (node) => {
  const heads = node.int('num_heads', 0)
  for (const [index, what] of [
    [3, 'a mask index'],
    [4, 'a past'],
  ] as const)
    if (node.has(index)) node.refuse(`it has ${what}`, 'an attention bias')
  if (node.node.outputs.length > 1 && node.node.outputs[1] !== '') node.refuse('it gives its keys and values', 'only its first result')
  const [batch, places] = node.shape(0) as [number, number]
  const columns = node.shape(1)[1]!
  const sizes = node.ints('qkv_hidden_sizes') ?? [columns / 3, columns / 3, columns / 3]
  const product = node.emit('MatMul', [node.input(0), node.input(1)])
  const all = node.has(2) ? node.emit('Add', [product, node.input(2)]) : product
  let start = 0
  const [queries, keys, values] = sizes.map((size) => {
    start += size
    return splitHeads(node, node.slice(all, 2, start - size, start), [batch, places, size], heads)
  }) as [Heads, Heads, Heads]
  const { result } = attend(node, queries, keys, values, scoringOf(node, queries, keys, 0, node.has(5) ? node.input(5) : undefined))
  return joinHeads(node, result)
}

function scoringOf(node: CompositeNode, queries: Heads, keys: Heads, before: number, given: string | undefined): Scoring {
  const scale = node.float('scale', 0)
  const ends = node.int('unidirectional', 0) === 0 ? [] : [causal(before)]
  return {
    scale: scale === 0 ? 1 / Math.sqrt(queries.shape[3]) : scale,
    cap: 0,
    mask: maskOf(node, { queries: queries.shape[2], keys: keys.shape[2], given: undefined, computed: given, ends }),
  }
}
