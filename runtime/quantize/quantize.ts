/**
 * quantize(bytes, { samples, … }): a float .onnx model to its artifact, calibrated on samples.
 *
 * Stages: parse → prepare (prepare.ts: constants folded, composite operators rewritten, linear ones folded into layers) → places of scales
 * (place.ts) → ranges over the samples (observe.ts) → QDQ graph (qdq.ts) → the ONNX importer → the artifact run on the samples, every
 * tensor compared with the float model's (measure.ts). The same file, samples and options give the same bytes.
 */

import { createHost, type Host } from '../host/host.ts'
import { loadModule } from '../host/load-module.ts'
import type { Imported } from '../import/artifact.ts'
import type { ReadExternal } from '../import/onnx/constant.ts'
import { noExternalFiles } from '../import/onnx/constant.ts'
import { encodeOnnx } from '../import/onnx/encode.ts'
import { importGraph } from '../import/onnx/import.ts'
import { type OnnxGraph, parseOnnx } from '../import/onnx/parse.ts'
import { AgreementSums, type OutputAgreement } from './agreement.ts'
import { QuantizeError } from './errors.ts'
import { eachRun, measureTensors, numbersOf, roundingNoise } from './measure.ts'
import { type Method, type Observed, Observer, type Range, rangeOf } from './observe.ts'
import { type Like, placeScales, type QuantizedTensor } from './place.ts'
import { prepare } from './prepare.ts'
import { quantizedGraph, type Scales, sourceName } from './qdq.ts'
import { type Recording, recordFloat } from './record.ts'
import { layerReports, type Report } from './report.ts'
import { type Sample, sampleTensors, withFixedShapes } from './samples.ts'
import { activationScale, type Scale, softmaxScale } from './scales.ts'
import { type Attempt, chooseTypes, type Int16 } from './types.ts'

export type QuantizeOptions = {
  /** What the model will see in use: a hundred or more is usual. */
  samples: readonly Sample[]
  method?: Method
  /** Share of the values that the method percentile keeps in range. */
  percentile?: number
  /** The right class of each sample, for the accuracy of both models in the report. */
  labels?: readonly number[]
  /**
   * Which tensors are int16: none; all that can be; or, auto, where int8 loses too much (an output below 30 dB or 99 % of equal largest elements)
   * those that round worst, as few as reach that.
   */
  int16?: Int16
  /** Reads data that lie beside the model's file (externalFiles). */
  external?: ReadExternal
  /** Shapes of inputs by name, for dimensions that the file leaves open; an open first dimension, the batch, is 1 without. */
  shapes?: Readonly<Record<string, readonly number[]>>
  onProgress?: (progress: { stage: Stage; done: number; of: number }) => void
}

/** `range`: of every tensor. `histogram`: of every tensor. `compare`: the artifact with the float model. */
export type Stage = 'range' | 'histogram' | 'compare'

export type Quantized = {
  imported: Imported
  /** The model as onnxruntime takes it: float operators between QuantizeLinear and DequantizeLinear. */
  qdq: Uint8Array
  report: Report
}

/**
 * @throws ImportError `malformed`, or `unsupported` with every node that has no integer form
 * @throws QuantizeError
 */
