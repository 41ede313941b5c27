/**
 * Trained TFLite models as ONNX, and where onnxruntime's answers to their inputs stand beside this file. Written as a program it writes what
 * make.py asks for: NAME.onnx and NAME.in.
 *
 *   node test/import/onnx-vectors/models.ts DIR
 *   python make.py --models DIR
 *
 * Their softmax is left out: onnxruntime's divides sums of float32 exponentials, which no operator of the artifact does.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph } from '../../../runtime/import/graph.ts'
import { parseTflite } from '../../../runtime/import/tflite/parse.ts'
import { dropFloatPorts, dropUnused, foldShapes, moveToInt8 } from '../../../runtime/import/tflite/passes.ts'
import { tfliteToOnnx } from '../../../scripts/onnx/tflite-to-onnx.ts'

const root = join(import.meta.dirname, '../../..')
const models = join(root, '../shared/models')

/** `input`: samples back to back, uint8; `output`: the name of the one output; `note`: why some numbers may differ. */
export type OnnxModel = {
  name: string
  bytes: Uint8Array
  input: { name: string; values: Uint8Array }
  output: string
  samples: number
  answers: Uint8Array
  note?: string
}

type Source = { readonly name: string; readonly file: string; readonly inputs: string; readonly most?: number; readonly note?: string }

const digits: Source = { name: 'digits', file: 'examples/digits/digits.tflite', inputs: 'examples/digits/expected/in0.bin' }

const publicModels: readonly Source[] = [
  { name: 'kws', file: 'mlperf_tiny/kws_ref_model.tflite', inputs: 'expected_tflite/mlperf_tiny__kws_ref_model/in0.bin' },
  {
    name: 'resnet8',
    file: 'mlperf_tiny/pretrainedResnet_quant.tflite',
    inputs: 'expected_tflite/mlperf_tiny__pretrainedResnet_quant/in0.bin',
    note: 'averages 64 float32 values, whose roundings decide ties',
  },
  { name: 'ad01', file: 'mlperf_tiny/ad01_int8.tflite', inputs: 'expected_tflite/mlperf_tiny__ad01_int8/in0.bin', most: 8 },
]

const mostSamples = 32

/** The digits model, or the public ones. */
export function onnxModels(shared: boolean): OnnxModel[] {
  return (shared ? publicModels : [digits]).map((model) => {
    const path = (name: string) => join(shared ? models : root, name)
    const file = moveToInt8(dropFloatPorts(dropUnused(foldShapes(parseTflite(readFileSync(path(model.file)))))).graph)
    const last = file.nodes.at(-1)!
    const graph: Graph = last.op === 'SOFTMAX' ? { ...file, nodes: file.nodes.slice(0, -1), outputs: [last.inputs[0]!] } : file
    const [input, output] = [graph.inputs[0]!, graph.outputs[0]!]
    const size = graph.tensors[input]!.shape.reduce((count, dimension) => count * dimension, 1)
    const given = readFileSync(path(model.inputs)).map((value) => value ^ 0x80)
    const samples = Math.min(model.most ?? mostSamples, given.length / size)
    const answers = join(import.meta.dirname, `${model.name}.bin`)
    return {
      name: `${model.name} as ONNX`,
      bytes: tfliteToOnnx(graph),
      input: { name: `input_${input}`, values: given.subarray(0, samples * size) },
      output: `output_${output}`,
      samples,
      answers: existsSync(answers) ? readFileSync(answers) : new Uint8Array(),
      ...(model.note === undefined ? {} : { note: model.note }),
    }
  })
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('usage: node models.ts DIR')
  mkdirSync(folder, { recursive: true })
  for (const { name, bytes, input } of [...onnxModels(false), ...onnxModels(true)]) {
    const path = join(folder, name.split(' ')[0]!)
    writeFileSync(`${path}.onnx`, bytes)
    writeFileSync(`${path}.in`, input.values)
  }
}
