import type { Invocation } from './tensor.ts'

/** The elements begin, begin + stride, … of each dimension. */
export function slice({ attributes, operands: [x], result }: Invocation): void {
  for (let position = 0; position < result.values.length; position += 1) {
    let rest = position
    let from = 0
    let step = 1
    for (let axis = x!.shape.length - 1; axis >= 0; axis -= 1) {
      const size = result.shape[axis]!
      from += (attributes[`begin${axis}`]! + (rest % size) * attributes[`stride${axis}`]!) * step
      rest = Math.floor(rest / size)
      step *= x!.shape[axis]!
    }
    result.values[position] = x!.values[from]!
  }
}
