/** Encodings of blocks and receipts in the database (RLP). What follows from the block itself is not stored with the receipts. */

import { Block, createBlockHeaderFromBytesArray } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import { createTxFromBlockBodyData } from '@ethereumjs/tx'
import { bigIntToUnpaddedBytes, bytesToBigInt, bytesToHex, hexToBytes } from '@ethereumjs/util'
import { createdAddress } from './execute.ts'
import { transactionHash } from './transactions.ts'
import type { Hex, StoredBlock, StoredReceipt } from './types.ts'

type ReceiptFields = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, [Uint8Array, Uint8Array[], Uint8Array][]]

export function encodeBlock(block: Block): Uint8Array {
  return block.serialize()
}

/** Receipt: sender, status, gas used, effective gas price, bloom (empty when there are no logs), logs [address, topics, data]. */
export function encodeReceipts(receipts: StoredReceipt[]): Uint8Array {
  return RLP.encode(
    receipts.map((receipt) => [
      hexToBytes(receipt.from),
      bigIntToUnpaddedBytes(BigInt(receipt.status)),
      bigIntToUnpaddedBytes(receipt.gasUsed),
      bigIntToUnpaddedBytes(receipt.effectiveGasPrice),
      receipt.logs.length === 0 ? new Uint8Array(0) : receipt.bloom,
      receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map((topic) => hexToBytes(topic)), log.data]),
    ]),
  )
}

export function decodeStoredBlock(blockBytes: Uint8Array, receiptBytes: Uint8Array, common: Common): StoredBlock {
  const block = decodeBlock(blockBytes, common)
  const blockHash = bytesToHex(block.hash())
  const { number: blockNumber, timestamp: blockTimestamp } = block.header
  let cumulativeGasUsed = 0n
  let logIndex = 0
  const receipts = (RLP.decode(receiptBytes) as unknown as ReceiptFields[]).map((fields, transactionIndex): StoredReceipt => {
    const [from, status, gasUsed, effectiveGasPrice, bloom, logs] = fields
    const tx = block.transactions[transactionIndex]!
    const sender = bytesToHex(from)
    const position = { transactionIndex, transactionHash: transactionHash(tx), blockNumber, blockHash, blockTimestamp }
    cumulativeGasUsed += bytesToBigInt(gasUsed)
    return {
      ...position,
      from: sender,
      to: (tx.to?.toString() as Hex | undefined) ?? null,
      type: tx.type,
      status: status.length === 0 ? 0 : 1,
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

function decodeBlock(bytes: Uint8Array, common: Common): Block {
  const [header, transactions] = RLP.decode(bytes) as unknown as [Uint8Array[], (Uint8Array | Uint8Array[])[]]
  return new Block(
    createBlockHeaderFromBytesArray(header, { common }),
    transactions.map((transaction) => createTxFromBlockBodyData(transaction, { common })),
    [],
    [],
    { common },
  )
}
