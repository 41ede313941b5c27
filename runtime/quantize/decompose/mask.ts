/** What an attention must not see, as summands of its scores. */
import type { CompositeNode } from './composite.ts'

/**
 * Added to the score of what must not be seen, where the standard has −∞: e^−20 is nothing beside what stays, and the scores' range stays
 * small enough for their scale.
 */
const hidden = -20

/** `bias`: is added to the scores. `seeing`: 0 for the queries that see nothing and 1 for the others, where there are such. */
export type Mask = { readonly bias: string; readonly seeing: string | undefined }

/** `numbers`: summands of a shape of 4 dimensions; its last may end before the keys do, of which the others are hidden. */
export type Summands = { readonly shape: readonly number[]; readonly numbers: readonly number[] }

/** `computed`: a value of the graph that is added too. `ends`: of each row of the batch, the first key that it must not see, for each query. */
export type Masking = {
  readonly queries: number
  readonly keys: number
  readonly given: Summands | undefined
  readonly computed: string | undefined
  readonly ends: readonly ((query: number) => number)[]
}

/** One mask of all that hides keys; undefined where nothing does. */
export function maskOf(node: CompositeNode, { queries, keys, given, computed, ends }: Masking): Mask | undefined {
  if (given === undefined && ends.length === 0) return computed === undefined ? undefined : { bias: computed, seeing: undefined }
  const [batches = 1, heads = 1, rows = 1, columns = keys] = given?.shape ?? []
  const shape = [Math.max(batches, ends.length), heads, ends.length === 0 ? rows : queries]
  const scores: number[] = []
  for (let batch = 0; batch < shape[0]!; batch += 1)
    for (let head = 0; head < heads; head += 1)
      for (let query = 0; query < shape[2]!; query += 1)
        for (let key = 0; key < keys; key += 1) {
          const end = ends[ends.length === 1 ? 0 : batch]?.(query) ?? keys
          const row = (Math.min(batch, batches - 1) * heads + head) * rows + Math.min(query, rows - 1)
          const own = given === undefined ? 0 : key < columns ? given.numbers[row * columns + key]! : -Infinity
          scores.push(key < end ? own : -Infinity)
        }
  const values = scores.map((value) => Math.max(value, hidden))
  const constant = node.floats(values, [...shape, keys])
  const bias = computed === undefined ? constant : node.emit('Add', [computed, constant])
  const seen = Array.from({ length: scores.length / keys }, (_, row) =>
    scores.slice(row * keys, (row + 1) * keys).some((value) => value > -Infinity),
  )
  const seeing = seen.every((any) => any) ? undefined : node.floats(seen.map(Number), [...shape, 1])
  return { bias, seeing }
}

/** Queries see the keys up to their own place, `before` keys being there before the first query. */
export function causal(before: number): (query: number) => number {
  return (query) => query + before + 1
}
