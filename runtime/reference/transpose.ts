import { elements, type Invocation } from './tensor.ts'

/** Dimension i of the result is dimension `from`i of x. */
export function transpose({ attributes, operands: [x], result }: Invocation): void {
  const steps = result.shape.map((_, axis) => elements(x!.shape.slice(attributes[`from${axis}`]! + 1)))
  for (let position = 0; position < result.values.length; position += 1) {
    let rest = position
    let from = 0
    for (let axis = result.shape.length - 1; axis >= 0; axis -= 1) {
      from += (rest % result.shape[axis]!) * steps[axis]!
      rest = Math.floor(rest / result.shape[axis]!)
    }
    result.values[position] = x!.values[from]!
  }
}
