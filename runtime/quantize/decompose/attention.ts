import { numbersOf } from '../../import/onnx/constant.ts'
import { attend, type Heads, joinHeads, splitHeads, withPast } from './attend.ts'
import type { CompositeNode, Decompose } from './composite.ts'
import { causal, type Mask, maskOf, type Summands } from './mask.ts'

const [query, key, value, maskOperand, pastKey, pastValue, validKeys] = [0, 1, 2, 3, 4, 5, 6]

/** The standard's Attention: Q, K, V, mask, past key, past value, number of valid keys; Y, present key, present value, scores. */
export const attention: Decompose = (node) => {
  const isPacked = node.shape(query).length === 3
  const heads = (index: number, attribute: string): Heads => {
    const shape = node.shape(index)
    if (isPacked) return splitHeads(node, node.input(index), shape, node.int(attribute, 0))
    return { name: node.input(index), shape: shape as Heads['shape'] }
  }
  const queries = heads(query, 'q_num_heads')
  const keys = withPast(node, pastKey, heads(key, 'kv_num_heads'))
  const values = withPast(node, pastValue, heads(value, 'kv_num_heads'))
  const { result, scores, capped, biased, weights } = attend(node, queries, keys, values, {
    scale: node.float('scale', 1 / Math.sqrt(queries.shape[3])),
    cap: node.float('softcap', 0),
    mask: masking(node, queries.shape[2], keys.shape[2]),
  })
  const mode = node.int('qk_matmul_output_mode', 0)
  const stage = [scores, capped, biased, weights][mode] ?? node.refuse(`its qk_matmul_output_mode is ${mode}`, '0 to 3')
  return [isPacked ? joinHeads(node, result) : result.name, keys.name, values.name, stage]
}

function masking(node: CompositeNode, queries: number, keys: number): Mask | undefined {
  const valid = node.has(validKeys) ? node.numbers(validKeys) : undefined
  const isCausal = node.int('is_causal', 0) !== 0
  const isComputed = node.has(maskOperand) && node.value(maskOperand).kind !== 'constant'
  const past = node.has(pastKey) ? node.shape(pastKey)[2]! : 0
  const own = (end: number | undefined) => (at: number) =>
    Math.min(end ?? keys, isCausal ? causal(end === undefined ? past : end - queries)(at) : keys)
  return maskOf(node, {
    queries,
    keys,
    given: !node.has(maskOperand) || isComputed ? undefined : constantMask(node),
    computed: isComputed ? computedMask(node, keys) : undefined,
    ends: valid !== undefined ? valid.map(own) : isCausal ? [own(undefined)] : [],
  })
}

/** A mask of bool or of summands. */
function constantMask(node: CompositeNode): Summands {
  const { shape, ...mask } = node.constant(maskOperand)
  const numbers = numbersOf({ ...mask, shape }) ?? node.refuse(`its mask is of ${mask.typeName}`, 'bool or float32')
  const summands = mask.type === 'bool' ? numbers.map((visible) => (visible === 0 ? -Infinity : 0)) : numbers
  return { shape: [...new Array<number>(4 - shape.length).fill(1), ...shape], numbers: summands }
}

function computedMask(node: CompositeNode, keys: number): string {
  if (node.type(maskOperand) !== 'float32')
    node.refuse(`its mask is computed and of ${node.type(maskOperand)}`, 'a constant mask, or one of float32')
  const columns = node.shape(maskOperand).at(-1)
  if (columns !== keys) node.refuse(`its mask is for ${columns} of ${keys} keys`, `one for all ${keys}`)
  return node.input(maskOperand)
}
