import { type OperatorBench, randomBytes } from '../one-operator.ts'

const int32s = (values: readonly number[]) => new Uint8Array(Int32Array.from(values).buffer)

/** Full trees whose thresholds halve the numbers that random bytes make: every level is walked, in an order that no cache knows. */
function ensemble(trees: number, depth: number, features: number, outputs: number): OperatorBench['cases'][number] {
  const random = randomBytes()
  const inner = 2 ** depth - 1
  const size = 2 ** (depth + 1) - 1
  const nodes: number[] = []
  const weights: number[] = []
  for (let tree = 0; tree < trees; tree += 1)
    for (let at = 0; at < size; at += 1) {
      const place = tree * size
      if (at >= inner) {
        nodes.push(1, weights.length / 2, 1, 0)
        weights.push((tree + at) % outputs, 0x3f800000 + at)
        continue
      }
      const [low, high] = random(2) as unknown as [number, number]
      const height = depth - Math.floor(Math.log2(at + 1))
      const feature = (low * 256 + high) % features
      nodes.push((height << 20) | (feature << 3), ((low << 24) | (high << 16)) % 0x7f000000, place + 2 * at + 1, place + 2 * at + 2)
    }
  const constant = (shape: number[], values: readonly number[]) => ({ type: 'int32' as const, shape, data: int32s(values) })
  return {
    name: `${trees} trees of ${depth}, ${features} features → ${outputs}`,
    operands: [
      { type: 'int32', shape: [1, features] },
      constant([nodes.length / 4, 4], nodes),
      constant([weights.length / 2, 2], weights),
      constant(
        [trees],
        Array.from({ length: trees }, (_, tree) => tree * size),
      ),
    ],
    result: { type: 'int32', shape: [1, outputs] },
    attributes: [depth, 1, 0],
  }
}

export const bench: OperatorBench = {
  operator: 'treeEnsemble',
  cases: [ensemble(100, 6, 30, 1), ensemble(300, 4, 13, 3), ensemble(20, 12, 100, 2)],
}
