import { biasOf, layerOutput, layerOutput16 } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** x [M…,K] · weights [O,K] · bias [O] → [M…,O]. */
export function fullyConnected({ attributes, scales, operands: [x, weights, bias], result }: Invocation): void {
  const { xZero, wZero } = attributes as Record<string, number>
  const [outChannels, depth] = weights!.shape as [number, number]
  const rows = x!.values.length / depth
  const output = x!.type === 'int16' ? layerOutput16(scales, attributes, bias) : layerOutput(scales, attributes)
  const initial = biasOf(bias)
  for (let row = 0; row < rows; row += 1)
    for (let o = 0; o < outChannels; o += 1) {
      let sum = initial(o)
      for (let k = 0; k < depth; k += 1) sum += (weights!.values[o * depth + k]! - wZero!) * (x!.values[row * depth + k]! - xZero!)
      result.values[row * outChannels + o] = output(sum, o)
    }
}
