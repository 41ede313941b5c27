/**
 * npm run quantization: quantizes the float models of ../shared/models that real data are there for, and writes what came of it into
 * docs/quantizing.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import { type Quantized, quantize } from '../../runtime/quantize/quantize.ts'

const root = join(import.meta.dirname, '../..')
const page = join(root, 'docs/quantizing.md')
export const sharedModels = join(root, '../shared/models')

/** `of`: the model's number for a pixel of 0 … 255. */
export type PictureModel = { readonly file: string; readonly of: (pixel: number) => number; readonly note: string }

const asTrained = (pixel: number) => (pixel / 255 - 0.1307) / 0.3081
const untrained = 'weights as initialized, never trained'

export const pictureModels: readonly PictureModel[] = [
  { file: 'onnx2c/test/mnist/model.onnx', of: (pixel) => pixel, note: '' },
  { file: 'wonnx/opt-mnist.onnx', of: (pixel) => pixel, note: '' },
  { file: 'onnxruntime_testdata/cnn_mnist_pytorch.onnx', of: asTrained, note: 'ends before LogSoftmax' },
  { file: 'tribuo/cnn_mnist.onnx', of: asTrained, note: 'ends before LogSoftmax' },
  { file: 'ezkl/examples/onnx/3l_relu_conv_fc/network.onnx', of: (pixel) => pixel / 255, note: untrained },
  { file: 'ezkl/examples/onnx/4l_relu_conv_fc/network.onnx', of: (pixel) => pixel / 255, note: untrained },
  { file: 'ezkl/examples/onnx/variable_cnn/network.onnx', of: (pixel) => pixel / 255, note: `${untrained}; 100 classes` },
]

/** Quantizes a model of MNIST's pictures by `count` of them from the first on. */
export async function quantizePictures({ file, of }: PictureModel, count: number): Promise<Quantized> {
  const model = new Uint8Array(readFileSync(join(sharedModels, file)))
  const data = (name: string) => gunzipSync(readFileSync(join(sharedModels, 'datasets/mnist', name)))
  const [images, labels] = [data('images-8000-idx3-ubyte.gz').subarray(16), data('labels-8000-idx1-ubyte.gz').subarray(8)]
  const { name } = parseOnnx(model, noExternalFiles).inputs[0]!
  const samples = Array.from({ length: count }, (_, at) => ({ [name]: Float32Array.from(images.subarray(at * 784, (at + 1) * 784), of) }))
  return quantize(model, { samples, labels: [...labels.subarray(0, count)] })
}

const samples = 1000
const [begin, end] = ['<!-- table: npm run quantization -->', '<!-- end of table -->']

async function row(one: PictureModel): Promise<string> {
  const { imported, report } = await quantizePictures(one, samples)
  const { top1, cosine, sqnr, accuracy } = report.outputs[0]!
  const wide = report.layers.filter(({ type }) => type === 'int16').length
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const least = report.layers.reduce((worst, layer) => (layer.sqnr < worst.sqnr ? layer : worst))
  const cells = [
    one.file.replace(/\.onnx$/, ''),
    `${report.layers.length - wide} · ${wide}`,
    percent(top1!),
    cosine.toFixed(5),
    `${sqnr.toFixed(1)} dB`,
    `${least.name} ${least.sqnr.toFixed(1)} dB`,
    one.note === untrained || one.note.startsWith(untrained) ? '–' : `${percent(accuracy!.float)} → ${percent(accuracy!.quantized)}`,
    `${imported.bytes.length}`,
    one.note,
  ]
  return `| ${cells.join(' | ')} |`
}

if (import.meta.main) {
  if (!existsSync(sharedModels)) throw new Error(`the models are in ${sharedModels}, which is not there`)
  const rows: string[] = []
  for (const one of pictureModels) rows.push(await row(one))
  const head =
    '| model | int8 · int16 tensors | top-1 as the float model | cosine | SQNR | worst tensor | accuracy, float → quantized | bytes | |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |'
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, `${text.slice(0, text.indexOf(begin) + begin.length)}\n${head}\n${rows.join('\n')}\n${text.slice(text.indexOf(end))}`)
}
