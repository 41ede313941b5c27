/** debug_*: traces as geth gives them, and raw chain data. */
import { RLP } from '@ethereumjs/rlp'
import type { TransactionType } from '@ethereumjs/tx'
import { hexToBytes } from '@ethereumjs/util'
import { encodeReceipt } from '@ethereumjs/vm'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { z } from 'zod'
import type { Tracer } from '../chain/tracers/subject.ts'
import type { BlockTag, Hex, StoredBlock, StoredReceipt } from '../chain/types.ts'
import type { RpcContext } from './context.ts'
import { RpcError } from './errors.ts'
import { toHex, toWord } from './hex.ts'
import { defineMethod } from './method.ts'
import { address, block, blockOrLatest, bytes, hash, optional, quantity, transactionRequest } from './params.ts'
import { callTracing, tracing } from './tracing.ts'

/** One answer holds no more slots. */
const MAX_STORAGE_RANGE = 100_000

async function blockAt({ chain }: RpcContext, tag: BlockTag): Promise<StoredBlock> {
  const stored = await chain.block(tag)
  if (!stored) throw new RpcError('server', 'block not found')
  return stored
}

async function traceBlock({ chain }: RpcContext, tag: BlockTag, tracer: Tracer<unknown>) {
  const traces = await chain.traceBlock(tag, tracer)
  return traces.map(({ hash, trace }) => ({ txHash: hash, result: trace }))
}

/** EIP-2718; before Byzantium with the state root instead of the status. */
function rawReceipt({ type, stateRoot, status, cumulativeGasUsed, bloom, logs }: StoredReceipt): Uint8Array {
  const own = logs.map(({ address, topics, data }): [Uint8Array, Uint8Array[], Uint8Array] => [
    hexToBytes(address),
    topics.map((topic) => hexToBytes(topic)),
    data,
  ])
  const outcome = stateRoot === undefined ? { status } : { stateRoot }
  return encodeReceipt({ ...outcome, cumulativeBlockGasUsed: cumulativeGasUsed, bitvector: bloom, logs: own }, type as TransactionType)
}

/** Hash of the block whose RLP this is: that of its first item, the header. */
function hashOfBlock(raw: Uint8Array): Hex {
  try {
    const [header] = RLP.decode(raw) as unknown as [Uint8Array[]]
    return toHex(keccak_256(RLP.encode(header)))
  } catch (error) {
    throw new RpcError('invalidParams', `invalid params: parameter 1 "block": wanted a block in RLP, ${(error as Error).message}`)
  }
}

export const debugMethods = [
  defineMethod({
    name: 'debug_traceTransaction',
    summary: 'A mined transaction, run again on the state that it found: its steps, or what the `tracer` named reports.',
    params: { transactionHash: hash, tracing },
    run: ({ chain }, { transactionHash, tracing }) => chain.traceTransaction(transactionHash, tracing.tracer),
  }),
  defineMethod({
    name: 'debug_traceCall',
    summary: 'The trace of a call. State and block may be overridden.',
    params: { call: transactionRequest, block: blockOrLatest, tracing: callTracing },
    run: ({ chain }, { call, block, tracing: { tracer, stateOverrides, blockOverrides } }) =>
      chain.traceCall(call, block, tracer, {
        ...(stateOverrides ? { state: stateOverrides } : {}),
        ...(blockOverrides ? { block: blockOverrides } : {}),
      }),
  }),
  defineMethod({
    name: 'debug_traceBlockByNumber',
    summary: 'The traces of all transactions of a block.',
    params: { block, tracing },
    run: (context, { block, tracing }) => traceBlock(context, block, tracing.tracer),
  }),
  defineMethod({
    name: 'debug_traceBlockByHash',
    summary: 'The traces of all transactions of a block.',
    params: { blockHash: hash, tracing },
    run: (context, { blockHash, tracing }) => traceBlock(context, { blockHash }, tracing.tracer),
  }),
  defineMethod({
    name: 'debug_traceBlock',
    summary: 'The traces of all transactions of a block of this chain, given in RLP.',
    params: { block: bytes, tracing },
    run: (context, { block, tracing }) => traceBlock(context, { blockHash: hashOfBlock(block) }, tracing.tracer),
  }),
  defineMethod({
    name: 'debug_storageRangeAt',
    summary: 'Slots of a contract by their hashes, from `start` on, as a transaction of the block finds them.',
    params: {
      block,
      transactionIndex: z.number().int().min(0),
      address,
      start: optional(z.union([quantity, bytes.transform((value) => BigInt(`0x0${Buffer.from(value).toString('hex')}`))])),
      limit: optional(z.number().int().min(1).max(MAX_STORAGE_RANGE)),
    },
    run: async ({ chain }, { block, transactionIndex, address, start, limit }) => {
      const { entries, next } = await chain.storageRange(block, transactionIndex, address, toWord(start ?? 0n), limit ?? MAX_STORAGE_RANGE)
      return {
        storage: Object.fromEntries(entries.map(({ hash, slot, value }) => [hash, { key: slot ?? null, value }])),
        nextKey: next ?? null,
      }
    },
  }),
  defineMethod({
    name: 'debug_getRawHeader',
    summary: 'A block’s header in RLP.',
    params: { block },
    run: async (context, { block }) => toHex((await blockAt(context, block)).block.header.serialize()),
  }),
  defineMethod({
    name: 'debug_getRawBlock',
    summary: 'A block in RLP.',
    params: { block },
    run: async (context, { block }) => toHex((await blockAt(context, block)).block.serialize()),
  }),
  defineMethod({
    name: 'debug_getRawReceipts',
    summary: 'The receipts of a block as they stand in its receipts trie: each in RLP, behind its type.',
    params: { block },
    run: async (context, { block }) => (await blockAt(context, block)).receipts.map((receipt) => toHex(rawReceipt(receipt))),
  }),
  defineMethod({
    name: 'debug_getBadBlocks',
    summary: 'Always empty: blocks that are not valid are not kept.',
    params: {},
    run: () => [],
  }),
  defineMethod({
    name: 'debug_getRawTransaction',
    summary: 'A transaction as it was signed, or null.',
    params: { transactionHash: hash },
    run: async ({ chain }, { transactionHash }) => {
      const found = await chain.transaction(transactionHash)
      return found ? toHex(found.tx.serialize()) : null
    },
  }),
]
