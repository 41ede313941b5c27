/** A store of artifacts in blocks of one's own: memory, or level on disk. */
import { modelId } from '../model/types.ts'
import type { ArtifactStore } from './artifact.ts'
import { type Blocks, parseCid, readBlock } from './blocks.ts'
import { StoreError } from './errors.ts'
import { type LoadBlock, readFile, walkBlocks, writeFile } from './unixfs.ts'

export function createBlockStore(name: string, blocks: Blocks): ArtifactStore {
  const load = loadFrom(name, blocks)
  return {
    name,
    async has({ cid }, { signal } = {}) {
      try {
        for await (const _ of walkBlocks(parseCid(cid), load)) signal?.throwIfAborted()
        return true
      } catch (error) {
        if (error instanceof StoreError && error.code === 'notFound') return false
        throw error
      }
    },
    async *read({ cid, size }, { signal } = {}) {
      for await (const piece of readFile(parseCid(cid), size, name, load)) {
        signal?.throwIfAborted()
        yield piece
      }
    },
    async put(artifact) {
      const cid = await writeFile(blocks, artifact)
      return { id: modelId(artifact), cid: cid.toString(), size: artifact.length }
    },
  }
}

/** Blocks of one's own alone. @throws StoreError notFound, wrongBlock */
export function loadFrom(name: string, blocks: Blocks): LoadBlock {
  return async (cid) => {
    const bytes = await readBlock(blocks, cid, name)
    if (bytes === undefined) throw new StoreError('notFound', `the block ${cid} is not here`, { source: name })
    return bytes
  }
}
