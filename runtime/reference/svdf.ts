import { clamp, multiply, saturate } from './arithmetic.ts'
import type { Invocation } from './tensor.ts'

/** x [N,I] · weightsFeature [F,I] · weightsTime [F,M] · state [N,F·M] · bias [U] → y [N,U] and the next state; F = U · rank. */
export function svdf({ attributes, scales, operands: [x, feature, time, state, bias], results: [y, next] }: Invocation): void {
  const { rank, xZero, stateZero, yZero, yMin, yMax } = attributes as Record<string, number>
  const [filters, inputs] = feature!.shape as [number, number]
  const steps = time!.shape[1]!
  const units = filters / rank!
  const [low, high] = state!.type === 'int16' ? [-32768, 32767] : [-128, 127]
  for (let n = 0; n < x!.shape[0]!; n += 1) {
    const sums = Array.from({ length: units }, (_, unit) => bias?.values[unit] ?? 0)
    for (let filter = 0; filter < filters; filter += 1) {
      let product = 0
      for (let i = 0; i < inputs; i += 1) product += feature!.values[filter * inputs + i]! * (x!.values[n * inputs + i]! - xZero!)
      const first = (n * filters + filter) * steps
      for (let step = 0; step < steps - 1; step += 1) next!.values[first + step] = state!.values[first + step + 1]!
      next!.values[first + steps - 1] = clamp(stateZero! + multiply(product, scales[0]!), low, high)
      for (let step = 0; step < steps; step += 1)
        sums[Math.floor(filter / rank!)]! += time!.values[filter * steps + step]! * (next!.values[first + step]! - stateZero!)
    }
    for (const [unit, sum] of sums.entries())
      y!.values[n * units + unit] = clamp(yZero! + multiply(saturate(sum), scales[1]!), yMin!, yMax!)
  }
}
