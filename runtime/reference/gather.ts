import { clamp } from './arithmetic.ts'
import { elements, type Invocation } from './tensor.ts'

/** The slices of x along `axis` that the indices name; negative ones count from the end, and all are brought into the dimension. */
export function gather({ attributes, operands: [x, indices], result }: Invocation): void {
  const axis = attributes.axis!
  const size = x!.shape[axis]!
  const inner = elements(x!.shape.slice(axis + 1))
  let at = 0
  for (let outer = 0; outer < elements(x!.shape.slice(0, axis)); outer += 1)
    for (const named of indices!.values) {
      const index = clamp(named < 0 ? named + size : named, 0, size - 1)
      const from = (outer * size + index) * inner
      result.values.set(x!.values.subarray(from, from + inner), at)
      at += inner
    }
}
