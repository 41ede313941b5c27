/** What the parts of a chain share. Only the producer moves the head. */

import type { EventEmitter } from 'node:events'
import type { Common } from '@ethereumjs/common'
import { bigIntMax } from '@ethereumjs/util'
import type { NodeConfig } from '../config.ts'
import { NodeError } from '../errors.ts'
import type { Fork } from '../fork/fork.ts'
import type { MachineContext } from '../state/machine.ts'
import type { NodeStore } from '../state/nodes.ts'
import type { Readers } from '../state/readers.ts'
import type { Store } from '../state/store.ts'
import type { StateView } from '../state/views.ts'
import type { ArtifactShelf } from './artifacts.ts'
import type { BlockArchive } from './blocks.ts'
import type { BlockPlan } from './build.ts'
import type { Clock } from './clock.ts'
import type { Forks } from './common.ts'
import { nextBaseFee } from './fees.ts'
import type { Genesis } from './genesis.ts'
import type { Mempool } from './mempool.ts'
import type { BlockTag, ChainEvents, MiningSettings, StoredBlock, SystemWork } from './types.ts'
import type { Wallet } from './wallet.ts'

export const miningSettings = ({ coinbase, blockGasLimit }: NodeConfig): MiningSettings => ({
  coinbase,
  gasLimit: blockGasLimit,
  prevRandao: undefined,
  minGasPrice: 0n,
})

export interface Core {
  readonly config: NodeConfig
  readonly forks: Forks
  readonly store: Store
  readonly nodes: NodeStore
  readonly archive: BlockArchive
  readonly context: MachineContext
  readonly readers: Readers
  readonly mempool: Mempool
  readonly wallet: Wallet
  readonly events: EventEmitter<ChainEvents>
  readonly mining: MiningSettings
  /** Of the genesis block, or of the one that the chain goes on from. */
  firstBlock: bigint
  /** State root there. */
  firstRoot: Uint8Array
  /** Makes that block: anew where another chain is forked, or at another block. */
  makeFirstBlock(): Promise<Genesis>
  readonly fork: Fork | undefined
  readonly artifacts: ArtifactShelf
  readonly system: SystemWork
  head: StoredBlock
  /** State root at the head, development changes on top of it included. */
  headRoot: Uint8Array
}

/** Seconds, of the next block if it is made now. Under the rules of Ethereum no two blocks have the same. */
export function nextTimestamp({ config, head }: Core, clock: Clock): bigint {
  const { timestamp } = head.block.header
  return bigIntMax(clock.peek(timestamp), config.rules === 'ethereum' ? timestamp + 1n : timestamp)
}

/** The rules of the next block, if it is made now. */
export function nextCommon(core: Core, clock: Clock): Common {
  return core.forks.after(core.head.block.header, nextTimestamp(core, clock))
}

/** Wei per gas that a transaction must offer to be in the next block. */
export function leastFee(core: Core, clock: Clock): bigint {
  const { config, head } = core
  return config.freeGas ? 0n : (nextBaseFee(head.block.header, nextCommon(core, clock), config.rules) ?? 0n)
}

/** What the next block would get if it were made now. */
export function nextPlan(core: Core, clock: Clock): BlockPlan {
  const { config, head, mining } = core
  return {
    config,
    common: nextCommon(core, clock),
    parent: head.block,
    timestamp: nextTimestamp(core, clock),
    coinbase: mining.coinbase,
    gasLimit: mining.gasLimit,
  }
}

export function findBlock(core: Core, tag: BlockTag): StoredBlock | undefined {
  if (typeof tag === 'bigint') return tag === core.head.block.header.number ? core.head : core.archive.byNumber(tag)
  if (typeof tag === 'object') return core.archive.byHash(tag.blockHash)
  return tag === 'earliest' ? core.archive.byNumber(core.firstBlock) : core.head
}

/** @throws NodeError BLOCK_NOT_FOUND */
export function requireBlock(core: Core, tag: BlockTag): StoredBlock {
  const block = findBlock(core, tag)
  if (block !== undefined) return block
  const wanted = typeof tag === 'object' ? tag.blockHash : tag
  throw new NodeError('BLOCK_NOT_FOUND', `header not found: no block ${wanted}, the head is ${core.head.block.header.number}`)
}

/** State root that a reader of this block sees. */
export function rootAt(core: Core, block: StoredBlock): Uint8Array {
  return block === core.head ? core.headRoot : core.archive.stateRootAfter(block)
}

/**
 * The state that a reader of this block sees.
 * @throws NodeError BLOCK_NOT_FOUND
 */
export function viewAt(core: Core, tag: BlockTag): StateView {
  return core.context.states.at(rootAt(core, requireBlock(core, tag)))
}

/** @throws NodeError FOLLOWING where another node makes the blocks */
export function requireProducer({ follow }: NodeConfig): void {
  if (follow !== undefined) throw new NodeError('FOLLOWING', `this node follows the chain of ${follow}: send there what is to change it`)
}
