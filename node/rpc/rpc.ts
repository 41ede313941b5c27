/** Puts the JSON-RPC layer together over a chain and its models. */
import type { AdmissionConfig } from '../admission/config.ts'
import { createRateLimiter, type RateLimiter } from '../admission/rate.ts'
import type { Chain } from '../chain/types.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from './dispatch.ts'
import { createFilterStore, defaultFilterLimits } from './filters.ts'
import { elsewhereOf } from './forked.ts'
import type { ModelDirectory } from './models.ts'
import type { Storage } from './storage.ts'
import { allMethods, namespaceVersions } from './table.ts'

export interface RpcDependencies {
  readonly chain: Chain
  readonly models: ModelDirectory
  readonly storage: Storage
  readonly clientVersion: string
  readonly limits: Pick<AdmissionConfig, 'maxBatchEntries' | 'requestsPerSecond' | 'requestBurst'>
}

export interface Rpc {
  readonly dispatcher: Dispatcher
  /** Counts the requests of clients; absent where nobody does. */
  readonly rate: RateLimiter | undefined
  /** Stops listening to the chain. */
  close(): void
}

export function createRpc(dependencies: RpcDependencies, hooks: Pick<DispatcherOptions, 'onFault' | 'onRequest'>): Rpc {
  const { events } = dependencies.chain
  const { maxBatchEntries } = dependencies.limits
  const rate = rateOf(dependencies.limits)
  // One listener for each subscription of each client: many are no leak.
  events.setMaxListeners(0)
  const filters = createFilterStore(events, defaultFilterLimits, () => performance.now())
  const errors = dependencies.chain.config.rules === 'ethereum' ? 'plain' : 'named'
  const context = { ...dependencies, filters, modules: namespaceVersions }
  return {
    dispatcher: createDispatcher(allMethods, context, {
      maxBatchEntries,
      rate,
      errors,
      elsewhere: elsewhereOf(dependencies.chain),
      ...hooks,
    }),
    rate,
    close: () => filters.close(),
  }
}

/** Ten seconds' worth at once: pages ask for everything when they are opened. */
function rateOf({ requestsPerSecond, requestBurst }: RpcDependencies['limits']): RateLimiter | undefined {
  if (requestsPerSecond === undefined) return undefined
  return createRateLimiter(requestsPerSecond, requestBurst ?? 10 * requestsPerSecond, () => performance.now() / 1000)
}
