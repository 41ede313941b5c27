/** What quantization did to a model, tensor by tensor and as a whole. */
import type { OutputAgreement } from './agreement.ts'
import type { FloatTensor } from './float-runtime.ts'
import { type Compared, decibels } from './measure.ts'
import type { Method, Observed } from './observe.ts'
import type { QuantizedTensor } from './place.ts'
import type { Scale } from './scales.ts'

/** One quantized tensor of the artifact. Ratios in dB; `low`, `high`: of the float values over all samples. */
export type LayerReport = {
  readonly name: string
  /** The float operators that it is the result of, the first first. */
  readonly operators: readonly string[]
  readonly shape: readonly number[]
  readonly type: 'int8' | 'int16'
  readonly scale: number
  readonly zeroPoint: number
  readonly low: number
  readonly high: number
  /** Of the artifact's numbers against the float model's: all that was lost up to here. */
  readonly sqnr: number
  /** Of the float numbers against their own quantized form: what is lost here. */
  readonly roundingSqnr: number
  /** Share of the float numbers beyond the range of the scale. */
  readonly saturation: number
  /** How many float numbers lie in each of 64 equal parts of low … high. */
  readonly histogram: readonly number[]
}

export type Report = {
  readonly samples: number
  readonly method: Method
  /** In the order of execution, the inputs first. */
  readonly layers: readonly LayerReport[]
  readonly outputs: readonly OutputAgreement[]
  readonly notes: readonly string[]
}

const bars = 64

export function layerReports(
  tensors: readonly QuantizedTensor[],
  scales: ReadonlyMap<string, Scale>,
  observed: ReadonlyMap<string, Observed>,
  compared: ReadonlyMap<string, Compared>,
  values: ReadonlyMap<string, FloatTensor>,
): LayerReport[] {
  return tensors.map(({ name, steps }) => {
    const { type, scale, zero } = scales.get(name)!
    const { deviation, rounding, saturation } = compared.get(name)!
    const { low, high } = observed.get(name)!
    return {
      name,
      operators: steps.map(({ op }) => op).reverse(),
      shape: values.get(name)!.shape,
      type: type === 'int16' ? 'int16' : 'int8',
      scale,
      zeroPoint: type === 'int16' ? 0 : zero - 128,
      low,
      high,
      sqnr: decibels(deviation),
      roundingSqnr: decibels(rounding),
      saturation,
      histogram: histogramOf(observed.get(name)!),
    }
  })
}

function histogramOf({ low, high, counts, largest }: Observed): number[] {
  const histogram = new Array<number>(bars).fill(0)
  if (high === low) return histogram
  for (const [bin, count] of counts.entries()) {
    const middle = ((bin + 0.5) / counts.length) * 2 * largest - largest
    const bar = Math.floor(((middle - low) / (high - low)) * bars)
    histogram[Math.min(Math.max(bar, 0), bars - 1)]! += count
  }
  return histogram
}
