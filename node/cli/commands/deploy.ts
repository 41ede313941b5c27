import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Host } from '../../../runtime/host/host.ts'
import type { ChainClients } from '../clients.ts'
import type { Io } from '../io.ts'

interface DeployOptions {
  rpcUrl: string
  privateKey?: string
  metadata?: string
  storage: 'chain' | 'ipfs'
  wait: boolean
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
    .addOption(
      new Option('-s, --storage <where>', 'where the bytes lie: on chain, or in the IPFS of the node')
        .choices(['chain', 'ipfs'])
        .default('chain'),
    )
    .option('--no-wait', 'with --storage ipfs: end when the request is sent, before the model is active')
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
      const clients = await connect(options.rpcUrl, options.privateKey)
      if (options.storage === 'ipfs') return deployIpfs(clients, path, options, { bytes, host }, io)
      const { writer } = clients
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

async function deployIpfs(
  clients: ChainClients,
  path: string,
  options: DeployOptions,
  { bytes, host }: { bytes: Uint8Array; host: Host },
  io: Io,
): Promise<void> {
  const [{ deployToIpfs }, { progressBar }, { byteSize, grouped }] = await Promise.all([
    import('../deploy-ipfs.ts'),
    import('../progress.ts'),
    import('../table.ts'),
  ])
  const upload = progressBar(io, 'blocks')
  const fetching = progressBar(io, 'bytes at the node')
  const deployment = await deployToIpfs(clients, {
    artifact: bytes,
    host,
    metadata: options.metadata ?? basename(path),
    wait: options.wait,
    onUpload: upload.update,
    onFetch: (progress) => {
      upload.stop()
      fetching.update(progress)
    },
  }).finally(() => {
    upload.stop()
    fetching.stop()
  })
  if (options.json) {
    const text = (value: bigint | undefined) => value?.toString()
    const { gasUsed, activatedAt } = deployment
    io.out(JSON.stringify({ ...deployment, gasUsed: text(gasUsed), activatedAt: text(activatedAt) }, undefined, 2))
    return
  }
  const { id, cid, request, wasPublished, wasRequested, gasUsed, activatedAt } = deployment
  io.out(`${io.colors.bold('model')}  ${id}`)
  io.out(`${io.colors.bold('cid')}    ${cid}`)
  if (wasPublished) return io.out('was published before; nothing was sent')
  const sent = wasRequested ? 'sent by an earlier deployment' : `${grouped(gasUsed)} gas`
  const state = activatedAt === undefined ? 'not active yet' : `active since block ${activatedAt}`
  io.out(`${byteSize(bytes.length)}, request ${request} (${sent}); ${state}`)
}
