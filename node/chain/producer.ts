/**
 * Makes blocks, one at a time: executes, writes everything in one durable batch, and only then moves the head and answers. Nothing outside
 * sees a block that a crash could take away.
 */

import type { Block } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { bytesToHex, equalsBytes, hexToBytes } from '@ethereumjs/util'
import { systemAddress } from '../../precompiles/index.ts'
import { NodeError } from '../errors.ts'
import { keys } from '../state/keys.ts'
import { createMachine, type Machine } from '../state/machine.ts'
import { nameWrites } from '../state/names.ts'
import type { StoreWrite } from '../state/store.ts'
import type { SealedState } from '../state/views.ts'
import { BlockBuildFault, type BlockPlan, type BuiltBlock, buildBlock, verifyBlock } from './build.ts'
import type { Clock } from './clock.ts'
import { type Core, leastFee, nextCommon, nextTimestamp, requireProducer } from './core.ts'
import { senderAt } from './execute.ts'
import { createMutex } from './mutex.ts'
import { recoverSender, senderInBlock, systemTransaction, transactionHash } from './transactions.ts'
import type { Hex, MineOptions, PendingTransaction, StoredBlock, SystemCall } from './types.ts'

export interface Producer {
  /** Resolves once the transaction's block is durable; rejects when it is dropped. Call after it is in the mempool. */
  included(hash: Hex): Promise<void>
  /** Mines what is executable, one block per transaction, if automine is on. */
  kick(): void
  mine(count: number, options: MineOptions): Promise<void>
  /** Mines a block for the system's work, if automine is on. */
  doSystemWork(): Promise<void>
  automine(): boolean
  setAutomine(on: boolean): void
  setIntervalMining(intervalMs: number): void
  /** 0: none. */
  intervalMining(): number
  drop(hash: Hex): Promise<boolean>
  dropAll(sender?: Hex): Promise<void>
  /**
   * Executes blocks that somebody else made, and appends them.
   * @throws NodeError BLOCK_INVALID for the first that does not follow the head, or does not come out as it says; NODE_FAULT where this node cannot execute one. Those
   * before it stay
   */
  append(blocks: Iterable<Block> | AsyncIterable<Block>): Promise<void>
  /** Development: changes the state on top of the head, durably and without a block. */
  alter(change: (machine: Machine) => Promise<void>): Promise<void>
  snapshot(): Promise<Hex>
  revertTo(id: Hex): Promise<boolean>
  /** Development: takes the last blocks away. */
  rollback(blocks: number): Promise<void>
  /** Development: back to the genesis block, as if the chain had just begun; what `restore` writes is the chain from then on. */
  reset(restore?: StoreWrite[]): Promise<void>
  close(): Promise<void>
}

interface SystemTransaction extends PendingTransaction {
  call: SystemCall
}

interface Snapshot {
  id: bigint
  head: StoredBlock
  headRoot: Uint8Array
  clock: ReturnType<Clock['save']>
}

