import type { ValueTensor } from './tensor.ts'

/** The position in an operand that belongs to a position in the result, right-aligned; a dimension of 1 repeats (NumPy). */
export function broadcastPosition(operand: ValueTensor, shape: readonly number[]): (position: number) => number {
  const missing = shape.length - operand.shape.length
  return (position) => {
    let at = 0
    let stride = 1
    for (let axis = shape.length - 1; axis >= missing; axis -= 1) {
      const size = operand.shape[axis - missing]!
      if (size > 1) at += (position % shape[axis]!) * stride
      position = Math.floor(position / shape[axis]!)
      stride *= size
    }
    return at
  }
}