export async function quantize(model: Uint8Array, options: QuantizeOptions): Promise<Quantized> {
  const { samples, labels, shapes = {}, external = noExternalFiles, method = 'minmax', percentile = 0.9999 } = options
  if (samples.length === 0) throw new QuantizeError('samples', 'there are no samples to calibrate with')
  if (labels !== undefined && labels.length !== samples.length)
    throw new QuantizeError('samples', `there are ${labels.length} labels for ${samples.length} samples`)
  const source = withFixedShapes(parseOnnx(model, external), shapes)
  const inputs = samples.map((sample, index) => sampleTensors(source, sample, index))
  const { graph, values, notes } = await prepare(source, inputs[0]!)
  const isFloat = (name: string) => values.get(name)?.type === 'float32'
  const placed = placeScales(graph, isFloat)
  const scaled = placed.filter(({ like }) => like === undefined || like === 'softmax')
  // What the importer refuses it refuses now, before the samples are run.
  importGraph(
    quantizedGraph(
      graph,
      placed,
      scalesOf(placed, () => ({ low: -1, high: 1 }), new Set()),
    ),
    { plainest: true },
  )
  const progress = (stage: Stage) => (done: number) => options.onProgress?.({ stage, done, of: samples.length })
  const recording = await recordFloat(
    graph,
    placed.map(({ name }) => name),
    inputs,
  )
  try {
    const observed = await observe(
      recording,
      scaled.map(({ name }) => name),
      progress,
    )
    const ranges = new Map([...observed].map(([name, one]) => [name, rangeOf(one, method, percentile)]))
    const host = createHost({ wasm: loadModule() })
    const attempt = async (wide: ReadonlySet<string>): Promise<Attempt> => {
      const scales = scalesOf(placed, (name) => ranges.get(name)!, wide)
      const qdq = quantizedGraph(graph, placed, scales)
      const imported = importGraph(qdq, { plainest: true })
      return { scales, qdq, imported, outputs: await compareOutputs(host, imported, graph, recording, labels, progress('compare')) }
    }
    const roundings = (names: readonly string[]) => roundingNoise(recording, names, (name) => activationScale(ranges.get(name)!, 'uint8'))
    const { scales, qdq, imported, outputs } = await chooseTypes(options.int16 ?? 'auto', scaled, attempt, roundings)
    const compared = await measureTensors(
      host,
      qdq,
      scales.of,
      scaled.map(({ name }) => name),
      recording,
    )
    const layers = layerReports(scaled, scales.of, observed, compared, values)
    return { imported: named(imported, graph), qdq: encodeOnnx(qdq), report: { samples: samples.length, method, layers, outputs, notes } }
  } finally {
    await recording.close()
  }
}

/** Ranges first, then histograms between them. */
async function observe(
  recording: Recording,
  names: readonly string[],
  progress: (stage: Stage) => (done: number) => void,
): Promise<ReadonlyMap<string, Observed>> {
  const observers = names.map((name) => [name, new Observer()] as const)
  const visit = (stage: Stage, use: (observer: Observer, numbers: Float32Array) => void) =>
    recording.each((values, index) => {
      for (const [name, observer] of observers) use(observer, values.get(name)!.data as Float32Array)
      progress(stage)(index + 1)
    })
  await visit('range', (observer, numbers) => observer.widen(numbers))
  await visit('histogram', (observer, numbers) => observer.count(numbers))
  return new Map(observers.map(([name, observer]) => [name, observer.observed]))
}

/** The scale of every quantized tensor, its own or another's, as int16 those that `wide` names. */
function scalesOf(placed: readonly QuantizedTensor[], range: (name: string) => Range, wide: ReadonlySet<string>): Scales {
  const types = new Map<string, Scale['type']>()
  const makers = new Map<string, (type: Scale['type']) => Scale>()
  const own = (name: string, like: Like | undefined) => (type: Scale['type']) =>
    like === 'softmax' ? softmaxScale(type) : activationScale(range(name), type)
  for (const { name, like } of placed) {
    const root = typeof like === 'object' ? like.tensor : undefined
    types.set(name, root === undefined ? (wide.has(name) ? 'int16' : 'uint8') : types.get(root)!)
    makers.set(name, root === undefined ? own(name, like) : makers.get(root)!)
  }
  const convert = (name: string, type: Scale['type']) => makers.get(name)!(type)
  return { of: new Map([...types].map(([name, type]) => [name, convert(name, type)])), convert }
}

async function compareOutputs(
  host: Host,
  imported: Imported,
  { outputs }: OnnxGraph,
  recording: Recording,
  labels: readonly number[] | undefined,
  progress: (done: number) => void,
): Promise<OutputAgreement[]> {
  const sums = outputs.map(
    ({ name }, at) => new AgreementSums(name, imported.outputs[at]!.sourceShape ?? imported.outputs[at]!.shape, labels),
  )
  await eachRun(host, imported, recording, (results, values, index) => {
    for (const [at, { name }] of outputs.entries()) sums[at]!.add(numbersOf(values.get(name)!), results[at]!, index)
    progress(index + 1)
  })
  return sums.map(({ agreement }) => agreement)
}

/** The float model's names in the place of the QDQ graph's. */
function named(imported: Imported, { nodes }: OnnxGraph): Imported {
  const { names, report } = imported
  const counts = new Map<string, number>()
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1)
  return {
    ...imported,
    names: { ...names, tensors: names.tensors.map(sourceName) },
    report: { ...report, sourceOperators: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))), notes: [] },
  }
}
