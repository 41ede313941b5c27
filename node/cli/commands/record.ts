import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'

interface RecordOptions {
  input: string[]
  output: string
  rpcUrl: string
  json?: boolean
}

export function addRecordCommand(program: Command, io: Io): void {
  program
    .command('record')
    .description('write what a chain answers to runs of a model into a file, for contract tests without a chain (RecordedInference.sol)')
    .argument('<id>', 'hash_tree_root of a model that is active on the chain')
    .requiredOption('-i, --input <file...>', '.bin (samples back to back), .npy, .png or .wav, as infernode run takes them')
    .requiredOption('-o, --output <file>', 'the recording; what a file that is there holds is kept, and what is asked again is replaced')
    .option('-r, --rpc-url <url>', 'JSON-RPC of the chain', 'http://127.0.0.1:8545')
    .option('--json', 'print JSON')
    .action(async (id: string, options: RecordOptions) => {
      if (!/^0x[0-9a-fA-F]{64}$/.test(id)) throw new UsageError(`${id} is no model id: wanted 0x and 64 hex digits`)
      const [{ readSamples }, { describeModel }, { recordInferences }, { parseRecording, recordingText }, { connectReader }] =
        await Promise.all([
          import('../inputs/read.ts'),
          import('../../client/actions/describe-model.ts'),
          import('../../client/actions/record-inferences.ts'),
          import('../../client/recording.ts'),
          import('../clients.ts'),
        ])
      const { reader } = await connectReader(options.rpcUrl)
      const model = id.toLowerCase() as Hex
      const { inputs } = await describeModel(reader, { id: model })
      const samples = readSamples(options.input, inputs)
      const calls = await recordInferences(reader, { id: model, inputs: samples.map(({ bytes }) => bytes) })
      const before = existsSync(options.output) ? parseRecording(readFileSync(options.output, 'utf8'), options.output) : []
      const all = new Map([...before, ...calls].map((call) => [call.callData, call]))
      writeFileSync(options.output, recordingText([...all.values()]))
      const reverts = calls.filter(({ isRevert }) => isRevert).length
      if (options.json) io.out(JSON.stringify({ model, samples: samples.length, reverts, calls: all.size }))
      else {
        const refused = reverts === 0 ? '' : `, ${reverts} of the calls reverted`
        io.out(
          `${samples.length} ${samples.length === 1 ? 'run' : 'runs'} of ${model}${refused}; ${options.output} holds ${all.size} calls`,
        )
      }
    })
}
