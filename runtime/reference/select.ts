import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

export function select({ operands: [condition, a, b], result }: Invocation): void {
  const [positionOf, positionA, positionB] = [condition, a, b].map((operand) => broadcastPosition(operand!, result.shape))
  for (const at of result.values.keys())
    result.values[at] = condition!.values[positionOf!(at)] !== 0 ? a!.values[positionA!(at)]! : b!.values[positionB!(at)]!
}
