/** Artifacts that lie on chain, in the code of the contracts that the registry made of their chunks. */
import type { ModelId } from '../host/host.ts'
import type { ArtifactRef, ArtifactSource } from './artifact.ts'
import { StoreError } from './errors.ts'

/** How a chain is asked, by whatever client. */
export interface ChunkReader {
  /** Of a model that has been activated, in order; empty where there is no such model, or its bytes are off chain. */
  chunksOf(id: ModelId): Promise<readonly `0x${string}`[]>
  /** The code of a contract. */
  code(address: `0x${string}`): Promise<Uint8Array>
}

export function createChainSource(name: string, chain: ChunkReader): ArtifactSource {
  return {
    name,
    has: async ({ id }) => (await chain.chunksOf(id)).length > 0,
    async *read({ id }: ArtifactRef, { signal } = {}) {
      const chunks = await chain.chunksOf(id)
      if (chunks.length === 0) throw new StoreError('notFound', `the model ${id} is not on chain`, { source: name })
      for (const chunk of chunks) {
        signal?.throwIfAborted()
        const code = await chain.code(chunk)
        // A byte 0x00 keeps the code from running.
        if (code.length < 2 || code[0] !== 0) throw new StoreError('wrongBlock', `the contract ${chunk} holds no data`, { source: name })
        yield code.subarray(1)
      }
    },
  }
}
