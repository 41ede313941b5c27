/** What values a float tensor takes over the samples, and the range that its quantized form is given. */

export type Method = 'minmax' | 'percentile' | 'entropy'

/** `low` ≤ 0 ≤ `high`: zero itself is always a quantized value, padding needs it. */
export type Range = { readonly low: number; readonly high: number }

const bins = 4096

/** Numbers of a tensor over all samples. `counts`: over `bins` equal parts of −largest … largest. */
export type Observed = Range & { readonly counts: Float64Array; readonly largest: number }

/** Minimum and maximum first, then the histogram between them. */
export class Observer {
  #low = 0
  #high = 0
  readonly #counts = new Float64Array(bins)

  widen(values: Float32Array): void {
    for (const value of values) {
      if (value < this.#low) this.#low = value
      else if (value > this.#high) this.#high = value
    }
  }

  count(values: Float32Array): void {
    const largest = this.#largest
    if (largest === 0) return
    const scale = bins / 2 / largest
    for (const value of values) {
      const bin = Math.floor((value + largest) * scale)
      this.#counts[bin < bins ? bin : bins - 1]! += 1
    }
  }

  get observed(): Observed {
    return { low: this.#low, high: this.#high, counts: this.#counts, largest: this.#largest }
  }

  get #largest(): number {
    return Math.max(-this.#low, this.#high)
  }
}

/** `kept`: the share of values that percentile keeps inside, the rest lost at either end alike. */
export function rangeOf(observed: Observed, method: Method, kept: number): Range {
  const { low, high } = observed
  if (method === 'minmax' || observed.largest === 0) return { low, high }
  if (method === 'percentile') return percentileRange(observed, kept)
  const threshold = entropyThreshold(observed)
  return { low: Math.max(low, -threshold), high: Math.min(high, threshold) }
}

function percentileRange({ low, high, counts, largest }: Observed, kept: number): Range {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const lost = (total * (1 - kept)) / 2
  const width = (2 * largest) / bins
  let [first, below] = [0, counts[0]!]
  while (first < bins - 1 && below <= lost) below += counts[++first]!
  let [last, above] = [bins - 1, counts[bins - 1]!]
  while (last > 0 && above <= lost) above += counts[--last]!
  return { low: Math.min(Math.max(low, first * width - largest), 0), high: Math.max(Math.min(high, (last + 1) * width - largest), 0) }
}

/**
 * The threshold of |x| whose quantized histogram diverges least from the histogram itself (Kullback and Leibler): levels are merged bins,
 * what lies beyond counts as the last bin. As in NVIDIA's calibration for TensorRT (S. Migacz, 2017).
 */
function entropyThreshold({ low, high, counts, largest }: Observed): number {
  const half = bins / 2
  const magnitudes = Float64Array.from({ length: half }, (_, bin) => counts[half + bin]! + counts[half - 1 - bin]!)
  // Zero is exact at every scale, and after a clamp most values are zero: they must not weigh.
  magnitudes[0] = Math.min(magnitudes[0]!, magnitudes[1]!)
  // Levels on one side of zero.
  const levels = low < 0 && high > 0 ? 128 : 256
  let best = { divergence: Infinity, end: half }
  for (let end = levels; end <= half; end += 16) {
    const divergence = divergenceAt(magnitudes, end, levels)
    if (divergence < best.divergence) best = { divergence, end }
  }
  return (best.end / half) * largest
}

function divergenceAt(magnitudes: Float64Array, end: number, levels: number): number {
  const kept = magnitudes.subarray(0, end)
  const reference = kept.slice()
  reference[end - 1]! += magnitudes.subarray(end).reduce((sum, count) => sum + count, 0)
  const merged = new Float64Array(end)
  for (let level = 0; level < levels; level += 1) {
    const [start, stop] = [Math.floor((level * end) / levels), Math.floor(((level + 1) * end) / levels)]
    let [sum, filled] = [0, 0]
    for (let bin = start; bin < stop; bin += 1) {
      sum += kept[bin]!
      if (kept[bin]! > 0) filled += 1
    }
    for (let bin = start; bin < stop; bin += 1) if (kept[bin]! > 0) merged[bin] = sum / filled
  }
  const [total, mergedTotal] = [reference, merged].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number]
  let divergence = 0
  for (const [bin, count] of reference.entries()) {
    if (count === 0) continue
    // A bin that only the outliers fill has no level of its own: as if it held a small part of one value.
    const level = Math.max(merged[bin]! / mergedTotal, 1e-9)
    divergence += (count / total) * Math.log(count / total / level)
  }
  return divergence
}
