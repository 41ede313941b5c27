import { elements, type Invocation } from './tensor.ts'

export function scan({ attributes: { axis, product, exclusive, reverse }, operands: [x], result }: Invocation): void {
  const size = x!.shape[axis!]!
  const stride = elements(x!.shape.slice(axis! + 1))
  const neutral = product === 1 ? 1 : 0
  for (const first of x!.values.keys()) {
    if (Math.floor(first / stride) % size !== 0) continue
    let total = neutral
    for (let step = 0; step < size; step += 1) {
      const at = first + (reverse === 1 ? size - 1 - step : step) * stride
      if (exclusive === 1) result.values[at] = total
      total = product === 1 ? Math.imul(total, x!.values[at]!) : (total + x!.values[at]!) | 0
      if (exclusive === 0) result.values[at] = total
    }
  }
}
