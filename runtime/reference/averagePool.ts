import { clamp, divide } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'
import { eachWindow } from './window.ts'

/** The mean of each window, half away from zero. */
export function averagePool(invocation: Invocation): void {
  const { yMin, yMax } = invocation.attributes as Record<string, number>
  eachWindow(invocation, (values) => {
    const sum = values.reduce((total, value) => total + value, 0)
    const half = divide(values.length, 2)
    return clamp(divide(sum > 0 ? sum + half : sum - half, values.length), yMin!, yMax!)
  })
}
