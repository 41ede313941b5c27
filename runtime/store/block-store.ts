/** A store of artifacts in blocks of one's own: memory, or level on disk. */
import { modelId } from '../model/types.ts'
import type { ArtifactStore } from './artifact.ts'
import { type Blocks, parseCid, readBlock } from './blocks.ts'
import { StoreError } from './errors.ts'
import { type LoadBlock, linksOf, readFile, writeFile } from './unixfs.ts'

export function createBlockStore(name: string, blocks: Blocks): ArtifactStore {
  const load: LoadBlock = async (cid) => {
    const bytes = await readBlock(blocks, cid, name)
    if (bytes === undefined) throw new StoreError('notFound', `the block ${cid} is not here`, { source: name })
    return bytes
  }
  return {
    name,
    async has({ cid }, { signal } = {}) {
      const waiting = [parseCid(cid)]
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        signal?.throwIfAborted()
        const bytes = await readBlock(blocks, next, name)
        if (bytes === undefined) return false
        waiting.push(...linksOf(next, bytes))
      }
      return true
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
