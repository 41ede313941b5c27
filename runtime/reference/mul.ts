import { layerOutput } from './arithmetic.ts'
import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

export function mul({ attributes, scales, operands: [a, b], result }: Invocation): void {
  const { aZero, bZero } = attributes as Record<string, number>
  const positionA = broadcastPosition(a!, result.shape)
  const positionB = broadcastPosition(b!, result.shape)
  const output = layerOutput(scales, attributes)
  for (let at = 0; at < result.values.length; at += 1)
    result.values[at] = output((a!.values[positionA(at)]! - aZero!) * (b!.values[positionB(at)]! - bZero!), 0)
}
