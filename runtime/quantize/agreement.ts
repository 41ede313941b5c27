/** How well an artifact's outputs agree with the float model's. */
import { addTo, decibels } from './measure.ts'

/**
 * One output of the model over all samples. `top1`: share of rows with the same largest element, a row running along the last dimension of
 * more than one element; undefined where there is none.
 */
export type OutputAgreement = {
  readonly name: string
  readonly shape: readonly number[]
  readonly top1: number | undefined
  /** Mean over the samples of the cosine of the angle between both outputs. */
  readonly cosine: number
  /** The largest difference of two numbers. */
  readonly maxError: number
  /** Signal-to-noise ratio in dB. */
  readonly sqnr: number
  /** Share of samples whose largest element is the label's; where labels are given. */
  readonly accuracy: { readonly float: number; readonly quantized: number } | undefined
}

export class AgreementSums {
  readonly #name: string
  readonly #shape: readonly number[]
  readonly #labels: readonly number[] | undefined
  readonly #sums = { signal: 0, noise: 0, largest: 0 }
  readonly #row: number | undefined
  #samples = 0
  #rows = 0
  #same = 0
  #cosines = 0
  #right = { float: 0, quantized: 0 }

  constructor(name: string, shape: readonly number[], labels: readonly number[] | undefined) {
    this.#name = name
    this.#shape = shape
    this.#row = shape.findLast((size) => size > 1)
    this.#labels = labels
  }

  add(float: ArrayLike<number>, got: ArrayLike<number>, index: number): void {
    let [dot, lengthA, lengthB] = [0, 0, 0]
    for (let at = 0; at < float.length; at += 1) {
      const [a, b] = [float[at]!, got[at]!]
      addTo(this.#sums, a, b)
      dot += a * b
      lengthA += a * a
      lengthB += b * b
    }
    const [wanted, chosen] = [largestOf(float, 0, float.length), largestOf(got, 0, got.length)]
    const label = this.#labels?.[index]
    this.#samples += 1
    this.#cosines += lengthA === 0 && lengthB === 0 ? 1 : lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB)
    for (let start = 0, row = this.#row ?? float.length; start < float.length; start += row, this.#rows += 1)
      if (largestOf(float, start, row) === largestOf(got, start, row)) this.#same += 1
    if (wanted === label) this.#right.float += 1
    if (chosen === label) this.#right.quantized += 1
  }

  get agreement(): OutputAgreement {
    const share = (count: number) => count / this.#samples
    return {
      name: this.#name,
      shape: this.#shape,
      top1: this.#row === undefined ? undefined : this.#same / this.#rows,
      cosine: share(this.#cosines),
      maxError: this.#sums.largest,
      sqnr: decibels(this.#sums),
      accuracy: this.#labels === undefined ? undefined : { float: share(this.#right.float), quantized: share(this.#right.quantized) },
    }
  }
}

/** Place in a row of `count` numbers; the first of equals. */
function largestOf(numbers: ArrayLike<number>, start: number, count: number): number {
  let best = 0
  for (let at = 1; at < count; at += 1) if (numbers[start + at]! > numbers[start + best]!) best = at
  return best
}
