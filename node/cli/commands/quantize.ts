import { writeFileSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Method } from '../../../runtime/quantize/observe.ts'
import type { Int16 } from '../../../runtime/quantize/types.ts'
import { UsageError } from '../errors.ts'
import { parseShape } from '../importers.ts'
import type { Io } from '../io.ts'

interface QuantizeCommandOptions {
  calibrate: string
  labels?: string
  limit?: number
  method: Method
  int16: Int16
  percentile: number
  white: number
  mean: number[]
  std: number[]
  shape?: readonly string[]
  output?: string
  qdq?: string
  report?: string
  json?: boolean
}

// Written out: their own file would load the whole quantizer with it.
const methods = ['minmax', 'percentile', 'entropy'] as const satisfies readonly Method[]
const wideTensors = ['auto', 'none', 'all'] as const satisfies readonly Int16[]

export function addQuantizeCommand(program: Command, io: Io): void {
  program
    .command('quantize')
    .description('turn a float ONNX model into a model artifact, calibrated on samples of its input')
    .argument('<model.onnx>', 'model that computes in float32')
    .requiredOption('-c, --calibrate <path>', 'samples: .npz, .npy, .bin (float32), an idx file, or a folder of such files and .png')
    .option('--labels <file>', 'right class of each sample (.npy, idx): reports the accuracy before and after')
    .option('--limit <count>', 'take the first samples only', positive)
    .addOption(new Option('--method <name>', "how a tensor's range is chosen").choices(methods).default('minmax'))
    .option('--percentile <percent>', 'values that the method percentile keeps in range', (text) => between(text, 50, 100), 99.99)
    .addOption(
      new Option('--int16 <which>', 'tensors of int16: where int8 loses too much, none, or all that can be')
        .choices(wideTensors)
        .default('auto'),
    )
    .option('--white <number>', 'what white is to the model, where samples are pictures; black is 0', (text) => between(text, 0, 65535), 1)
    .option('--mean <numbers>', 'then subtracted, for all channels or for each: 0.485,0.456,0.406', numbers, [0])
    .option('--std <numbers>', 'then divided by', numbers, [1])
    .option('--shape <name=sizes...>', 'sizes of an input that the file leaves open, as x=1,3,224,224')
    .option('-o, --output <file>', 'where to write the artifact (default: the name with .infer)')
    .option('--qdq <file>', 'write the quantized model as ONNX too, as onnxruntime runs it')
    .option('--report <file>', 'write the report as HTML with plots')
    .option('--json', 'print JSON')
    .action(async (path: string, options: QuantizeCommandOptions) => {
      const format = extname(path).toLowerCase()
      if (format !== '.onnx')
        throw new UsageError(
          `${path}: float models of type ${format || '(none)'} cannot be quantized; wanted .onnx${format === '.tflite' ? ' (python -m tf2onnx.convert --tflite makes it of a .tflite, as does the int8 form that TensorFlow Lite converts to itself)' : ''}`,
        )
      const [
        { quantize },
        { parseOnnx },
        { externalFiles },
        { withFixedShapes },
        { checkOperators },
        { readBytes, portLine },
        { readCalibration, readLabels },
      ] = await Promise.all([
        import('../../../runtime/quantize/quantize.ts'),
        import('../../../runtime/import/onnx/parse.ts'),
        import('../../../runtime/import/onnx/external.ts'),
        import('../../../runtime/quantize/samples.ts'),
        import('../../../runtime/quantize/prepare.ts'),
        import('../artifact.ts'),
        import('../calibration/read.ts'),
      ])
      const [{ quantizationText }, { stageBars }, { byteSize }] = await Promise.all([
        import('../quantization-report.ts'),
        import('../progress.ts'),
        import('../table.ts'),
      ])
      const bytes = readBytes(path)
      const external = externalFiles(dirname(path))
      const shapes = Object.fromEntries((options.shape ?? []).map(parseShape))
      const graph = withFixedShapes(parseOnnx(bytes, external), shapes)
      checkOperators(graph)
      const inputs = graph.inputs.map(({ name, type, shape }) => ({ name, type, shape: shape as readonly number[] }))
      const pixels = { white: options.white, mean: options.mean, std: options.std }
      const samples = readCalibration(options.calibrate, inputs, pixels).slice(0, options.limit)
      const labels = options.labels === undefined ? {} : { labels: readLabels(options.labels, samples.length) }
      const bars = stageBars(io)
      const { method, percentile, int16 } = options
      const { imported, qdq, report } = await quantize(bytes, {
        samples,
        external,
        shapes,
        method,
        int16,
        percentile: percentile / 100,
        onProgress: bars.update,
        ...labels,
      }).finally(bars.stop)
      const output = options.output ?? `${basename(path, extname(path))}.infer`
      writeFileSync(output, imported.bytes)
      if (options.qdq !== undefined) writeFileSync(options.qdq, qdq)
      const { id, inputs: takes, outputs: gives } = imported
      if (options.report !== undefined) {
        const { quantizationHtml } = await import('../quantization-html.ts')
        writeFileSync(options.report, quantizationHtml(basename(path), id, report))
      }
      if (options.json) {
        io.out(JSON.stringify({ file: output, id, bytes: imported.bytes.length, inputs: takes, outputs: gives, report }, undefined, 2))
        return
      }
      const { bold } = io.colors
      for (const port of takes) io.out(`${bold('input')}     ${port.name}: ${portLine(port)}`)
      for (const port of gives) io.out(`${bold('output')}    ${port.name}: ${portLine(port)}`)
      io.out(`${bold('model')}     ${id}\n`)
      io.out(quantizationText(report, io.colors))
      io.err(`wrote ${output}, ${byteSize(imported.bytes.length)}`)
      if (options.qdq !== undefined) io.err(`wrote ${options.qdq}, ${byteSize(qdq.length)}`)
      if (options.report !== undefined) io.err(`wrote ${options.report}`)
    })
}

function positive(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('wanted a whole number of 1 or more')
  return count
}

function between(text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > least && value <= most))
    throw new InvalidArgumentError(`wanted a number above ${least}, at most ${most}`)
  return value
}

function numbers(text: string): number[] {
  const values = text.split(',').map(Number)
  if (text.trim() === '' || values.some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError('wanted numbers with commas between them')
  return values
}
