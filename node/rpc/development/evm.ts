/** evm_*: the clock, mining and snapshots. */
import { z } from 'zod'
import type { Chain } from '../../chain/types.ts'
import { blockJson } from '../format.ts'
import { defineMethod } from '../method.ts'
import { address, flag, numberLike, optional, quantity } from '../params.ts'
import { blockCount, intervalSeconds } from './params.ts'

const mineOptions = z.union(
  [
    z.object({ timestamp: optional(numberLike), blocks: optional(blockCount) }),
    numberLike.transform((timestamp) => ({ timestamp, blocks: undefined })),
  ],
  'wanted a timestamp in seconds, or { timestamp, blocks }',
)

async function mine(chain: Chain, options: z.output<typeof mineOptions> | undefined): Promise<void> {
  const { timestamp, blocks } = options ?? {}
  await chain.mine(Number(blocks ?? 1n), timestamp === undefined ? {} : { timestamp })
}

/** Those that Anvil has under its own name as well. */
export const timeMethods = [
  defineMethod({
    name: 'evm_snapshot',
    summary: 'Remembers the chain as it is; returns an id for evm_revert.',
    params: {},
    run: ({ chain }) => chain.snapshot(),
  }),
  defineMethod({
    name: 'evm_revert',
    summary: 'Goes back to a snapshot and uses it up; false where the id is unknown.',
    params: { snapshotId: quantity },
    run: ({ chain }, { snapshotId }) => chain.revertTo(`0x${snapshotId.toString(16)}`),
  }),
  defineMethod({
    name: 'evm_increaseTime',
    summary: 'Puts the clock of later blocks forward by seconds; returns the whole shift in seconds.',
    params: { seconds: numberLike },
    run: ({ chain }, { seconds }) => Number(chain.increaseTime(seconds)),
  }),
  defineMethod({
    name: 'evm_setTime',
    summary: 'Sets the clock of later blocks (seconds); returns the shift in seconds.',
    params: { timestamp: numberLike },
    run: ({ chain }, { timestamp }) => Number(chain.setTime(timestamp)),
  }),
  defineMethod({
    name: 'evm_setNextBlockTimestamp',
    summary: 'The timestamp (seconds) of the next block.',
    params: { timestamp: numberLike },
    run: ({ chain }, { timestamp }) => chain.setNextBlockTimestamp(timestamp),
  }),
  defineMethod({
    name: 'evm_setAutomine',
    summary: 'Whether each transaction is mined as soon as it arrives.',
    params: { enabled: flag },
    run: ({ chain }, { enabled }) => chain.setAutomine(enabled),
  }),
  defineMethod({
    name: 'evm_setIntervalMining',
    summary: 'Mines a block every so many seconds (fractions allowed); 0 stops it.',
    params: { seconds: intervalSeconds },
    run: ({ chain }, { seconds }) => chain.setIntervalMining(Math.round(seconds * 1000)),
  }),
  defineMethod({
    name: 'evm_setBlockGasLimit',
    summary: 'The gas limit of later blocks.',
    params: { gasLimit: numberLike },
    run: ({ chain }, { gasLimit }) => {
      chain.mining.gasLimit = gasLimit
      return true
    },
  }),
]

export const evmMethods = [
  defineMethod({
    name: 'evm_mine',
    summary: 'Mines a block, at a timestamp if one is given, or as many as `blocks` says.',
    params: { options: optional(mineOptions) },
    run: async ({ chain }, { options }) => {
      await mine(chain, options)
      return '0x0'
    },
  }),
  defineMethod({
    name: 'evm_mine_detailed',
    summary: 'As evm_mine; returns the mined blocks with their transactions.',
    params: { options: optional(mineOptions) },
    run: async ({ chain }, { options }) => {
      const before = chain.head().block.header.number
      await mine(chain, options)
      const blocks: unknown[] = []
      for (let number = before + 1n; number <= chain.head().block.header.number; number++)
        blocks.push(blockJson((await chain.block(number))!, 'full'))
      return blocks
    },
  }),
  ...timeMethods,
  defineMethod({
    name: 'evm_setAccountNonce',
    summary: 'Sets a nonce.',
    params: { address, nonce: numberLike },
    run: async ({ chain }, { address, nonce }) => {
      await chain.setNonce(address, nonce)
      return true
    },
  }),
]
