/**
 * Real models against bytes that other runtimes computed: TFLite Micro's reference kernels with double and with single rounding, and TFLite
 * with XNNPACK. Whoever runs an artifact can be held to them.
 *
 * Executor                      runs an artifact: reference(), consensusModule(build); executors(): all of them
 * expectedModels()              the committed digits model, and the models of ../shared/models where that folder is; says aloud where not
 * compare(model, rounding, executor)   differing and all bytes, over all samples
 * bytesTable(rows)              the table model × rounding × executor: differing bytes of all
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { NodeFault } from '../../runtime/host/errors.ts'
import { createHost } from '../../runtime/host/host.ts'
import { findModule, loadModule } from '../../runtime/host/load-module.ts'
import type { ImportedPort } from '../../runtime/import/artifact.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { elementBytes, type Model, type Rounding, roundings } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'

const root = join(import.meta.dirname, '../..')
const models = join(root, '../shared/models')

export type Executor = { readonly name: string; readonly open: (artifact: Uint8Array, model: Model) => (input: Uint8Array) => Uint8Array }

/** `file`: the .tflite file. `expected`: the folder of in{k}.bin and out{k}.{double,single,xnnpack}.bin. */
export type ExpectedModel = { readonly name: string; readonly file: string; readonly expected: string } & Peculiarities

/** `isFresh`: the expected bytes of every sample begin with the state's first value. `exceptions`: bytes that differ, and why. */
type Peculiarities = {
  readonly isFresh?: true
  readonly exceptions?: Readonly<Partial<Record<Rounding, { readonly differing: number; readonly cause: string }>>>
}

export type Row = { model: string; rounding: Rounding; executor: string; samples: number; differing: number; total: number }

const files: Readonly<Record<Rounding, string>> = { double: 'double', single: 'single', fp32: 'xnnpack' }

/** Every model there that the importer takes. */
const shared: readonly (readonly [name: string, file: string, more?: Peculiarities])[] = [
  ['mlperf_tiny__pretrainedResnet_quant', 'mlperf_tiny/pretrainedResnet_quant.tflite'],
  ['mlperf_tiny__kws_ref_model', 'mlperf_tiny/kws_ref_model.tflite'],
  ['mlperf_tiny__ad01_int8', 'mlperf_tiny/ad01_int8.tflite'],
  ['tflm__hello_world_int8', 'tflm/hello_world_int8.tflite'],
  ['tflm__micro_speech_quantized', 'tflm/micro_speech_quantized.tflite'],
  ['tflm__keyword_scrambled_8bit', 'tflm/keyword_scrambled_8bit.tflite'],
  [
    'tflm__trained_lstm_int8',
    'tflm/trained_lstm_int8.tflite',
    {
      isFresh: true,
      exceptions: {
        fp32: { differing: 1, cause: 'TFLite computes the gates of an LSTM by other functions than TFLite Micro, which is followed' },
      },
    },
  ],
  ['tflm__person_detect', 'tflm/person_detect.tflite'],
  ['tflm__simple_add_model', 'tflm/simple_add_model.tflite'],
  ['mltk__rock_paper_scissors', 'mltk/rock_paper_scissors.tflite'],
  ['mltk__anomaly_detection', 'mltk/anomaly_detection.tflite'],
  ['mltk__image_example1', 'mltk/image_example1.tflite'],
  ['mltk__tflite_micro_speech', 'mltk/tflite_micro_speech.tflite'],
  ['coral__mobilenet_v1_0.25_128_quant', 'coral/mobilenet_v1_0.25_128_quant.tflite'],
  ['coral__split_concat', 'coral/split_concat.tflite'],
  ['micro_wake_word__hey_jarvis', 'micro_wake_word/hey_jarvis.tflite'],
  ['micro_wake_word__okay_nabu', 'micro_wake_word/okay_nabu.tflite'],
  ['micro_wake_word__vad', 'micro_wake_word/vad.tflite'],
]

export function reference(): Executor {
  return { name: 'reference', open: (_, model) => (input) => runBytes(model, input) }
}

export function consensusModule(build: 'simd' | 'scalar'): Executor {
  const host = createHost({ wasm: loadModule(findModule(build === 'simd' ? 'infernode.wasm' : 'infernode.scalar.wasm')) })
  return {
    name: build,
    open: (artifact) => {
      const running = host.open(artifact)
      return (input) => running.run(input)
    },
  }
}

/** The plain interpreter and both builds of the module; says aloud where there is no build. */
export function executors(): Executor[] {
  try {
    return [reference(), consensusModule('simd'), consensusModule('scalar')]
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error
    console.log(`only the plain interpreter is compared: ${error.message}`)
    return [reference()]
  }
}

