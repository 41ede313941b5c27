import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Io } from '../io.ts'

interface RunOptions {
  input: string[]
  output?: string
  states?: string
  json?: boolean
}

export function addRunCommand(program: Command, io: Io): void {
  program
    .command('run')
    .description('run a model artifact here, with the bytes that a chain would give')
    .argument('<model.infer>', 'model artifact, as infernode import writes it')
    .requiredOption(
      '-i, --input <file...>',
      '.bin (samples back to back), .npy, .png or .wav; for a model of several inputs one file each, or one .bin',
    )
    .option('-o, --output <file>', 'write the output bytes, of all samples back to back')
    .option('--states <file>', 'state that goes from a sample to the next (default: the .states.json beside the artifact, if there is one)')
    .option('--json', 'print JSON')
    .action(async (path: string, options: RunOptions) => {
      const { openArtifact, portsOf } = await import('../artifact.ts')
      const { elementsOf, splitTensors } = await import('../../client/tensors.ts')
      const { readSamples } = await import('../inputs/read.ts')
      const { answerText } = await import('../answer.ts')
      const { ownPorts, readStates, runSequence } = await import('../state.ts')
      const { bytes, model, host } = openArtifact(path)
      const [inputs, results] = [portsOf(model, model.inputs), portsOf(model, model.outputs)]
      const states = readStates(options.states, path, inputs, results)
      const samples = readSamples(options.input, ownPorts(inputs, states, 'input'))
      const running = host.open(bytes)
      const outputs = runSequence(
        (input) => running.run(input),
        samples.map((sample) => sample.bytes),
        inputs,
        results,
        states,
      )
      if (options.output !== undefined) writeFileSync(options.output, Buffer.concat(outputs))
      const ports = ownPorts(results, states, 'output')
      if (options.json) {
        const values = outputs.map((output) => splitTensors(output, ports).map((part, i) => elementsOf(part, ports[i]!)))
        io.out(JSON.stringify({ model: host.identify(bytes), samples: values.length, outputs: values }))
        return
      }
      const shown = outputs.slice(0, 20)
      shown.forEach((output, sample) => {
        io.out(answerText(output, ports, samples.length > 1 ? samples[sample]?.name : undefined))
      })
      if (shown.length < outputs.length) io.out(`… and ${outputs.length - shown.length} more samples`)
      if (options.output !== undefined) io.err(`wrote ${outputs.length} × ${outputs[0]?.length ?? 0} bytes to ${options.output}`)
    })
}
