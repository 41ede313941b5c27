/** Encodings of blocks and receipts in the database (RLP). What follows from the block itself is not stored with the receipts. */

import { Block, type BlockHeader, createBlockHeaderFromBytesArray } from '@ethereumjs/block'
import { RLP } from '@ethereumjs/rlp'
import { createTxFromBlockBodyData } from '@ethereumjs/tx'
import {
  bigIntToUnpaddedBytes,
  bytesToBigInt,
  bytesToHex,
  createWithdrawalFromBytesArray,
  hexToBytes,
  type WithdrawalBytes,
} from '@ethereumjs/util'
import { NodeError } from '../errors.ts'
import type { Forks } from './common.ts'
import { createdAddress } from './execute.ts'
import { receiptBlobs } from './fees.ts'
import { transactionHash } from './transactions.ts'
import type { Hex, StoredBlock, StoredReceipt } from './types.ts'

type ReceiptFields = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, [Uint8Array, Uint8Array[], Uint8Array][]]

export function encodeBlock(block: Block): Uint8Array {
  return block.serialize()
}

/** Receipt: sender, status (before Byzantium the state root after it), gas used, effective gas price, bloom (empty when there are no logs), logs [address, topics, data]. */
export function encodeReceipts(receipts: StoredReceipt[]): Uint8Array {
  return RLP.encode(
    receipts.map((receipt) => [
      hexToBytes(receipt.from),
      receipt.stateRoot ?? bigIntToUnpaddedBytes(BigInt(receipt.status)),
      bigIntToUnpaddedBytes(receipt.gasUsed),
      bigIntToUnpaddedBytes(receipt.effectiveGasPrice),
      receipt.logs.length === 0 ? new Uint8Array(0) : receipt.bloom,
      receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map((topic) => hexToBytes(topic)), log.data]),
    ]),
  )
}

export function decodeStoredBlock(blockBytes: Uint8Array, receiptBytes: Uint8Array, forks: Forks, freeGas: boolean): StoredBlock {
  const block = decodeBlock(blockBytes, forks)
  const blockHash = bytesToHex(block.hash())
  const { number: blockNumber, timestamp: blockTimestamp } = block.header
  let cumulativeGasUsed = 0n
  let logIndex = 0
  const receipts = (RLP.decode(receiptBytes) as unknown as ReceiptFields[]).map((fields, transactionIndex): StoredReceipt => {
    const [from, status, gasUsed, effectiveGasPrice, bloom, logs] = fields
    const tx = block.transactions[transactionIndex]!
    const sender = bytesToHex(from)
    const blobs = receiptBlobs(tx, block, freeGas)
    const position = { transactionIndex, transactionHash: transactionHash(tx), blockNumber, blockHash, blockTimestamp }
    cumulativeGasUsed += bytesToBigInt(gasUsed)
    return {
      ...position,
      from: sender,
      to: (tx.to?.toString() as Hex | undefined) ?? null,
      type: tx.type,
      status: status.length === 0 ? 0 : 1,
      ...(status.length === 32 ? { stateRoot: status } : {}),
      ...(blobs === undefined ? {} : { blobs }),
      gasUsed: bytesToBigInt(gasUsed),
      cumulativeGasUsed,
      contractAddress: createdAddress(tx, sender),
      effectiveGasPrice: bytesToBigInt(effectiveGasPrice),
      bloom: bloom.length === 0 ? new Uint8Array(256) : bloom,
      logs: logs.map(([address, topics, data]) => ({
        address: bytesToHex(address),
        topics: topics.map((topic) => bytesToHex(topic)),
        data,
        logIndex: logIndex++,
        ...position,
      })),
    }
  })
  return { block, hash: blockHash, receipts, senders: receipts.map(({ from }) => from) }
}

/** @throws NodeError BLOCK_INVALID */
export function decodeForeignBlock(bytes: Uint8Array, forks: Forks): Block {
  try {
    return decodeBlock(bytes, forks)
  } catch (cause) {
    throw new NodeError('BLOCK_INVALID', `the bytes are no block of this chain: ${(cause as Error).message}`, { cause })
  }
}

/**
 * A block of the chain, from its RLP.
 * @throws what the library throws for bytes that are no block
 */
export function decodeBlock(bytes: Uint8Array, forks: Forks): Block {
  const [headerFields, transactions, uncles, withdrawals] = RLP.decode(bytes) as unknown as BlockFields
  const header = decodeHeader(headerFields, forks)
  const { common } = header
  return new Block(
    header,
    transactions.map((transaction) => createTxFromBlockBodyData(transaction, { common })),
    uncles.map((uncle) => decodeHeader(uncle, forks)),
    withdrawals?.map((withdrawal) => createWithdrawalFromBytesArray(withdrawal)),
    { common },
  )
}

type BlockFields = [Uint8Array[], (Uint8Array | Uint8Array[])[], Uint8Array[][], WithdrawalBytes[]?]

/** Where the fields are that decide a header's fork (Yellow Paper, 4.4). */
const DIFFICULTY_FIELD = 7
const NUMBER_FIELD = 8
const TIMESTAMP_FIELD = 11

function decodeHeader(fields: Uint8Array[], forks: Forks): BlockHeader {
  const field = (index: number) => bytesToBigInt(fields[index] ?? new Uint8Array(0))
  const position = { number: field(NUMBER_FIELD), timestamp: field(TIMESTAMP_FIELD), difficulty: field(DIFFICULTY_FIELD) }
  return createBlockHeaderFromBytesArray(fields, { common: forks.at(position) })
}
