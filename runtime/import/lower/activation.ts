/** Fused activations: the bounds they put on the quantized result. */
import type { GraphTensor } from '../graph.ts'
import { roundHalfAway } from '../scales.ts'
import { type Affine, affine } from './affine.ts'
import type { NodeView } from './rule.ts'

const int32Max = 2 ** 31 - 1

/** The real bounds of each activation that is a clamp. */
const realBounds: Readonly<Record<string, readonly [low: number, high: number]>> = {
  NONE: [-Infinity, Infinity],
  RELU: [0, Infinity],
  RELU6: [0, 6],
  RELU_N1_TO_1: [-1, 1],
}

export function checkActivationFunction(view: NodeView): void {
  const activation = view.text('activation', 'NONE')
  if (realBounds[activation] === undefined)
    view.refuse(`it has the fused activation ${activation}`, `one of ${Object.keys(realBounds).join(', ')}`)
}

/** yMin and yMax of a result (TFLite CalculateActivationRangeQuantized): bounds rounded half away from zero, in float32. */
export function activationBounds(
  activation: string,
  { scale, zero }: Affine,
  type: 'int8' | 'int16' = 'int8',
): { yMin: number; yMax: number } {
  const [low, high] = realBounds[activation]!
  const most = type === 'int16' ? 2 ** 15 - 1 : 127
  const quantized = (bound: number) => zero + Math.min(Math.max(roundHalfAway(Math.fround(bound / scale)), -int32Max), int32Max)
  const yMin = Math.min(Math.max(-most - 1, quantized(low)), most)
  return { yMin, yMax: Math.max(yMin, Math.min(most, quantized(high))) }
}

/** As activationBounds, by a result's own type. */
export function boundsOf(activation: string, y: GraphTensor): { yMin: number; yMax: number } {
  return activationBounds(activation, affine(y), y.type === 'int16' ? 'int16' : 'int8')
}
