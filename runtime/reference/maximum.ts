import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

export function maximum({ operands: [a, b], result }: Invocation): void {
  const positionA = broadcastPosition(a!, result.shape)
  const positionB = broadcastPosition(b!, result.shape)
  for (const at of result.values.keys()) result.values[at] = Math.max(a!.values[positionA(at)]!, b!.values[positionB(at)]!)
}
