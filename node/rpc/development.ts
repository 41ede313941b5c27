/**
 * What Anvil and Hardhat offer beyond Ethereum, for tests and scripts: the clock, mining, snapshots, and state set by hand.
 * `anvil_*` and `hardhat_*` are the same methods under both names. Where the two differ, this node does as Anvil: intervals are in seconds.
 */
import { z } from 'zod'
import type { Chain } from '../chain/types.ts'
import { quantity as hexQuantity } from './hex.ts'
import { defineMethod, type Method } from './method.ts'
import { address, bytes, flag, hash, numberLike, optional, quantity, slot, word } from './params.ts'

/** More in one request would block the node for minutes. */
const MAX_BLOCKS = 100_000n

const blockCount = numberLike.refine((count) => count <= MAX_BLOCKS, { message: `wanted at most ${MAX_BLOCKS} blocks` })
const intervalSeconds = z.union([z.number().min(0).max(86_400), numberLike.transform(Number)], 'wanted a number of seconds')

async function mine(chain: Chain, blocks: bigint, timestamp: bigint | undefined, interval: bigint | undefined): Promise<void> {
  await chain.mine(Number(blocks), {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(interval === undefined ? {} : { interval }),
  })
}

const mineOptions = z.union(
  [
    z.object({ timestamp: optional(numberLike), blocks: optional(blockCount) }),
    numberLike.transform((timestamp) => ({ timestamp, blocks: undefined })),
  ],
  'wanted a timestamp in seconds, or { timestamp, blocks }',
)

export const evmMethods = [
  defineMethod({
    name: 'evm_mine',
    summary: 'Mines a block, at a timestamp if one is given, or as many as `blocks` says.',
    params: { options: optional(mineOptions) },
    run: async ({ chain }, { options }) => {
      await mine(chain, options?.blocks ?? 1n, options?.timestamp, undefined)
      return '0x0'
    },
  }),
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
]

/** `done` is what a method without a result answers: null in Anvil, true in Hardhat. */
function controlMethods(prefix: 'anvil' | 'hardhat', done: null | true): Method[] {
  const finished = async (work: void | Promise<void>) => {
    await work
    return done
  }
  return [
    defineMethod({
      name: `${prefix}_mine`,
      summary: 'Mines blocks, `interval` seconds apart.',
      params: { blocks: optional(blockCount), interval: optional(numberLike) },
      run: ({ chain }, { blocks, interval }) => finished(mine(chain, blocks ?? 1n, undefined, interval)),
    }),
    defineMethod({
      name: `${prefix}_setBalance`,
      summary: 'Sets a balance in wei.',
      params: { address, balance: numberLike },
      run: ({ chain }, { address, balance }) => finished(chain.setBalance(address, balance)),
    }),
    defineMethod({
      name: `${prefix}_setCode`,
      summary: 'Sets the code at an address.',
      params: { address, code: bytes },
      run: ({ chain }, { address, code }) => finished(chain.setCode(address, code)),
    }),
    defineMethod({
      name: `${prefix}_setNonce`,
      summary: 'Sets a nonce.',
      params: { address, nonce: numberLike },
      run: ({ chain }, { address, nonce }) => finished(chain.setNonce(address, nonce)),
    }),
    defineMethod({
      name: `${prefix}_setStorageAt`,
      summary: 'Sets a storage slot.',
      params: { address, slot, value: word },
      run: ({ chain }, { address, slot, value }) => finished(chain.setStorageAt(address, slot, value)),
    }),
    defineMethod({
      name: `${prefix}_impersonateAccount`,
      summary: 'Lets eth_sendTransaction send from an address without its key.',
      params: { address },
      run: ({ chain }, { address }) => finished(chain.impersonate(address)),
    }),
    defineMethod({
      name: `${prefix}_stopImpersonatingAccount`,
      summary: 'Ends an impersonation.',
      params: { address },
      run: ({ chain }, { address }) => finished(chain.stopImpersonating(address)),
    }),
    defineMethod({
      name: `${prefix}_getAutomine`,
      summary: 'Whether each transaction is mined as soon as it arrives.',
      params: {},
      run: ({ chain }) => chain.automine(),
    }),
    defineMethod({
      name: `${prefix}_dropTransaction`,
      summary: 'Takes a waiting transaction out; answers whether it was there.',
      params: { transactionHash: hash },
      run: ({ chain }, { transactionHash }) => chain.dropTransaction(transactionHash),
    }),
  ]
}

export const hardhatMethods = controlMethods('hardhat', true)
export const anvilMethods = [
  ...controlMethods('anvil', null),
  defineMethod({
    name: 'anvil_nodeInfo',
    summary: 'Head, hardfork and environment. Hardhat and cast ask for it to learn that the methods of Anvil are here.',
    params: {},
    run: ({ chain }) => nodeInfo(chain),
  }),
]

function nodeInfo(chain: Chain) {
  const { block, hash } = chain.head()
  const baseFee = hexQuantity(block.header.baseFeePerGas ?? 0n)
  return {
    currentBlockNumber: hexQuantity(block.header.number),
    currentBlockTimestamp: Number(block.header.timestamp),
    currentBlockHash: hash,
    hardFork: chain.config.hardfork,
    transactionOrder: 'fifo',
    environment: { baseFee, chainId: chain.config.chainId, gasLimit: hexQuantity(block.header.gasLimit), gasPrice: baseFee },
    forkConfig: { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null },
  }
}
