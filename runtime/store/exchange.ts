/** Artifacts from an exchange of single blocks, such as Bitswap: who has them is the exchange's matter, and what it gives is hashed here once more. */
import type { CID } from 'multiformats/cid'
import type { ArtifactSource, ReadOptions } from './artifact.ts'
import { isBlock, parseCid } from './blocks.ts'
import { StoreError } from './errors.ts'
import { readFile } from './unixfs.ts'

export interface BlockExchange {
  /** A block's bytes; waits until somebody has it, or the signal ends it. */
  get(cid: CID, signal: AbortSignal): Promise<Uint8Array>
}

/** @param patienceMs after which a block that nobody has given counts as not to be found. */
export function createExchangeSource(name: string, exchange: BlockExchange, patienceMs: number): ArtifactSource {
  const load = async (cid: CID, { signal }: ReadOptions): Promise<Uint8Array> => {
    const patience = AbortSignal.timeout(patienceMs)
    let bytes: Uint8Array
    try {
      bytes = await exchange.get(cid, signal === undefined ? patience : AbortSignal.any([signal, patience]))
    } catch (cause) {
      signal?.throwIfAborted()
      if (!patience.aborted) throw cause
      throw new StoreError('notFound', `nobody gave the block ${cid} within ${patienceMs} ms`, { source: name, cause })
    }
    if (!isBlock(cid, bytes)) throw new StoreError('wrongBlock', `gave bytes for the block ${cid} that are not its own`, { source: name })
    return bytes
  }
  return {
    name,
    async has({ cid }, options = {}) {
      try {
        await load(parseCid(cid), options)
        return true
      } catch (error) {
        if (error instanceof StoreError && error.code === 'notFound') return false
        throw error
      }
    },
    async *read({ cid, size }, options = {}) {
      for await (const piece of readFile(parseCid(cid), size, name, (block) => load(block, options))) {
        options.signal?.throwIfAborted()
        yield piece
      }
    },
  }
}
