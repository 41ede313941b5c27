import { writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { type Command, Option } from 'commander'
import type { Rounding } from '../../../runtime/model/types.ts'
import { type FileOptions, importerOf } from '../importers.ts'
import type { Io } from '../io.ts'

interface ImportOptions extends FileOptions {
  output?: string
  json?: boolean
}

// Written out: their own file would load the whole artifact format with it.
const roundings = ['fp32', 'single', 'double'] as const satisfies readonly Rounding[]

export function addImportCommand(program: Command, io: Io): void {
  program
    .command('import')
    .description('turn a trained model into a model artifact')
    .argument(
      '<model>',
      'int8 TensorFlow Lite model (.tflite), or quantized ONNX model (.onnx: QLinear operators or QuantizeLinear/DequantizeLinear)',
    )
    .addOption(
      new Option(
        '-r, --rounding <mode>',
        'whose bytes to give: fp32 (XNNPACK, onnxruntime), single (ruy), double (TFLite Micro, CMSIS-NN); .onnx: fp32',
      )
        .choices(roundings)
        .default('fp32'),
    )
    .option('-o, --output <file>', 'where to write the artifact (default: the name with .infer)')
    .option('--end <tensors...>', '.onnx: end the model at these tensors instead of its outputs')
    .option('--shape <name=sizes...>', '.onnx: sizes of an input that the file leaves open, as x=1,3,224,224')
    .option('--allow-inexact', '.onnx: take operators whose result can differ from onnxruntime, each named in a note')
    .option('--json', 'print JSON')
    .action(async (path: string, options: ImportOptions) => {
      const importer = importerOf(path, options)
      const [{ createHost }, { loadModule }, { portLine, readBytes }, { byteSize, grouped }, { statePath, writeStates }] =
        await Promise.all([
          import('../../../runtime/host/host.ts'),
          import('../../../runtime/host/load-module.ts'),
          import('../artifact.ts'),
          import('../table.ts'),
          import('../state.ts'),
        ])
      const imported = await importer.read(readBytes(path), path, options)
      // The module that will run the artifact has the last word on it.
      const { work, pages } = createHost({ wasm: loadModule() }).plan(imported.bytes)
      const output = options.output ?? `${basename(path, extname(path))}.infer`
      writeFileSync(output, imported.bytes)
      const { id, report, inputs, outputs, states, model } = imported
      writeStates(statePath(output), states)
      const stateFile = states.length > 0 ? { states: statePath(output) } : {}
      if (options.json) {
        io.out(
          JSON.stringify(
            {
              file: output,
              id,
              rounding: model.rounding,
              bytes: imported.bytes.length,
              macs: Number(work[0]),
              inputs,
              outputs,
              ...stateFile,
              ...report,
            },
            undefined,
            2,
          ),
        )
        return
      }
      const { bold, dim } = io.colors
      for (const port of inputs) io.out(`${bold('input')}     ${port.name}: ${portLine(port)}`)
      for (const port of outputs) io.out(`${bold('output')}    ${port.name}: ${portLine(port)}`)
      io.out(
        `${bold('operators')} ${Object.entries(report.operators)
          .map(([name, count]) => `${name} ×${count}`)
          .join(', ')}`,
      )
      io.out(`${bold('work')}      ${grouped(work[0] as bigint)} multiply-adds, ${byteSize(pages * 65536)} of memory`)
      io.out(`${bold('rounding')}  ${model.rounding}`)
      io.out(`${bold('model')}     ${id}`)
      for (const note of report.notes) io.out(dim(`note: ${note}`))
      io.err(`wrote ${output}, ${byteSize(imported.bytes.length)}`)
      if (states.length > 0) io.err(`wrote ${statePath(output)}, ${states.length} states that go from a run to the next`)
    })
}
