import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Io } from '../io.ts'

interface DeployOptions {
  rpcUrl: string
  privateKey?: string
  metadata?: string
  json?: boolean
}

export function addDeployCommand(program: Command, io: Io): void {
  program
    .command('deploy')
    .description('put a model artifact on chain and make it usable by contracts; resumes where an earlier deployment was cut off')
    .argument('<model.infer>', 'model artifact, as infernode import writes it')
    .option('-r, --rpc-url <url>', 'JSON-RPC of the chain', 'http://127.0.0.1:8545')
    .option('-k, --private-key <hex>', "key of the sender and owner (default: the node's first account signs)")
    .option('-m, --metadata <text>', 'text or URI to record with the model (default: the name of the file)')
    .option('--json', 'print JSON')
    .action(async (path: string, options: DeployOptions) => {
      const [{ openArtifact }, { deployModel }, { connect }, { progressBar }, { byteSize, grouped, plural }] = await Promise.all([
        import('../artifact.ts'),
        import('../../client/actions/deploy-model.ts'),
        import('../clients.ts'),
        import('../progress.ts'),
        import('../table.ts'),
      ])
      const { bytes, host } = openArtifact(path)
      // Everything that the chain would refuse is refused here, before anything is sent.
      host.plan(bytes)
      const { writer } = await connect(options.rpcUrl, options.privateKey)
      const bar = progressBar(io, 'chunks')
      const metadata = options.metadata ?? basename(path)
      const deployment = await deployModel(writer, { artifact: bytes, metadata, onProgress: bar.update }).finally(bar.stop)
      if (options.json) {
        io.out(JSON.stringify({ ...deployment, gasUsed: deployment.gasUsed.toString() }, undefined, 2))
        return
      }
      const { id, chunks, chunksFound, wasPublished, transactions, gasUsed } = deployment
      io.out(`${io.colors.bold('model')}  ${id}`)
      if (wasPublished) io.out('was published before; nothing was sent')
      else {
        const found = chunksFound === 0 ? '' : ` (${chunksFound} found from an earlier deployment)`
        io.out(
          `${byteSize(bytes.length)} in ${plural(chunks.length, 'chunk')}${found}, ${plural(transactions, 'transaction')}, ${grouped(gasUsed)} gas; active now`,
        )
      }
    })
}
