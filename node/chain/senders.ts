/**
 * Decodes raw transactions and recovers their senders, which takes longer than anything else that a transfer needs. One that comes alone is
 * recovered at once; many that come together go to other threads, while this one makes blocks.
 */

import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Common } from '@ethereumjs/common'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bigIntToBytes, calculateSigRecovery, setLengthLeft } from '@ethereumjs/util'
import { REPLY_BYTES, REQUEST_BYTES, type RecoveryMessage } from './recovery.ts'
import { decodeTransaction, recoverSender } from './transactions.ts'
import type { Hex } from './types.ts'

export interface SentTransaction {
  tx: TypedTransaction
  sender: Hex
}

export interface Senders {
  /** @throws NodeError TRANSACTION_MALFORMED, TRANSACTION_TYPE_UNSUPPORTED, CHAIN_ID_MISMATCH */
  open(raw: Uint8Array): Promise<SentTransaction>
  /** Begins with transactions that will be opened soon. */
  foresee(raws: readonly Uint8Array[]): void
  close(): Promise<void>
}

/** Each recovers 5,000 to 20,000 senders a second; more than two would only wait for the thread that makes the blocks. */
const MAX_THREADS = 2
/** Fewer are recovered in less time than it takes to wake a thread and hear of it. */
const MIN_GROUP = 12
const MAX_FORESEEN = 20_000

interface Waiting {
  tx: TypedTransaction
  request: Uint8Array
  resolve: () => void
}

/** @param common the rules of the next block */
export function createSenders(
  common: () => Common,
  threads = Math.min(MAX_THREADS, availableParallelism() - 1),
  minGroup = MIN_GROUP,
): Senders {
  const foreseen = new Map<string, Promise<SentTransaction>>()
  let waiting: Waiting[] = []
  let pool: Recoverer[] | undefined
  let next = 0

  const flush = (): void => {
    const group = waiting
    waiting = []
    // Starting a thread takes longer than recovering a hundred senders: until it is there they are recovered here.
    if (group.length >= minGroup) pool ??= Array.from({ length: threads }, startRecoverer)
    const ready = group.length >= minGroup ? (pool?.filter((recoverer) => recoverer.isReady()) ?? []) : []
    const share = Math.ceil(group.length / Math.max(1, ready.length))
    if (ready.length === 0) for (const { resolve } of group) resolve()
    else for (let at = 0; at < group.length; at += share) ready[next++ % ready.length]!.recover(group.slice(at, at + share))
  }

  const open = async (raw: Uint8Array): Promise<SentTransaction> => {
    const tx = decodeTransaction(raw, common())
    const request = threads > 0 ? recoveryRequest(tx) : undefined
    if (request !== undefined)
      await new Promise<void>((resolve) => {
        // All that is read from the clients in one turn of the event loop goes together.
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ tx, request, resolve })
      })
    return { tx, sender: recoverSender(tx) }
  }

  return {
    open(raw) {
      const name = nameOf(raw)
      const begun = foreseen.get(name)
      foreseen.delete(name)
      return begun ?? open(raw)
    },
    foresee(raws) {
      if (foreseen.size + raws.length > MAX_FORESEEN) foreseen.clear()
      for (const raw of raws) {
        const opened = open(raw)
        // Who opens it handles the rejection.
        opened.catch(() => {})
        foreseen.set(nameOf(raw), opened)
      }
    },
    async close() {
      await Promise.all((pool ?? []).map((recoverer) => recoverer.close()))
    },
  }
}

interface Recoverer {
  isReady(): boolean
  recover(group: Waiting[]): void
  close(): Promise<unknown>
}

function startRecoverer(): Recoverer {
  // The file has the extension of this one: that of the sources, or of what is published.
  const worker = new Worker(new URL(`./recovery-worker${extname(import.meta.filename)}`, import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
  })
  const groups = new Map<number, Waiting[]>()
  let isReady = false
  let count = 0
  const settle = (id: number): Waiting[] => {
    const group = groups.get(id) ?? []
    groups.delete(id)
    return group
  }
  worker.unref()
  worker.once('online', () => {
    isReady = true
  })
  worker.on('message', ({ id, bytes }: RecoveryMessage) => {
    for (const [index, { tx, resolve }] of settle(id).entries()) {
      const reply = bytes.subarray(index * REPLY_BYTES, (index + 1) * REPLY_BYTES)
      // Without a key the library is asked again, for its own error.
      if (reply[0] === 1) tx.cache.senderPubKey = reply.slice(1)
      resolve()
    }
  })
  const giveUp = () => {
    isReady = false
    for (const id of [...groups.keys()]) for (const { resolve } of settle(id)) resolve()
  }
  worker.on('error', giveUp)
  worker.on('exit', giveUp)
  return {
    isReady: () => isReady,
    recover(group) {
      const bytes = new Uint8Array(group.length * REQUEST_BYTES)
      for (const [index, { request }] of group.entries()) bytes.set(request, index * REQUEST_BYTES)
      const id = count++
      groups.set(id, group)
      worker.postMessage({ id, bytes } satisfies RecoveryMessage, [bytes.buffer])
    },
    close: () => worker.terminate(),
  }
}

/** Undefined for a signature that the library refuses, or whose transaction does not keep a key. */
function recoveryRequest(tx: TypedTransaction): Uint8Array | undefined {
  const { v, r, s, common } = tx
  if (!Object.isFrozen(tx) || r! >= 2n ** 256n || s! > HALF_CURVE_ORDER) return undefined
  const recovery = 'chainId' in tx ? v! : calculateSigRecovery(v!, v! >= 35n ? common.chainId() : undefined)
  if (recovery !== 0n && recovery !== 1n) return undefined
  const request = new Uint8Array(REQUEST_BYTES)
  request.set(tx.getMessageToVerifySignature(), 0)
  request.set(setLengthLeft(bigIntToBytes(r!), 32), 32)
  request.set(setLengthLeft(bigIntToBytes(s!), 32), 64)
  request[96] = Number(recovery)
  return request
}

/** Half the order of secp256k1's group (SEC 2, 2.4.1): EIP-2 refuses signatures above it. */
const HALF_CURVE_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

const nameOf = (raw: Uint8Array): string => Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
