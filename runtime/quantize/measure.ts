/** Runs an artifact on the samples and compares every quantized tensor with the float model's. */
import type { Host } from '../host/host.ts'
import type { Imported } from '../import/artifact.ts'
import { importGraph } from '../import/onnx/import.ts'
import type { OnnxGraph } from '../import/onnx/parse.ts'
import type { FloatTensor } from './float-runtime.ts'
import { portBytes, portNumbers } from './ports.ts'
import type { Recording, Values } from './record.ts'
import { rangeOfScale, type Scale } from './scales.ts'

/** Sums over all samples. */
export type Deviation = { readonly signal: number; readonly noise: number; readonly largest: number }

/** Signal-to-noise ratio in dB; 0 dB where there is neither, infinite where there is no noise. */
export function decibels({ signal, noise }: Pick<Deviation, 'signal' | 'noise'>): number {
  if (noise === 0) return Infinity
  return signal === 0 ? 0 : 10 * Math.log10(signal / noise)
}

export type Compared = {
  readonly deviation: Deviation
  /** Of the float values quantized and dequantized alone: what this tensor's own scale costs. */
  readonly rounding: Deviation
  /** Share of the float values beyond the numbers that the scale can stand for. */
  readonly saturation: number
}

const mostOutputs = 16

/** Every tensor of `scales`, `quantized` being the QDQ graph. */
export async function measureTensors(
  host: Host,
  quantized: OnnxGraph,
  scales: ReadonlyMap<string, Scale>,
  names: readonly string[],
  recording: Recording,
): Promise<ReadonlyMap<string, Compared>> {
  const sums = new Map(names.map((name) => [name, new Sums(scales.get(name)!)]))
  for (let first = 0; first < names.length; first += mostOutputs) {
    const group = names.slice(first, first + mostOutputs)
    const computed = new Map(quantized.nodes.flatMap(({ inputs, outputs }) => outputs.map((output) => [output, inputs] as const)))
    const outputs = group.map((name) => (computed.has(name) ? name : `${name}/dequantized`))
    const imported = importGraph(quantized, { outputs, plainest: true })
    await eachRun(host, imported, recording, (results, values) => {
      for (const [at, name] of group.entries()) sums.get(name)!.add(values.get(name)!.data as Float32Array, results[at]!)
    })
  }
  return new Map([...sums].map(([name, sum]) => [name, sum.compared]))
}

/** Signal-to-noise ratio in dB of the float values against their own quantized form. */
export async function roundingNoise(
  recording: Recording,
  names: readonly string[],
  scaleOf: (name: string) => Scale,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map(names.map((name) => [name, new Sums(scaleOf(name))]))
  await recording.each((values) => {
    for (const [name, sum] of sums) sum.add(values.get(name)!.data as Float32Array, values.get(name)!.data as Float32Array)
  })
  return new Map([...sums].map(([name, sum]) => [name, decibels(sum.compared.rounding)]))
}

/** The artifact's outputs as numbers of the float model, beside its values, for every sample. */
export async function eachRun(
  host: Host,
  { bytes, inputs, outputs }: Pick<Imported, 'bytes' | 'inputs' | 'outputs'>,
  recording: Recording,
  visit: (results: readonly Float32Array[], values: Values, index: number) => void,
): Promise<void> {
  const running = host.open(bytes)
  await recording.each((values, index) => {
    const given = inputs.map((port) => portBytes(port, numbersOf(values.get(port.name)!)))
    visit(portNumbers(outputs, running.run(new Uint8Array(Buffer.concat(given)))), values, index)
  })
}

export function numbersOf({ data }: FloatTensor): ArrayLike<number> {
  return data instanceof BigInt64Array ? Array.from(data, Number) : data
}

class Sums {
  readonly #scale: Scale
  readonly #beyond: (value: number) => boolean
  #deviation = { signal: 0, noise: 0, largest: 0 }
  #rounding = { signal: 0, noise: 0, largest: 0 }
  #count = 0
  #saturated = 0

  constructor(scale: Scale) {
    const { low, high } = rangeOfScale(scale)
    const half = scale.scale / 2
    this.#scale = scale
    this.#beyond = (value) => value < low - half || value > high + half
  }

  add(float: Float32Array, got: Float32Array): void {
    const { low, high } = rangeOfScale(this.#scale)
    const { scale } = this.#scale
    for (let at = 0; at < float.length; at += 1) {
      const value = float[at]!
      addTo(this.#deviation, value, got[at]!)
      addTo(this.#rounding, value, Math.min(Math.max(Math.round(value / scale) * scale, low), high))
      if (this.#beyond(value)) this.#saturated += 1
    }
    this.#count += float.length
  }

  get compared(): Compared {
    return { deviation: this.#deviation, rounding: this.#rounding, saturation: this.#count === 0 ? 0 : this.#saturated / this.#count }
  }
}

export function addTo(sums: { signal: number; noise: number; largest: number }, wanted: number, got: number): void {
  const difference = Math.abs(wanted - got)
  sums.signal += wanted * wanted
  sums.noise += difference * difference
  if (difference > sums.largest) sums.largest = difference
}
