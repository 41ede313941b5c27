/** How well an artifact's outputs agree with the float model's. */
import { addTo, decibels } from './measure.ts'

/** One output of the model over all samples. `top1`: share of samples with the same largest element; of outputs of two elements or more. */
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
  #samples = 0
  #same = 0
  #cosines = 0
  #right = { float: 0, quantized: 0 }

  constructor(name: string, shape: readonly number[], labels: readonly number[] | undefined) {
    this.#name = name
    this.#shape = shape
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
    const [wanted, chosen] = [largestOf(float), largestOf(got)]
    const label = this.#labels?.[index]
    this.#samples += 1
    this.#cosines += lengthA === 0 && lengthB === 0 ? 1 : lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB)
    if (wanted === chosen) this.#same += 1
    if (wanted === label) this.#right.float += 1
    if (chosen === label) this.#right.quantized += 1
  }

  get agreement(): OutputAgreement {
    const share = (count: number) => count / this.#samples
    return {
      name: this.#name,
      shape: this.#shape,
      top1: this.#shape.reduce((count, size) => count * size, 1) > 1 ? share(this.#same) : undefined,
      cosine: share(this.#cosines),
      maxError: this.#sums.largest,
      sqnr: decibels(this.#sums),
      accuracy: this.#labels === undefined ? undefined : { float: share(this.#right.float), quantized: share(this.#right.quantized) },
    }
  }
}

/** The first of equals. */
function largestOf(numbers: ArrayLike<number>): number {
  let best = 0
  for (let at = 1; at < numbers.length; at += 1) if (numbers[at]! > numbers[best]!) best = at
  return best
}
