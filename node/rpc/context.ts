/** What every method is given: the chain, the models, the filters and the accounts that the node holds keys of. */
import type { Chain } from '../chain/types.ts'
import type { FilterStore } from './filters.ts'
import type { ModelDirectory } from './models.ts'
import type { Storage } from './storage.ts'

export interface RpcContext {
  readonly chain: Chain
  readonly models: ModelDirectory
  readonly storage: Storage
  readonly filters: FilterStore
  /** As `web3_clientVersion` answers it. */
  readonly clientVersion: string
  /** Namespace to version, for `rpc_modules`. */
  readonly modules: Readonly<Record<string, string>>
}

/**
 * The client's end of one request. Over HTTP a client cannot be called back: `notify` is undefined there.
 */
export interface Connection {
  /** Its address, by which requests are counted. */
  readonly client: string
  /** Sends a JSON-RPC notification of a subscription. */
  readonly notify: ((subscription: string, result: unknown) => void) | undefined
  /** Open subscriptions of this connection: id to the function that ends it. */
  readonly subscriptions: Map<string, () => void>
  /** Runs `action` once the reply to the current request is on its way, so that no notification overtakes its subscription's id. */
  afterReply(action: () => void): void
}
