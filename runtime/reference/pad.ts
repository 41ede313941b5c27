import type { Invocation } from './tensor.ts'

/** Surrounds x with `value`: before and after of each dimension. */
export function pad({ attributes, operands: [x], result }: Invocation): void {
  result.values.fill(attributes.value!)
  for (let position = 0; position < x!.values.length; position += 1) {
    let rest = position
    let at = 0
    let stride = 1
    for (let axis = x!.shape.length - 1; axis >= 0; axis -= 1) {
      at += ((rest % x!.shape[axis]!) + attributes[`before${axis}`]!) * stride
      rest = Math.floor(rest / x!.shape[axis]!)
      stride *= result.shape[axis]!
    }
    result.values[at] = x!.values[position]!
  }
}