export function expectedModels(): ExpectedModel[] {
  const digits = { name: 'digits', file: join(root, 'examples/digits/digits.tflite'), expected: join(root, 'examples/digits/expected') }
  if (!existsSync(models)) {
    console.log(`no ${models}: only the digits model is compared, not the ${shared.length} public ones`)
    return [digits]
  }
  return [
    digits,
    ...shared.map(([name, file, more]) => ({ name, file: join(models, file), expected: join(models, 'expected_tflite', name), ...more })),
  ]
}

/** The rounding modes in which a model's bytes are known. */
export function knownRoundings({ expected }: ExpectedModel): Rounding[] {
  return roundings.filter((rounding) => existsSync(join(expected, `out0.${files[rounding]}.bin`)))
}

export function compare({ name, file, expected, isFresh }: ExpectedModel, rounding: Rounding, executor: Executor): Row {
  const { bytes, model, states, ...ports } = importTflite(readFileSync(file), { rounding })
  // The files are of the model's own ports, which come before those of its state.
  const inputs = ports.inputs.slice(0, ports.inputs.length - states.length)
  const outputs = ports.outputs.slice(0, ports.outputs.length - states.length)
  const given = inputs.map((_, index) => readFileSync(join(expected, `in${index}.bin`)))
  const wanted = outputs.map((_, index) => readFileSync(join(expected, `out${index}.${files[rounding]}.bin`)))
  const samples = given[0]!.length / fileBytes(inputs[0]!)
  const run = executor.open(bytes, model)
  const row: Row = { model: name, rounding, executor: executor.name, samples, differing: 0, total: 0 }
  let carried = states.map(({ initial }) => initial)
  for (let sample = 0; sample < samples; sample += 1) {
    const take = (from: readonly Buffer[]) => (port: ImportedPort, index: number) =>
      from[index]!.subarray(sample * fileBytes(port), (sample + 1) * fileBytes(port))
    const input = Buffer.concat([...inputs.map((port, index) => quantize(port, take(given)(port, index))), ...carried])
    const results = split(ports.outputs, run(new Uint8Array(input)))
    if (!isFresh) carried = states.map((state) => results[state.output]!)
    for (const [index, port] of outputs.entries()) {
      const expectedBytes = take(wanted)(port, index)
      const got = dequantize(port, results[index]!)
      for (let at = 0; at < expectedBytes.length; at += 1) if (got[at] !== expectedBytes[at]) row.differing += 1
      row.total += expectedBytes.length
    }
  }
  return row
}

/** A run's bytes, by output. */
function split(ports: readonly ImportedPort[], bytes: Uint8Array): Uint8Array[] {
  let at = 0
  return ports.map((port) => {
    at += elements(port) * elementBytes[port.type]
    return bytes.subarray(at - elements(port) * elementBytes[port.type], at)
  })
}

export function bytesTable(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ executor }) => executor))]
  const table = new Table({ head: ['model', 'rounding', 'samples', 'bytes', ...names], style: { head: [], border: [], compact: true } })
  for (const { model, rounding, samples, total } of rows.filter(({ executor }) => executor === names[0])) {
    const cells = names.map(
      (name) => rows.find((row) => row.model === model && row.rounding === rounding && row.executor === name)?.differing,
    )
    table.push([model, rounding, samples, total, ...cells])
  }
  return table.toString()
}

function elements({ shape }: ImportedPort): number {
  return shape.reduce((count, dimension) => count * dimension, 1)
}

/** Bytes of one sample in the files, which hold the model's own types. */
function fileBytes(port: ImportedPort): number {
  return elements(port) * (port.source === 'float32' ? 4 : elementBytes[port.type])
}

/** A sample in the model's own type to int8: TFLite's QUANTIZE, half away from zero. */
function quantize({ source, scale, zeroPoint }: ImportedPort, bytes: Uint8Array): Uint8Array {
  if (source !== 'float32' && source !== 'uint8') return bytes
  if (source === 'uint8') return bytes.map((value) => value ^ 0x80)
  const reals = new Float32Array(Uint8Array.from(bytes).buffer)
  const values = Int8Array.from(reals, (real) => {
    const steps = Math.fround(real / scale)
    return Math.min(Math.max(zeroPoint + Math.sign(steps) * Math.round(Math.abs(steps)), -128), 127)
  })
  return new Uint8Array(values.buffer)
}

/** int8 to a sample in the model's own type. */
function dequantize({ source, scale, zeroPoint }: ImportedPort, bytes: Uint8Array): Uint8Array {
  if (source !== 'float32' && source !== 'uint8') return bytes
  if (source === 'uint8') return bytes.map((value) => value ^ 0x80)
  return new Uint8Array(Float32Array.from(Int8Array.from(bytes), (value) => Math.fround(scale * (value - zeroPoint))).buffer)
}
