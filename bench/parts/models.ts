import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { interleave } from '../measure.ts'
import { randomBytes } from '../one-operator.ts'
import { modelPeers } from '../peers/model-peers.ts'
import { type Row, rowsOf } from '../report.ts'
import { closePeers, infernode, preparedPeers } from '../subjects.ts'

const root = new URL('../../', import.meta.url)

/** Names and files below the repository's root. */
const models: readonly (readonly [name: string, file: string])[] = [
  ['digits', 'examples/digits/digits.tflite'],
  ['ResNet-8', '../shared/models/mlperf_tiny/pretrainedResnet_quant.tflite'],
  ['keyword spotting', '../shared/models/mlperf_tiny/kws_ref_model.tflite'],
  ['anomaly detection', '../shared/models/mlperf_tiny/ad01_int8.tflite'],
  ['person detection', '../shared/models/tflm/person_detect.tflite'],
  ['micro speech', '../shared/models/tflm/micro_speech_quantized.tflite'],
  ['rock paper scissors', '../shared/models/mltk/rock_paper_scissors.tflite'],
  ['image example', '../shared/models/mltk/image_example1.tflite'],
  ['MobileNet v1 0.25 128', '../shared/models/coral/mobilenet_v1_0.25_128_quant.tflite'],
]

/** Whole models on one random input, in mode fp32, which is the peers'. A peer that cannot take a model is named and left out. */
export async function modelsPart(): Promise<Row[]> {
  const rows: Row[] = []
  for (const [name, file] of models) {
    const path = fileURLToPath(new URL(file, root))
    if (!existsSync(path)) {
      console.log(`Without ${name}: there is no ${file}`)
      continue
    }
    const bytes = new Uint8Array(readFileSync(path))
    const { bytes: artifact, inputs } = importTflite(bytes, { rounding: 'fp32' })
    const length = inputs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size), 0)
    const input = randomBytes()(length)
    // The peers take int8 files as they are; a file with other ports would be asked for other bytes.
    const others = inputs.every(({ source }) => source === 'int8') ? await preparedPeers(() => modelPeers(bytes, input)) : []
    const timings = await interleave([infernode(artifact, input), infernode(artifact, input, 'infernode.scalar.wasm'), ...others])
    rows.push(...rowsOf('models', name, timings))
    await closePeers(others)
  }
  return rows
}
