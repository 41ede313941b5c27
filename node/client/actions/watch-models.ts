import type { Hex, Log } from 'viem'
import { getContractEvents } from 'viem/actions'
import { addresses } from '../../../precompiles/addresses.ts'
import { registryAbi } from '../abi.ts'
import type { InferClient } from '../client.ts'
import { followBlocks } from '../follow-blocks.ts'

/** What the registry says of models. Narrow it by `eventName`; `args` are that event's. */
export type ModelEvent = {
  [Name in ModelEventName]: Log<bigint, number, false, undefined, true, typeof registryAbi, Name>
}[ModelEventName]

export type ModelEventName =
  | 'ModelRequested'
  | 'RequestWithdrawn'
  | 'RequestActivated'
  | 'ModelPublished'
  | 'MetadataChanged'
  | 'CardChanged'
  | 'ParentChanged'
  | 'SuccessorChanged'
  | 'StatusChanged'
  | 'OwnerChanged'
  | 'OperatorChanged'

export interface WatchModelsParameters {
  onEvents: (events: ModelEvent[]) => void
  onError?: ((error: Error) => void) | undefined
  /** Only of this model. */
  id?: Hex | undefined
  /** The first block to tell of; the next one where absent. */
  fromBlock?: bigint | undefined
  /** Milliseconds between two looks, where the transport has no subscriptions; the client's own where absent. */
  pollingInterval?: number | undefined
}

/** Ends the watching. */
export type WatchModelsReturnType = () => void

/**
 * Tells of models as they are requested, published, described anew, deprecated, retired and handed on.
 *
 * @example
 * const unwatch = client.watchModels({
 *   onEvents: (events) => {
 *     for (const { eventName, args } of events) if (eventName === 'ModelPublished') console.log(args.model, args.metadata)
 *   },
 * })
 */
export function watchModels(client: InferClient, parameters: WatchModelsParameters): WatchModelsReturnType {
  const { onEvents, onError = () => {}, id, fromBlock, pollingInterval } = parameters
  let isWatching = true
  const unfollow = followBlocks(client, {
    async onBlocks(range) {
      const logs = await getContractEvents(client, { address: addresses.modelRegistry, abi: registryAbi, strict: true, ...range })
      const events = logs.filter(isModelEvent).filter(({ args }) => id === undefined || args.model === id.toLowerCase())
      if (isWatching && events.length > 0) onEvents(events)
    },
    onError,
    fromBlock,
    pollingInterval,
  })
  return () => {
    isWatching = false
    unfollow()
  }
}

const isModelEvent = (log: { eventName: string }): log is ModelEvent => log.eventName !== 'ChunkUploaded'
