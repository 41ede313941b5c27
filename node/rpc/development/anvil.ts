/** anvil_*: what only Anvil has. */
import { z } from 'zod'
import type { Chain } from '../../chain/types.ts'
import { quantity as hexQuantity, toHex } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { address, bytes, numberLike, optional } from '../params.ts'
import { blockCount } from './params.ts'

/** A state as anvil_dumpState returned it, or the text of a file that `--dump-state` wrote. */
const state = z.union(
  [
    bytes,
    z
      .string()
      .startsWith('{')
      .transform((text) => new Uint8Array(Buffer.from(text))),
  ],
  'wanted the bytes of anvil_dumpState',
)

export const anvilOnlyMethods = [
  defineMethod({
    name: 'anvil_nodeInfo',
    summary: 'Head, hardfork and environment. Hardhat and cast ask for it to learn that the methods of Anvil are here.',
    params: {},
    run: ({ chain }) => nodeInfo(chain),
  }),
  defineMethod({
    name: 'anvil_addBalance',
    summary: 'Adds to a balance, in wei.',
    params: { address, amount: numberLike },
    run: async ({ chain }, { address, amount }) => {
      await chain.setBalance(address, (await chain.account(address, 'latest')).balance + amount)
      return null
    },
  }),
  defineMethod({
    name: 'anvil_getIntervalMining',
    summary: 'Seconds between blocks, or null where no interval is set.',
    params: {},
    run: ({ chain }) => {
      const intervalMs = chain.intervalMining()
      return intervalMs === 0 ? null : intervalMs / 1000
    },
  }),
  defineMethod({
    name: 'anvil_setBlockTimestampInterval',
    summary: 'Seconds from the timestamp of each block to that of the next.',
    params: { seconds: numberLike },
    run: ({ chain }, { seconds }) => {
      chain.setTimestampInterval(seconds)
      return null
    },
  }),
  defineMethod({
    name: 'anvil_removeBlockTimestampInterval',
    summary: 'Lets timestamps follow the clock again; answers true.',
    params: {},
    run: ({ chain }) => {
      chain.setTimestampInterval(undefined)
      return true
    },
  }),
  defineMethod({
    name: 'anvil_rollback',
    summary: 'Takes the last blocks away, one where no number is given.',
    params: { blocks: optional(blockCount) },
    run: async ({ chain }, { blocks }) => {
      await chain.rollback(Number(blocks ?? 1n))
      return null
    },
  }),
  defineMethod({
    name: 'anvil_dumpState',
    summary: 'The whole chain as bytes for anvil_loadState: gzipped JSON whose accounts Anvil can load too.',
    params: {},
    run: async ({ chain }) => toHex(await chain.dumpState()),
  }),
  defineMethod({
    name: 'anvil_loadState',
    summary: 'Goes to a chain of the same genesis, or takes the accounts of any other state over; answers true.',
    params: { state },
    run: async ({ chain }, { state }) => {
      await chain.loadState(state)
      return true
    },
  }),
]

function nodeInfo(chain: Chain) {
  const { block, hash } = chain.head()
  const fork = chain.forkedFrom()
  const baseFee = hexQuantity(block.header.baseFeePerGas ?? 0n)
  return {
    currentBlockNumber: hexQuantity(block.header.number),
    currentBlockTimestamp: Number(block.header.timestamp),
    currentBlockHash: hash,
    hardFork: chain.config.hardfork,
    transactionOrder: 'fifo',
    environment: { baseFee, chainId: chain.config.chainId, gasLimit: hexQuantity(block.header.gasLimit), gasPrice: baseFee },
    forkConfig: {
      forkUrl: fork?.url ?? null,
      forkBlockNumber: fork === undefined ? null : Number(fork.block.number),
      forkRetryBackoff: null,
    },
  }
}
