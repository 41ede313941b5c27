/**
 * The ethereumjs `Common`s of a chain, one for each of its hardforks. The fork of a `Common` never changes, so that all blocks, transactions
 * and machines of a fork share one: copying it and merging the same parameters again for each would cost more than executing a transfer.
 */

import { type BlockHeader, paramsBlock } from '@ethereumjs/block'
import { Common, type HardforksDict, type HardforkTransitionConfig, Mainnet, type ParamsDict } from '@ethereumjs/common'
import { paramsEVM } from '@ethereumjs/evm'
import { paramsTx } from '@ethereumjs/tx'
import { paramsVM } from '@ethereumjs/vm'
import type { ChainConfig } from '../config.ts'
import { chainCrypto } from './crypto.ts'
import { type HardforkName, hardforkNames, isAtLeast, type ScheduledFork } from './hardforks.ts'

/** What of a header decides its fork. */
export type BlockPosition = Pick<BlockHeader, 'number' | 'timestamp' | 'difficulty'>

export interface Forks {
  /** The rules of a block. Where the merge is given as a total difficulty, a block after genesis without difficulty is behind it. */
  at(block: BlockPosition): Common
  /**
   * The rules of a block that the node makes on top of another. It does no proof of work: where a chain still waits for its total
   * difficulty, that block is the merge.
   */
  after(parent: BlockPosition, timestamp: bigint): Common
  /** The forks in order, with their first block or time; those of the genesis block have neither. */
  readonly schedule: readonly ScheduledFork[]
  common(name: HardforkName): Common
}

export function createForks(config: ChainConfig): Forks {
  const schedule = scheduleOf(config)
  const commons = new Map<HardforkName, Common>()
  const common = (name: HardforkName): Common => {
    const known = commons.get(name)
    if (known !== undefined) return known
    const created = createChainCommon(config, name)
    commons.set(name, created)
    return created
  }
  const at = (position: BlockPosition): Common => {
    let index = schedule.length - 1
    while (index > 0 && !hasBegun(schedule[index]!, position)) index--
    return common(schedule[index]!.name)
  }
  return { schedule, common, at, after: (parent, timestamp) => at({ number: parent.number + 1n, timestamp, difficulty: 0n }) }
}

function hasBegun({ block, timestamp, totalDifficulty }: ScheduledFork, position: BlockPosition): boolean {
  if (totalDifficulty !== undefined) return position.number > 0n && position.difficulty === 0n
  if (block !== undefined) return position.number >= block
  return timestamp === undefined || position.timestamp >= timestamp
}

function scheduleOf({ hardfork, forks }: ChainConfig): ScheduledFork[] {
  const first = hardforkNames.slice(0, hardforkNames.indexOf(hardfork) + 1)
  return [...first.map((name) => ({ name })), ...forks]
}

/**
 * The parameters that ethereumjs merges into each object that it creates, merged once. `maxTransactionGasLimit` (EIP-7825) is lifted: calls
 * may exceed it, and under the rules of Infernode transactions too; where it holds, `checkGasLimit` says so.
 */
export function createChainCommon(config: ChainConfig, hardfork: HardforkName = config.hardfork): Common {
  const hardforks = scheduleOf(config).map(({ name, block, timestamp }): HardforkTransitionConfig => {
    if (timestamp !== undefined) return { name, block: null, timestamp: Number(timestamp) }
    if (isAtLeast(name, 'shanghai')) return { name, block: null, timestamp: 0 }
    return { name, block: block === undefined ? 0 : Number(block) }
  })
  const common = new Common({
    chain: {
      ...Mainnet,
      name: 'infernode',
      chainId: config.chainId,
      defaultHardfork: hardfork,
      consensus: { type: 'pow', algorithm: 'ethash', ethash: {} },
      hardforks,
      customHardforks: blobForks(config),
      bootstrapNodes: [],
      dnsNetworks: [],
    },
    hardfork,
    customCrypto: chainCrypto,
  })
  for (const params of [paramsBlock, paramsEVM, paramsVM, paramsTx]) common.updateParams(params)
  common.updateParams({ '7825': { maxTransactionGasLimit: Number.MAX_SAFE_INTEGER }, ...blobParameters(config) })
  common.copy = () => common
  common.updateParams = () => {}
  return common
}

const BLOB_GAS = 131_072

/** From `bpo1` on the library counts blobs, and takes the numbers from the fork itself. */
function blobForks({ blobSchedule }: ChainConfig): HardforksDict {
  const own = Object.entries(blobSchedule).filter(([fork]) => countsBlobs(fork))
  return Object.fromEntries(
    own.map(([fork, { target, max, baseFeeUpdateFraction }]) => [
      fork,
      { eips: [], params: { target, max, blobGasPriceUpdateFraction: baseFeeUpdateFraction } },
    ]),
  )
}

/** Before it the library counts blob gas. */
function blobParameters({ blobSchedule }: ChainConfig): ParamsDict {
  const own = Object.entries(blobSchedule).filter(([fork]) => !countsBlobs(fork))
  return Object.fromEntries(
    own.map(([fork, { target, max, baseFeeUpdateFraction }]) => [
      fork,
      { targetBlobGasPerBlock: target * BLOB_GAS, maxBlobGasPerBlock: max * BLOB_GAS, blobGasPriceUpdateFraction: baseFeeUpdateFraction },
    ]),
  )
}

const countsBlobs = (fork: string): boolean => fork.startsWith('bpo')
