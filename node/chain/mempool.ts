/**
 * Transactions waiting for a block: one queue per sender, ordered by nonce. Those that follow on from the sender's state nonce without a gap
 * are pending (executable), the rest are queued. Pending ones are mined in the order in which they arrived.
 */

import type { TypedTransaction } from '@ethereumjs/tx'
import { NodeError } from '../errors.ts'
import { offeredFee } from './fees.ts'
import type { Hex, PendingTransaction, PendingTransactions } from './types.ts'

const MAX_TRANSACTIONS = 100_000
const MAX_BYTES = 256 * 1024 * 1024
/** A replacement must offer this much more, in percent. */
const REPLACEMENT_BUMP_PERCENT = 10n

export interface Mempool {
  readonly size: number
  get(hash: Hex): PendingTransaction | undefined
  senders(): Hex[]
  /** How many transactions of this sender wait. */
  countOf(sender: Hex): number
  /**
   * @param stateNonce the sender's nonce in the head's state, not above the transaction's
   * @returns the transaction that it replaces
   * @throws NodeError ALREADY_KNOWN, REPLACEMENT_UNDERPRICED, MEMPOOL_FULL
   */
  add(transaction: PendingTransaction, stateNonce: bigint): PendingTransaction | undefined
  remove(hash: Hex): PendingTransaction | undefined
  /** Tells the sender's nonce in a new head's state; returns the transactions below it, mined or stale, which are removed. */
  setStateNonce(sender: Hex, stateNonce: bigint): PendingTransaction[]
  /** The transaction that is next of its sender, offers so much per gas, and arrived first. */
  first(leastFee: bigint): PendingTransaction | undefined
  /** All executable transactions in the order of mining. */
  executable(): PendingTransaction[]
  /** The nonce after the sender's last gapless transaction; undefined when nothing of this sender waits. */
  nextNonce(sender: Hex): bigint | undefined
  content(): PendingTransactions
}

interface Entry extends PendingTransaction {
  arrival: number
}

interface Queue {
  stateNonce: bigint
  /** End of the gapless run that starts at the state nonce. */
  nextNonce: bigint
  byNonce: Map<bigint, Entry>
}

export function createMempool(): Mempool {
  const byHash = new Map<Hex, Entry>()
  const queues = new Map<Hex, Queue>()
  let arrivals = 0
  let bytes = 0

  const remove = (hash: Hex): Entry | undefined => {
    const entry = byHash.get(hash)
    if (entry === undefined) return undefined
    const queue = queues.get(entry.sender)!
    queue.byNonce.delete(entry.tx.nonce)
    if (entry.tx.nonce >= queue.stateNonce && entry.tx.nonce < queue.nextNonce) queue.nextNonce = entry.tx.nonce
    if (queue.byNonce.size === 0) queues.delete(entry.sender)
    byHash.delete(hash)
    bytes -= entry.tx.data.length
    return entry
  }
  const executable = () => mergeByArrival(Array.from(queues.values(), gapless))

  return {
    get size() {
      return byHash.size
    },
    get: (hash) => byHash.get(hash),
    senders: () => [...queues.keys()],
    countOf: (sender) => queues.get(sender)?.byNonce.size ?? 0,
    remove,
    executable,
    add({ hash, sender, tx }, stateNonce) {
      if (byHash.has(hash)) throw new NodeError('ALREADY_KNOWN', `already known: ${hash} is waiting to be mined`)
      const replaced = queues.get(sender)?.byNonce.get(tx.nonce)
      if (replaced !== undefined && !outbids(tx, replaced.tx)) {
        const offers = `offers ${offeredFee(tx)} wei per gas, the waiting one ${offeredFee(replaced.tx)}`
        throw new NodeError(
          'REPLACEMENT_UNDERPRICED',
          `replacement transaction underpriced: nonce ${tx.nonce} of ${sender} ${offers}; wanted ${REPLACEMENT_BUMP_PERCENT}% more`,
        )
      }
      if (replaced === undefined && (byHash.size >= MAX_TRANSACTIONS || bytes + tx.data.length > MAX_BYTES))
        throw new NodeError('MEMPOOL_FULL', `txpool is full: ${byHash.size} transactions with ${bytes} bytes of data are waiting`)
      if (replaced !== undefined) remove(replaced.hash)
      // A replacement keeps its place.
      const entry = { hash, sender, tx, arrival: replaced?.arrival ?? arrivals++ }
      const queue = queues.get(sender) ?? { stateNonce, nextNonce: stateNonce, byNonce: new Map() }
      queue.byNonce.set(tx.nonce, entry)
      extendRun(queue)
      queues.set(sender, queue)
      byHash.set(hash, entry)
      bytes += tx.data.length
      return replaced
    },
    setStateNonce(sender, stateNonce) {
      const queue = queues.get(sender)
      if (queue === undefined) return []
      const stale = below(queue, stateNonce)
      // Before they go, or the run would end at the first of them.
      if (stateNonce < queue.stateNonce || queue.nextNonce < stateNonce) queue.nextNonce = stateNonce
      queue.stateNonce = stateNonce
      extendRun(queue)
      for (const { hash } of stale) remove(hash)
      return stale
    },
    first(leastFee) {
      let first: Entry | undefined
      for (const { stateNonce, byNonce } of queues.values()) {
        const entry = byNonce.get(stateNonce)
        if (entry === undefined || offeredFee(entry.tx) < leastFee) continue
        if (first === undefined || entry.arrival < first.arrival) first = entry
      }
      return first
    },
    nextNonce: (sender) => queues.get(sender)?.nextNonce,
    content() {
      const pending = executable()
      const hashes = new Set(pending.map(({ hash }) => hash))
      return { pending, queued: Array.from(byHash.values()).filter(({ hash }) => !hashes.has(hash)) }
    },
  }
}

/** Usually the few that a block has mined out of many. */
function below({ stateNonce, byNonce }: Queue, nonce: bigint): Entry[] {
  if (nonce - stateNonce > byNonce.size) return Array.from(byNonce.values()).filter(({ tx }) => tx.nonce < nonce)
  const found: Entry[] = []
  for (let each = stateNonce; each < nonce; each++) {
    const entry = byNonce.get(each)
    if (entry !== undefined) found.push(entry)
  }
  return found
}

function extendRun(queue: Queue): void {
  while (queue.byNonce.has(queue.nextNonce)) queue.nextNonce++
}

function gapless({ stateNonce, nextNonce, byNonce }: Queue): Entry[] {
  const run: Entry[] = []
  for (let nonce = stateNonce; nonce < nextNonce; nonce++) run.push(byNonce.get(nonce)!)
  return run
}

function outbids(tx: TypedTransaction, waiting: TypedTransaction): boolean {
  const offered = offeredFee(tx)
  const standing = offeredFee(waiting)
  return offered > standing && offered * 100n >= standing * (100n + REPLACEMENT_BUMP_PERCENT)
}

/** Each run is in nonce order; a transaction that arrived before its predecessor waits for it. */
function mergeByArrival(runs: Entry[][]): Entry[] {
  const ranked = runs.flatMap((run) => {
    let rank = -1
    return run.map((entry) => {
      rank = Math.max(rank, entry.arrival)
      return { entry, rank }
    })
  })
  // A stable sort keeps the nonce order within a run.
  ranked.sort((left, right) => left.rank - right.rank)
  return ranked.map(({ entry }) => entry)
}
