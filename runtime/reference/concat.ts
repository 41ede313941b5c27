import { elements, type Invocation } from './tensor.ts'

/** The operands one after the other along `axis`. */
export function concat({ attributes, operands, result }: Invocation): void {
  const rows = elements(result.shape.slice(0, attributes.axis!))
  let at = 0
  for (let row = 0; row < rows; row += 1)
    for (const { values } of operands) {
      const length = values.length / rows
      result.values.set(values.subarray(row * length, (row + 1) * length), at)
      at += length
    }
}
