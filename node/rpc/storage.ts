/** What a node can say of models off chain, as `infer_*` needs it. The node passes in an implementation; `noStorage` is that of a node without one. */

import type { Hex } from '../chain/types.ts'
import { NodeError } from '../errors.ts'

/** How far this node is with a request of the registry that is open. */
export interface RequestProgress {
  readonly number: number
  readonly model: Hex
  readonly cid: string
  /** Bytes that are here, and that there are. */
  readonly done: number
  readonly size: number
  /** `ready`: the next block activates it, where this node makes blocks. `refused`: it cannot be activated, for the reason in `problem`. */
  readonly state: 'waiting' | 'fetching' | 'ready' | 'refused'
  /** What went wrong last. */
  readonly problem?: string
}

export interface Storage {
  /** URL of the node's gateway, where it keeps blocks of IPFS. */
  readonly gateway: string | undefined
  /** Addresses of its libp2p peer; none where it has none. */
  readonly addresses: readonly string[]
  /** Keeps a block, so that this node and others find it. @throws NodeError STORAGE_OFF, BLOCK_REFUSED */
  putBlock(cid: string, bytes: Uint8Array): Promise<void>
  requests(): readonly RequestProgress[]
}

export const noStorage: Storage = {
  gateway: undefined,
  addresses: [],
  putBlock: async () => {
    throw new NodeError('STORAGE_OFF', 'this node keeps no blocks of IPFS: start it with --ipfs')
  },
  requests: () => [],
}
