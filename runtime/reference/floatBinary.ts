import { broadcastPosition } from './broadcast.ts'
import { bitsOf, floatOf, order } from './float32.ts'
import type { Invocation } from './tensor.ts'

const functions: readonly ((a: number, b: number) => number)[] = [(a, b) => a + b, (a, b) => a - b, (a, b) => a * b, (a, b) => a / b]
const [minimum, maximum, otherwise] = [4, 5, 6]

export function floatBinary({ attributes, operands: [a, b], result }: Invocation): void {
  const kind = attributes.function!
  const positionA = broadcastPosition(a!, result.shape)
  const positionB = broadcastPosition(b!, result.shape)
  for (const at of result.values.keys()) {
    const [x, y] = [a!.values[positionA(at)]!, b!.values[positionB(at)]!]
    result.values[at] = kind < minimum ? bitsOf(functions[kind]!(floatOf(x), floatOf(y))) : chosen(kind, x, y)
  }
}

/** One of two numbers: its bits stay as they are. */
function chosen(kind: number, a: number, b: number): number {
  if (kind === otherwise) return Number.isNaN(floatOf(a)) ? b : a
  if (Number.isNaN(floatOf(a))) return a
  if (Number.isNaN(floatOf(b))) return b
  return (kind === maximum ? order(b) >= order(a) : order(b) < order(a)) ? b : a
}
