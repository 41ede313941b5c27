/** The node's own blocks of IPFS, on disk beside the chain or in memory with it, and the trustless gateway that gives them to others. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Blocks, openLevelBlocks, openMemoryBlocks, serveGateway } from '../../runtime/store/index.ts'
import { NodeError } from '../errors.ts'

export interface IpfsOptions {
  /** Of the chain; blocks are kept in a folder of it. Absent: in memory. */
  readonly dataDir: string | undefined
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface Ipfs {
  readonly blocks: Blocks
  /** URL of the gateway. */
  readonly url: string
  close(): Promise<void>
}

/** @throws NodeError DATA_DIR_CORRUPT; those of listening */
export async function startIpfs({ dataDir, host, port }: IpfsOptions): Promise<Ipfs> {
  const { blocks, close } = dataDir === undefined ? { blocks: openMemoryBlocks(), close: async () => {} } : await openBlocks(dataDir)
  const server = createServer((request, response) => void serveGateway(blocks, request, response))
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port }, resolve))
  } catch (cause) {
    await close()
    throw new NodeError('CONFIG_INVALID', `ipfsPort: cannot listen on ${host}:${port}: ${(cause as Error).message}`, { cause })
  }
  const { port: taken } = server.address() as AddressInfo
  return {
    blocks,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await close()
    },
  }
}

async function openBlocks(dataDir: string) {
  const directory = join(dataDir, 'ipfs')
  try {
    return await openLevelBlocks(directory)
  } catch (cause) {
    throw new NodeError('DATA_DIR_CORRUPT', `cannot open the blocks in ${directory}: ${(cause as Error).message}`, { cause })
  }
}
