import type { Address, Hex } from 'viem'
import type { InferClient } from '../client.ts'
import { followBlocks } from '../follow-blocks.ts'
import { getInferences, type Inference } from './get-inferences.ts'

export interface WatchInferencesParameters {
  /** Called with the inferences of one block, where it has any. */
  onInferences: (inferences: Inference[]) => void
  onError?: ((error: Error) => void) | undefined
  /** Only of this model. */
  id?: Hex | undefined
  /** Only those that this contract makes. */
  caller?: Address | undefined
  /** The first block to tell of; the next one where absent. */
  fromBlock?: bigint | undefined
  /** Milliseconds between two looks for a block, where the transport has no subscriptions; the client's own where absent. */
  pollingInterval?: number | undefined
}

/** Ends the watching. */
export type WatchInferencesReturnType = () => void

/**
 * Tells of every inference that contracts make in mined transactions, block by block and in order.
 *
 * @example
 * const unwatch = client.watchInferences({ id, onInferences: (inferences) => console.log(inferences) })
 */
export function watchInferences(client: InferClient, parameters: WatchInferencesParameters): WatchInferencesReturnType {
  const { onInferences, onError = () => {}, id, caller, fromBlock, pollingInterval } = parameters
  const isWanted = ({ model, caller: from }: Inference) =>
    (id === undefined || model === id.toLowerCase()) && (caller === undefined || from.toLowerCase() === caller.toLowerCase())
  let isWatching = true
  const unfollow = followBlocks(client, {
    async onBlocks({ fromBlock, toBlock }) {
      for (let blockNumber = fromBlock; blockNumber <= toBlock && isWatching; blockNumber++) {
        const inferences = (await getInferences(client, { blockNumber })).filter(isWanted)
        if (isWatching && inferences.length > 0) onInferences(inferences)
      }
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
