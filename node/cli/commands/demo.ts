import { type Command, Option } from 'commander'
import { type Rounding, roundings } from '../../../runtime/model/types.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'

interface DemoFlags {
  model?: string
  input?: string[]
  expected?: string
  rounding: Rounding
  keep?: boolean
  port?: string
}

export function addDemoCommand(program: Command, io: Io): void {
  program
    .command('demo')
    .description('start a chain, import and deploy a model, and let a contract call it; with the digits example, or with your own model')
    .option('--model <file>', 'model to take instead of the digits example: .tflite or .onnx, of one int8 output')
    .option('-i, --input <file...>', 'its samples, as infernode run takes them')
    .option('--expected <out.bin>', 'output bytes that the samples must give')
    .addOption(new Option('-r, --rounding <mode>', 'whose bytes to give').choices(roundings).default('fp32'))
    .option('-p, --port <number>', 'port of the node (default: a free one)')
    .option('--keep', 'leave the node running until Ctrl-C')
    .action(async (flags: DemoFlags) => {
      if ((flags.model === undefined) !== (flags.input === undefined)) throw new UsageError('--model and --input go together')
      const stop = flags.keep ? io.stopSignal() : undefined
      const [{ runDemo }, { digitsFiles }] = await Promise.all([import('../demo/demo.ts'), import('../demo/digits.ts')])
      const { model, input, expected, rounding } = flags
      const files =
        model === undefined || input === undefined ? digitsFiles(rounding) : { model, inputs: input, expected, labels: undefined }
      const node = await runDemo({ files, rounding, port: Number(flags.port ?? 0) }, io)
      try {
        if (stop === undefined) return
        io.out(`\nthe node goes on at http://127.0.0.1:${node.server.port}; Ctrl-C ends it`)
        await new Promise<void>((resolve) => {
          if (stop.aborted) resolve()
          stop.addEventListener('abort', () => resolve(), { once: true })
        })
      } finally {
        await node.close()
      }
    })
}
