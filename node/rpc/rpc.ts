/** Puts the JSON-RPC layer together over a chain and its models. */
import type { Chain } from '../chain/types.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from './dispatch.ts'
import { createFilterStore, defaultFilterLimits } from './filters.ts'
import type { ModelDirectory } from './models.ts'
import { allMethods, namespaceVersions } from './table.ts'

export interface RpcDependencies {
  readonly chain: Chain
  readonly models: ModelDirectory
  readonly clientVersion: string
}

export interface Rpc {
  readonly dispatcher: Dispatcher
  /** Stops listening to the chain. */
  close(): void
}

/** geth's limit is 1000; scripts that send whole collections in one batch want more. */
const MAX_BATCH_ENTRIES = 10_000

export function createRpc(dependencies: RpcDependencies, hooks: Pick<DispatcherOptions, 'onFault' | 'onRequest'>): Rpc {
  const { events } = dependencies.chain
  // One listener for each subscription of each client: many are no leak.
  events.setMaxListeners(0)
  const filters = createFilterStore(events, defaultFilterLimits, () => performance.now())
  const context = { ...dependencies, filters, modules: namespaceVersions }
  return {
    dispatcher: createDispatcher(allMethods, context, { maxBatchEntries: MAX_BATCH_ENTRIES, ...hooks }),
    close: () => filters.close(),
  }
}
