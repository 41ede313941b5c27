import { writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { type Command, Option } from 'commander'
import type { Rounding } from '../../../runtime/model/types.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'

interface ImportOptions {
  rounding: Rounding
  output?: string
  json?: boolean
}

// Written out: their own file would load the whole artifact format with it.
const roundings = ['fp32', 'single', 'double'] as const satisfies readonly Rounding[]

export function addImportCommand(program: Command, io: Io): void {
  program
    .command('import')
    .description('turn a trained model into a model artifact')
    .argument('<model.tflite>', 'int8 TensorFlow Lite model')
    .addOption(
      new Option(
        '-r, --rounding <mode>',
        'whose bytes to give: fp32 (XNNPACK, phones and servers), single (ruy), double (TFLite Micro, CMSIS-NN)',
      )
        .choices(roundings)
        .default('fp32'),
    )
    .option('-o, --output <file>', 'where to write the artifact (default: the name with .infer)')
    .option('--json', 'print JSON')
    .action(async (path: string, options: ImportOptions) => {
      const format = extname(path).toLowerCase()
      if (format !== '.tflite') throw new UsageError(`${path}: files of type ${format || '(none)'} cannot be imported; wanted .tflite`)
      const [{ importTflite }, { createHost }, { loadModule }, { portLine, readBytes }, { byteSize, grouped }] = await Promise.all([
        import('../../../runtime/import/tflite/import.ts'),
        import('../../../runtime/host/host.ts'),
        import('../../../runtime/host/load-module.ts'),
        import('../artifact.ts'),
        import('../table.ts'),
      ])
      const imported = importTflite(readBytes(path), { rounding: options.rounding })
      // The module that will run the artifact has the last word on it.
      const { work, pages } = createHost({ wasm: loadModule() }).plan(imported.bytes)
      const output = options.output ?? `${basename(path, extname(path))}.infer`
      writeFileSync(output, imported.bytes)
      const { id, report, inputs, outputs, model } = imported
      if (options.json) {
        io.out(
          JSON.stringify(
            { file: output, id, rounding: model.rounding, bytes: imported.bytes.length, macs: Number(work[0]), inputs, outputs, ...report },
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
    })
}
