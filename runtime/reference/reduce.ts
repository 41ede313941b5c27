import type { Invocation, Values } from './tensor.ts'

/** Brings together the elements of x along the dimensions whose bit is set in `axes`. */
export function reduce({ attributes, operands: [x], result }: Invocation, together: (a: number, b: number) => number): void {
  const { axes } = attributes as Record<string, number>
  const seen = new Set<number>()
  for (const [position, value] of (x!.values as Values).entries()) {
    let rest = position
    let to = 0
    let step = 1
    for (let axis = x!.shape.length - 1; axis >= 0; axis -= 1) {
      const size = x!.shape[axis]!
      if (((axes! >> axis) & 1) === 0) {
        to += (rest % size) * step
        step *= size
      }
      rest = Math.floor(rest / size)
    }
    result.values[to] = seen.has(to) ? together(result.values[to]!, value) : value
    seen.add(to)
  }
}
