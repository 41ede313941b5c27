import { broadcastPosition } from './broadcast.ts'
import type { Invocation } from './tensor.ts'

/** table[a + 128][b + 128]. */
export function lookupPair({ operands: [a, b, table], result }: Invocation): void {
  const [positionA, positionB] = [broadcastPosition(a!, result.shape), broadcastPosition(b!, result.shape)]
  for (const at of result.values.keys())
    result.values[at] = table!.values[(a!.values[positionA(at)]! + 128) * 256 + b!.values[positionB(at)]! + 128]!
}
