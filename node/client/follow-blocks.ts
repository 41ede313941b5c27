import { getBlockNumber, watchBlockNumber } from 'viem/actions'
import type { InferClient } from './client.ts'

export interface FollowBlocksParameters {
  /** Told once of every block, in order, as ranges; the next is told when the promise has settled. */
  onBlocks: (range: { fromBlock: bigint; toBlock: bigint }) => Promise<void>
  onError: (error: Error) => void
  /** The first block to tell of; the next one where absent. */
  fromBlock: bigint | undefined
  pollingInterval: number | undefined
}

/** Follows the chain's head, back too where a local chain was reverted. @returns ends it. */
export function followBlocks(client: InferClient, parameters: FollowBlocksParameters): () => void {
  const { onBlocks, onError, fromBlock, pollingInterval } = parameters
  let next = fromBlock
  let isFollowing = true
  let before: Promise<void> = Promise.resolve()
  const go = (head: () => Promise<bigint>) => {
    before = before.then(async () => {
      if (!isFollowing) return
      try {
        const toBlock = await head()
        next ??= toBlock + 1n
        // Fewer blocks than before: those above the head are gone, and new ones take their numbers.
        if (toBlock < next) {
          next = toBlock + 1n
          return
        }
        await onBlocks({ fromBlock: next, toBlock })
        next = toBlock + 1n
      } catch (error) {
        onError(error as Error)
      }
    })
  }
  go(() => getBlockNumber(client, { cacheTime: 0 }))
  const unwatch = watchBlockNumber(client, {
    onBlockNumber: (head) => go(async () => head),
    onError,
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
  })
  return () => {
    isFollowing = false
    unwatch()
  }
}
