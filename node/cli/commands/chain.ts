/** `infernode chain`: the blocks of a data directory, out into a file and in from one. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import type { Chain } from '../../chain/types.ts'
import type { Io } from '../io.ts'

interface ChainFlags {
  readonly dataDir: string
  readonly genesis?: string
  readonly config?: string
}

export function addChainCommand(program: Command, io: Io): void {
  const chain = program.command('chain').description('write the blocks of a data directory to a file, or append those of a file')
  const command = (name: string, description: string) =>
    chain
      .command(name)
      .description(description)
      .argument('<file>', "blocks in RLP, one after the other, as geth's export writes them")
      .requiredOption('-d, --data-dir <directory>', 'where the chain is kept')
      .option('--genesis <file>', "genesis of the chain in geth's format")
      .option('-c, --config <file>', 'chain configuration in JSON')

  command('import', 'execute the blocks of a file and append them').action((file: string, flags: ChainFlags) =>
    withChain(flags, async (chain) => {
      const { readChainFile } = await import('../../node.ts')
      const count = await chain.importBlocks(readChainFile(file))
      io.err(`imported ${count} blocks; the head is block ${chain.head().block.header.number} ${chain.head().hash}`)
    }),
  )
  command('export', 'write the blocks after genesis to a file').action((file: string, flags: ChainFlags) =>
    withChain(flags, async (chain) => {
      const output = openSync(file, 'w')
      try {
        for (const block of chain.exportBlocks()) writeSync(output, block)
      } finally {
        closeSync(output)
      }
      io.err(`wrote ${chain.head().block.header.number} blocks to ${file}`)
    }),
  )
}

async function withChain({ dataDir, genesis, config }: ChainFlags, use: (chain: Chain) => Promise<void>): Promise<void> {
  const [{ loadConfig }, { createInferenceChain }] = await Promise.all([import('../../config.ts'), import('../../node.ts')])
  // Nothing is to be mined meanwhile.
  const { chain } = await createInferenceChain(loadConfig({ genesis, file: config, flags: { dataDir, noMining: true, blockTime: 0 } }))
  try {
    await use(chain)
  } finally {
    await chain.close()
  }
}
