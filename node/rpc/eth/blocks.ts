/** eth_*: blocks, their transactions and receipts. Unknown ones are null, as execution-apis want it. */
import type { BlockTag, StoredBlock } from '../../chain/types.ts'
import type { RpcContext } from '../context.ts'
import { blockJson, headerJson, minedTransactionJson, receiptJson, uncleJson } from '../format.ts'
import { quantity as hexQuantity } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { block, flag, hash, optional, quantity } from '../params.ts'

/** `read` of the block, or null where there is none. */
async function ofBlock<T>({ chain }: RpcContext, tag: BlockTag, read: (block: StoredBlock) => T): Promise<T | null> {
  const stored = await chain.block(tag)
  return stored ? read(stored) : null
}

const transactionCount = (stored: StoredBlock) => hexQuantity(stored.receipts.length)
const uncleCount = ({ block }: StoredBlock) => hexQuantity(block.uncleHeaders.length)
const uncleAt = (index: bigint) => (stored: StoredBlock) => {
  const uncle = stored.block.uncleHeaders[Number(index)]
  return uncle === undefined ? null : uncleJson(uncle)
}
const transactionAt = (index: bigint) => (stored: StoredBlock) =>
  index < BigInt(stored.receipts.length) ? minedTransactionJson(stored, Number(index)) : null
const detail = (full: boolean | undefined) => (full ? 'full' : 'hashes')

export const blockMethods = [
  defineMethod({
    name: 'eth_getBlockByNumber',
    summary: 'A block with the hashes of its transactions, or with all of them.',
    params: { block, fullTransactions: optional(flag) },
    run: (context, { block, fullTransactions }) => ofBlock(context, block, (stored) => blockJson(stored, detail(fullTransactions))),
  }),
  defineMethod({
    name: 'eth_getBlockByHash',
    summary: 'A block with the hashes of its transactions, or with all of them.',
    params: { blockHash: hash, fullTransactions: optional(flag) },
    run: (context, { blockHash, fullTransactions }) =>
      ofBlock(context, { blockHash }, (stored) => blockJson(stored, detail(fullTransactions))),
  }),
  defineMethod({
    name: 'eth_getHeaderByNumber',
    summary: 'The header of a block, or null.',
    params: { block },
    run: (context, { block }) => ofBlock(context, block, (stored) => headerJson(stored.block.header, stored.hash)),
  }),
  defineMethod({
    name: 'eth_getHeaderByHash',
    summary: 'The header of a block, or null.',
    params: { blockHash: hash },
    run: (context, { blockHash }) => ofBlock(context, { blockHash }, (stored) => headerJson(stored.block.header, stored.hash)),
  }),
  defineMethod({
    name: 'eth_getBlockReceipts',
    summary: 'The receipts of all transactions of a block.',
    params: { block },
    run: (context, { block }) => ofBlock(context, block, (stored) => stored.receipts.map(receiptJson)),
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByNumber',
    summary: 'How many transactions a block holds.',
    params: { block },
    run: (context, { block }) => ofBlock(context, block, transactionCount),
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByHash',
    summary: 'How many transactions a block holds.',
    params: { blockHash: hash },
    run: (context, { blockHash }) => ofBlock(context, { blockHash }, transactionCount),
  }),
  defineMethod({
    name: 'eth_getUncleCountByBlockNumber',
    summary: 'How many uncles a block has: none after the merge.',
    params: { block },
    run: (context, { block }) => ofBlock(context, block, uncleCount),
  }),
  defineMethod({
    name: 'eth_getUncleCountByBlockHash',
    summary: 'How many uncles a block has: none after the merge.',
    params: { blockHash: hash },
    run: (context, { blockHash }) => ofBlock(context, { blockHash }, uncleCount),
  }),
  defineMethod({
    name: 'eth_getUncleByBlockNumberAndIndex',
    summary: 'The header of an uncle, or null.',
    params: { block, index: quantity },
    run: (context, { block, index }) => ofBlock(context, block, uncleAt(index)),
  }),
  defineMethod({
    name: 'eth_getUncleByBlockHashAndIndex',
    summary: 'The header of an uncle, or null.',
    params: { blockHash: hash, index: quantity },
    run: (context, { blockHash, index }) => ofBlock(context, { blockHash }, uncleAt(index)),
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockNumberAndIndex',
    summary: 'A transaction by its place.',
    params: { block, index: quantity },
    run: (context, { block, index }) => ofBlock(context, block, transactionAt(index)),
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockHashAndIndex',
    summary: 'A transaction by its place.',
    params: { blockHash: hash, index: quantity },
    run: (context, { blockHash, index }) => ofBlock(context, { blockHash }, transactionAt(index)),
  }),
]
