import { elements, type Invocation } from './tensor.ts'

/** Index along `axis` of the largest element (of the smallest where `smallest` is 1): the first among equals, or the last where `last` is 1. */
export function argMax({ attributes, operands: [x], result }: Invocation): void {
  const { axis, smallest, last } = attributes as Record<string, number>
  const size = x!.shape[axis!]!
  const inner = elements(x!.shape.slice(axis! + 1))
  for (let position = 0; position < result.values.length; position += 1) {
    const first = Math.floor(position / inner) * size * inner + (position % inner)
    const line = Array.from({ length: size }, (_, index) => x!.values[first + index * inner]!)
    const best = line.reduce((a, b) => (smallest === 1 ? Math.min(a, b) : Math.max(a, b)))
    result.values[position] = last === 1 ? line.lastIndexOf(best) : line.indexOf(best)
  }
}