export async function createProducer(core: Core, clock: Clock): Promise<Producer> {
  const { config, forks, store, nodes, archive, context, mempool, events, mining, artifacts, system } = core
  const mutex = createMutex()
  const waiting = new Map<Hex, { resolve: () => void; reject: (error: unknown) => void }>()
  let machine = await createMachine(context, nextCommon(core, clock), core.headRoot)
  let automine = config.blockTime === 0 && !config.noMining && config.follow === undefined
  let timer: NodeJS.Timeout | undefined
  let interval = 0
  let draining = false
  let closed = false
  let snapshots: Snapshot[] = []
  let snapshotCount = 0n

  const settle = (hash: Hex, error?: unknown): void => {
    const waiter = waiting.get(hash)
    waiting.delete(hash)
    if (error === undefined) waiter?.resolve()
    else waiter?.reject(error)
  }
  const discard = (hash: Hex, error: unknown): void => {
    mempool.remove(hash)
    settle(hash, error)
  }
  const resetMachine = async (): Promise<void> => {
    // A new one: a failed transaction can leave checkpoints behind in the old.
    machine = await createMachine(context, nextCommon(core, clock), core.headRoot)
  }

  /** The block is durable, whatever a listener makes of it. */
  const announce = (stored: StoredBlock): void => {
    try {
      events.emit('block', stored)
    } catch (error) {
      events.emit('fault', error)
    }
  }

  /** What the system has to do, as transactions. */
  const systemTransactions = (common: Common): SystemTransaction[] => {
    const calls = system.calls()
    if (calls.length === 0) return []
    const { nonce } = senderAt(context.states.at(core.headRoot), systemAddress)
    return calls.map((call, index) => {
      const tx = systemTransaction(call, nonce + BigInt(index), common)
      return { hash: transactionHash(tx), sender: systemAddress, tx, call }
    })
  }

  /** Builds on the machine; takes out transactions that make it fail, and those of the system that do not succeed. */
  const build = async (plan: BlockPlan, begin: SystemTransaction[], candidates: PendingTransaction[]): Promise<BuiltBlock> => {
    try {
      if (machine.common !== plan.common) machine = await createMachine(context, plan.common, core.headRoot)
      const built = await buildBlock(machine, plan, [...begin, ...candidates])
      const failed = built.stored.receipts.findIndex(({ from, status }) => from === systemAddress && status === 0)
      if (failed < 0) return built
      await resetMachine()
      system.refuse(begin[failed]!.call)
      // Those behind it have the wrong nonce now, and come with the next block.
      return build(plan, begin.slice(0, failed), candidates)
    } catch (error) {
      await resetMachine()
      if (!(error instanceof BlockBuildFault)) throw error
      const hash = transactionHash(error.candidate.tx)
      const failed = begin.findIndex((own) => own.hash === hash)
      if (failed >= 0) {
        events.emit('fault', error)
        system.refuse(begin[failed]!.call)
        return build(plan, begin.slice(0, failed), candidates)
      }
      discard(hash, new NodeError('NODE_FAULT', error.message, { cause: error }))
      return build(
        plan,
        begin,
        candidates.filter((candidate) => candidate.hash !== hash),
      )
    }
  }

  /** Mines a block of these transactions, and none if they are all refused. */
  const seal = async (candidates: PendingTransaction[], timestamp?: bigint): Promise<void> => {
    requireProducer(config)
    const parent = core.head.block
    const time = timestamp ?? nextTimestamp(core, clock)
    const plan = {
      config,
      common: forks.after(parent.header, time),
      parent,
      timestamp: time,
      coinbase: mining.coinbase,
      gasLimit: mining.gasLimit,
      prevRandao: mining.prevRandao === undefined ? undefined : hexToBytes(mining.prevRandao),
    }
    const begin = systemTransactions(plan.common)
    const { stored, sealed, refused } = await build(plan, begin, candidates)
    for (const { candidate, error } of refused) {
      // A gap before it may still be filled, and the base fee may fall.
      if (error.code !== 'NONCE_TOO_HIGH' && error.code !== 'BASE_FEE_TOO_LOW') discard(transactionHash(candidate.tx), error)
    }
    if (stored.receipts.length === 0 && begin.length + candidates.length > 0) return resetMachine()
    await commit(stored, sealed, plan.prevRandao)
    clock.mined(plan.timestamp)
    mining.prevRandao = undefined
    announce(stored)
    for (const { transactionHash: hash } of stored.receipts) settle(hash)
  }

  /** Makes a block durable and the head. */
  const commit = async (stored: StoredBlock, sealed: SealedState, prevRandao: Uint8Array | undefined): Promise<void> => {
    try {
      const stateWrites = [...nodes.writes(sealed.nodes), ...nameWrites(sealed.changes)]
      await store.write([...stateWrites, ...artifacts.writes(stored), ...archive.appendWrites(stored, prevRandao)])
    } catch (error) {
      await resetMachine()
      throw error
    }
    artifacts.wrote(stored)
    machine.state.rebase(context.states.adopt(sealed))
    archive.remember(stored)
    core.head = stored
    core.headRoot = stored.block.header.stateRoot
    const mined = new Set(stored.receipts.map(({ transactionHash }) => transactionHash))
    const nonces = new Map(stored.senders.map((sender, index) => [sender, stored.block.transactions[index]!.nonce + 1n]))
    for (const [sender, nonce] of nonces)
      for (const gone of mempool.setStateNonce(sender, nonce)) if (!mined.has(gone.hash)) settle(gone.hash, staleNonce(gone, nonce))
  }

  /** Executes a block that somebody else made, and makes it the head. */
  const append = async (block: Block): Promise<void> => {
    const parent = core.head.block
    const hash = bytesToHex(block.hash())
    if (!equalsBytes(block.header.parentHash, parent.hash()))
      throw new NodeError('BLOCK_INVALID', `block ${block.header.number} (${hash}) does not follow the head, block ${parent.header.number}`)
    const senders = block.transactions.map(config.rules === 'infernode' ? senderInBlock : recoverSender)
    machine = await createMachine(context, block.common, core.headRoot)
    try {
      const { stored, sealed } = await verifyBlock(machine, config, { block, senders, hash }, parent, block.header.mixHash)
      await commit(stored, sealed, block.header.mixHash)
    } catch (error) {
      await resetMachine()
      throw error instanceof BlockBuildFault ? new NodeError('NODE_FAULT', error.message, { cause: error }) : error
    }
    announce(core.head)
  }

  const drain = async (): Promise<void> => {
    draining = false
    while (automine && !closed) {
      const next = mempool.first(leastFee(core, clock))
      if (next === undefined) return
      try {
        await seal([next])
      } catch (error) {
        settle(next.hash, error)
        mempool.remove(next.hash)
      }
    }
  }
  const kick = (): void => {
    if (!automine || draining || closed) return
    draining = true
    void mutex.run(drain)
  }

  const startInterval = (intervalMs: number): void => {
    interval = intervalMs
    const start = performance.now()
    const schedule = (): void => {
      // Ticks are multiples of the interval from the start, so that delays do not add up; late ones are skipped.
      const tick = Math.floor((performance.now() - start) / intervalMs) + 1
      timer = setTimeout(fire, start + tick * intervalMs - performance.now())
    }
    const fire = (): void => {
      const mined = mutex.run(() => seal(mempool.executable()))
      const own = timer
      mined.catch((error) => events.emit('fault', error)).finally(() => timer === own && !closed && schedule())
    }
    schedule()
  }
  const stopInterval = (): void => {
    clearTimeout(timer)
    timer = undefined
    interval = 0
  }

  /** After the head's state has changed other than by a block. */
  const refreshMempool = (): void => {
    for (const sender of mempool.senders()) {
      const nonce = context.states.at(core.headRoot).account(sender.slice(2))?.nonce ?? 0n
      for (const stale of mempool.setStateNonce(sender, nonce)) settle(stale.hash, staleNonce(stale, nonce))
    }
  }

  /** Takes the blocks above the target off the chain, and writes what takes their place. */
  const rewind = async (target: { head: StoredBlock; headRoot: Uint8Array }, restore: StoreWrite[] = []): Promise<void> => {
    const removed: StoredBlock[] = []
    for (let block = core.head; block.hash !== target.head.hash; ) {
      removed.push(block)
      block = archive.byNumber(block.block.header.number - 1n)!
    }
    const { number, stateRoot } = target.head.block.header
    const altered = !equalsBytes(target.headRoot, stateRoot)
    const override: StoreWrite = { key: keys.stateOverride(number), value: altered ? target.headRoot : undefined }
    await store.write([...archive.rewindWrites(removed, target.head), override, ...restore])
    archive.forget(removed)
    core.head = archive.byHash(bytesToHex(store.get(keys.meta('head'))!))!
    core.headRoot = archive.stateRootAfter(core.head)
    await resetMachine()
    refreshMempool()
    if (removed.length > 0) events.emit('removed', removed)
  }

  if (config.blockTime > 0 && config.follow === undefined) startInterval(config.blockTime * 1000)

  return {
    kick,
    automine: () => automine,
    included: (hash) =>
      new Promise((resolve, reject) => {
        if (closed) reject(closedError())
        else waiting.set(hash, { resolve, reject })
      }),
    mine: (count, { timestamp, interval = 0n }) =>
      mutex.run(async () => {
        if (timestamp !== undefined) clock.setNext(timestamp, core.head.block.header.timestamp)
        for (let index = 0; index < count; index++) {
          const previous = core.head.block.header.timestamp
          await seal(mempool.executable(), index > 0 && interval > 0n ? previous + interval : undefined)
        }
      }),
    doSystemWork: () =>
      mutex.run(async () => {
        if (automine && !closed && system.calls().length > 0) await seal([])
      }),
    setAutomine(on) {
      automine = on
      if (on) stopInterval()
      kick()
    },
    setIntervalMining(intervalMs) {
      stopInterval()
      automine = false
      if (intervalMs > 0) startInterval(intervalMs)
    },
    intervalMining: () => interval,
    drop: (hash) =>
      mutex.run(async () => {
        const known = mempool.remove(hash) !== undefined
        settle(hash, droppedError(hash))
        return known
      }),
    dropAll: (sender) =>
      mutex.run(async () => {
        const { pending, queued } = mempool.content()
        for (const waiting of [...pending, ...queued])
          if (sender === undefined || waiting.sender === sender) discard(waiting.hash, droppedError(waiting.hash))
      }),
    append: (blocks) =>
      mutex.run(async () => {
        for await (const block of blocks) await append(block)
      }),
    async alter(change) {
      requireProducer(config)
      await mutex.run(async () => {
        try {
          await change(machine)
          const sealed = machine.state.seal()
          const override = { key: keys.stateOverride(core.head.block.header.number), value: sealed.root }
          await store.write([...nodes.writes(sealed.nodes), ...nameWrites(sealed.changes), override])
          machine.state.rebase(context.states.adopt(sealed))
          core.headRoot = sealed.root
        } catch (error) {
          await resetMachine()
          throw error
        }
        refreshMempool()
      })
      kick()
    },
    snapshot: () =>
      mutex.run(async (): Promise<Hex> => {
        snapshotCount++
        snapshots.push({ id: snapshotCount, head: core.head, headRoot: core.headRoot, clock: clock.save() })
        return `0x${snapshotCount.toString(16)}`
      }),
    revertTo: (id) =>
      mutex.run(async () => {
        const target = snapshots.find((snapshot) => snapshot.id === BigInt(id))
        if (target === undefined) return false
        snapshots = snapshots.filter((snapshot) => snapshot.id < target.id)
        await rewind(target)
        clock.restore(target.clock)
        return true
      }),
    rollback: (blocks) =>
      mutex.run(async () => {
        const head = archive.byNumber(core.head.block.header.number - BigInt(blocks))
        if (head === undefined)
          throw new NodeError('BLOCK_NOT_FOUND', `cannot take ${blocks} blocks away: the head is ${core.head.block.header.number}`)
        snapshots = snapshots.filter((snapshot) => snapshot.head.block.header.number <= head.block.header.number)
        await rewind({ head, headRoot: archive.stateRootAfter(head) })
      }),
    reset: (restore) =>
      mutex.run(async () => {
        snapshots = []
        for (const { hash } of Object.values(mempool.content()).flat()) discard(hash, droppedError(hash))
        const genesis = archive.byNumber(core.firstBlock)!
        await rewind({ head: genesis, headRoot: core.firstRoot }, restore)
        clock.restore({ shift: 0n, next: undefined })
        clock.setInterval(undefined)
      }),
    async close() {
      closed = true
      stopInterval()
      await mutex.run(async () => {})
      for (const hash of [...waiting.keys()]) settle(hash, closedError())
    },
  }
}

const droppedError = (hash: Hex) => new NodeError('NODE_FAULT', `transaction ${hash} was dropped`)
const closedError = () => new NodeError('CHAIN_CLOSED', 'the chain is closed')

function staleNonce({ tx, sender }: PendingTransaction, stateNonce: bigint): NodeError {
  return new NodeError('NONCE_TOO_LOW', `nonce too low: next nonce ${stateNonce}, tx nonce ${tx.nonce} (address ${sender})`)
}
