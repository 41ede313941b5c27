/**
 * Where the bytes of models lie: on chain, in IPFS, in memory. An implementation passes the suite of test/suites/store.ts; Filecoin or any other layer is one more of them.
 */
import type { ModelId } from '../host/host.ts'

/** What is known of an artifact before its bytes are there. */
export interface ArtifactRef {
  /** hash_tree_root of the artifact. */
  readonly id: ModelId
  /** Of the artifact as a UnixFS file: version 1, in base32. */
  readonly cid: string
  /** Bytes of the artifact. */
  readonly size: number
}

export interface ReadOptions {
  /** Ends the reading with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Who can be asked for artifacts. */
export interface ArtifactSource {
  /** As errors and logs name it. */
  readonly name: string
  /** Whether a reading would find everything. @throws StoreError cidInvalid, unreachable */
  has(ref: ArtifactRef, options?: ReadOptions): Promise<boolean>
  /**
   * The bytes, in order and in pieces, `ref.size` of them or an error. That they are the model's own is for the reader to check, as `fetchArtifact` does: a file may be
   * whole and still be another one.
   * @throws StoreError
   */
  read(ref: ArtifactRef, options?: ReadOptions): AsyncIterable<Uint8Array>
}

/** A source that can be given artifacts. */
export interface ArtifactStore extends ArtifactSource {
  /** Resolves when `read` finds it. The same bytes have the same reference everywhere. */
  put(artifact: Uint8Array, options?: ReadOptions): Promise<ArtifactRef>
}
