/**
 * The bytes of models off chain: staged in memory until a block activates the model, and from then on in the chain's database, written in the batch of that block and
 * never removed. So a node that has a block has all that its models need, and a state file carries it too.
 */

import { hexToBytes } from '@ethereumjs/util'
import { systemAddress } from '../../precompiles/index.ts'
import { keys } from '../state/keys.ts'
import type { Store, StoreWrite } from '../state/store.ts'
import type { Artifacts, Hex, StoredBlock } from './types.ts'

/** Values of the database stay small enough for its tables. */
const PIECE_BYTES = 1024 * 1024

export interface ArtifactShelf extends Artifacts {
  /** What has to be durable together with a block: the staged bytes that its system transactions speak of. */
  writes(block: StoredBlock): StoreWrite[]
  /** These bytes are durable now, and need not be kept in memory. */
  wrote(block: StoredBlock): void
}

export function createArtifactShelf(store: Store): ArtifactShelf {
  const staged = new Map<Hex, Uint8Array>()

  const read = (id: Hex): Uint8Array | undefined => {
    const key = hexToBytes(id)
    const pieces: Uint8Array[] = []
    for (;;) {
      const piece = store.get(keys.artifactPiece(key, pieces.length))
      if (piece === undefined) break
      pieces.push(piece)
    }
    return pieces.length === 0 ? undefined : new Uint8Array(Buffer.concat(pieces))
  }

  const stagedFor = ({ receipts }: StoredBlock): Hex[] => {
    const topics = receipts.filter(({ from }) => from === systemAddress).flatMap(({ logs }) => logs.flatMap((log) => log.topics))
    return [...new Set(topics)].filter((id) => staged.has(id))
  }

  return {
    get: (id) => staged.get(id) ?? read(id),
    has: (id) => staged.has(id) || store.get(keys.artifactPiece(hexToBytes(id), 0)) !== undefined,
    stage: (id, artifact) => void staged.set(id, artifact),
    unstage: (id) => void staged.delete(id),
    writes: (block) =>
      stagedFor(block).flatMap((id) => {
        const artifact = staged.get(id)!
        const key = hexToBytes(id)
        return Array.from({ length: Math.ceil(artifact.length / PIECE_BYTES) }, (_, index) => ({
          key: keys.artifactPiece(key, index),
          value: artifact.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
        }))
      }),
    wrote: (block) => {
      for (const id of stagedFor(block)) staged.delete(id)
    },
  }
}
