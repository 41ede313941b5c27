/** Blocks, transactions, receipts, logs and call frames as JSON, after execution-apis (schemas: block, transaction, receipt) and geth. */
import { Block, type BlockHeader } from '@ethereumjs/block'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToBigInt } from '@ethereumjs/util'
import type { CallFrame, Hex, StoredBlock, StoredLog, StoredReceipt } from '../chain/types.ts'
import { quantity, toHex } from './hex.ts'

type Json = Record<string, unknown>

const ifPresent = (key: string, value: unknown): Json => (value === undefined || value === null ? {} : { [key]: value })
const optionalQuantity = (key: string, value: bigint | undefined): Json => (value === undefined ? {} : { [key]: quantity(value) })
const optionalBytes = (key: string, value: Uint8Array | undefined): Json => (value === undefined ? {} : { [key]: toHex(value) })

/** The header alone, as `newHeads` sends it. */
export function headerJson(header: BlockHeader, hash: Hex): Json {
  return {
    hash,
    parentHash: toHex(header.parentHash),
    sha3Uncles: toHex(header.uncleHash),
    miner: header.coinbase.toString(),
    stateRoot: toHex(header.stateRoot),
    transactionsRoot: toHex(header.transactionsTrie),
    receiptsRoot: toHex(header.receiptTrie),
    logsBloom: toHex(header.logsBloom),
    difficulty: quantity(header.difficulty),
    number: quantity(header.number),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    extraData: toHex(header.extraData),
    mixHash: toHex(header.mixHash),
    nonce: toHex(header.nonce),
    ...optionalQuantity('baseFeePerGas', header.baseFeePerGas),
    ...optionalBytes('withdrawalsRoot', header.withdrawalsRoot),
    ...optionalQuantity('blobGasUsed', header.blobGasUsed),
    ...optionalQuantity('excessBlobGas', header.excessBlobGas),
    ...optionalBytes('parentBeaconBlockRoot', header.parentBeaconBlockRoot),
    ...optionalBytes('requestsHash', header.requestsHash),
  }
}

export type TransactionDetail = 'hashes' | 'full'

export function blockJson(stored: StoredBlock, detail: TransactionDetail): Json {
  const { block, hash, receipts } = stored
  return {
    ...headerJson(block.header, hash),
    size: quantity(block.serialize().length),
    transactions:
      detail === 'full'
        ? receipts.map((_, index) => minedTransactionJson(stored, index))
        : receipts.map((receipt) => receipt.transactionHash),
    uncles: block.uncleHeaders.map((uncle) => toHex(uncle.hash())),
    ...(block.withdrawals ? { withdrawals: block.withdrawals.map((withdrawal) => withdrawal.toJSON()) } : {}),
  }
}

/** An uncle: a block of which the header alone is known. */
export function uncleJson(uncle: BlockHeader): Json {
  const size = new Block(uncle, [], [], undefined, { common: uncle.common }).serialize().length
  return { ...headerJson(uncle, toHex(uncle.hash())), size: quantity(size), uncles: [] }
}

/** Where a mined transaction is, and what it really paid per gas. */
interface Placement {
  readonly blockHash: Hex
  readonly blockNumber: bigint
  readonly blockTimestamp: bigint
  readonly transactionIndex: number
  readonly effectiveGasPrice: bigint
}

/** A transaction; without `placed` it is still pending. */
export function transactionJson(tx: TypedTransaction, hash: Hex, from: Hex, placed?: Placement): Json {
  const signedFees = 'maxFeePerGas' in tx ? tx.maxFeePerGas : tx.gasPrice
  return {
    blockHash: placed?.blockHash ?? null,
    blockNumber: placed ? quantity(placed.blockNumber) : null,
    blockTimestamp: placed ? quantity(placed.blockTimestamp) : null,
    transactionIndex: placed ? quantity(placed.transactionIndex) : null,
    hash,
    from,
    to: tx.to?.toString() ?? null,
    gas: quantity(tx.gasLimit),
    value: quantity(tx.value),
    nonce: quantity(tx.nonce),
    input: toHex(tx.data),
    type: quantity(tx.type),
    gasPrice: quantity('maxFeePerGas' in tx ? (placed?.effectiveGasPrice ?? signedFees) : signedFees),
    ...('maxFeePerGas' in tx ? { maxFeePerGas: quantity(tx.maxFeePerGas), maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas) } : {}),
    ...typedFields(tx),
    v: quantity(tx.v ?? 0n),
    r: quantity(tx.r ?? 0n),
    s: quantity(tx.s ?? 0n),
  }
}

function typedFields(tx: TypedTransaction): Json {
  // EIP-155: a protected legacy signature has v = 35 + 2 · chain id + parity.
  if (!('chainId' in tx)) return tx.v !== undefined && tx.v >= 35n ? { chainId: quantity((tx.v - 35n) / 2n) } : {}
  return {
    chainId: quantity(tx.chainId),
    yParity: quantity(tx.v ?? 0n),
    accessList: tx.toJSON().accessList ?? [],
    ...('authorizationList' in tx ? { authorizationList: tx.authorizationList.map(authorizationJson) } : {}),
    ...('maxFeePerBlobGas' in tx ? { maxFeePerBlobGas: quantity(tx.maxFeePerBlobGas), blobVersionedHashes: tx.blobVersionedHashes } : {}),
  }
}

/** EIP-7702: an item of the list as it is signed. */
function authorizationJson([chainId, address, nonce, yParity, r, s]: readonly Uint8Array[]): Json {
  const number = (bytes: Uint8Array | undefined) => quantity(bytesToBigInt(bytes ?? new Uint8Array(0)))
  return { chainId: number(chainId), address: toHex(address!), nonce: number(nonce), yParity: number(yParity), r: number(r), s: number(s) }
}

export function minedTransactionJson({ block, senders, receipts }: StoredBlock, index: number): Json {
  const receipt = receipts[index]!
  return transactionJson(block.transactions[index]!, receipt.transactionHash, senders[index]!, receipt)
}

export function receiptJson(receipt: StoredReceipt): Json {
  return {
    type: quantity(receipt.type),
    ...(receipt.stateRoot === undefined ? { status: quantity(receipt.status) } : { root: toHex(receipt.stateRoot) }),
    transactionHash: receipt.transactionHash,
    transactionIndex: quantity(receipt.transactionIndex),
    blockHash: receipt.blockHash,
    blockNumber: quantity(receipt.blockNumber),
    from: receipt.from,
    to: receipt.to,
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    gasUsed: quantity(receipt.gasUsed),
    effectiveGasPrice: quantity(receipt.effectiveGasPrice),
    ...(receipt.blobs === undefined
      ? {}
      : { blobGasUsed: quantity(receipt.blobs.gasUsed), blobGasPrice: quantity(receipt.blobs.gasPrice) }),
    contractAddress: receipt.contractAddress,
    logs: receipt.logs.map(logJson),
    logsBloom: toHex(receipt.bloom),
  }
}

export function logJson(log: StoredLog): Json {
  return {
    address: log.address,
    topics: log.topics,
    data: toHex(log.data),
    blockNumber: quantity(log.blockNumber),
    blockHash: log.blockHash,
    blockTimestamp: quantity(log.blockTimestamp),
    transactionHash: log.transactionHash,
    transactionIndex: quantity(log.transactionIndex),
    logIndex: quantity(log.logIndex),
    removed: false,
  }
}

/** A log of a block that a development revert has taken away. */
export const removedLogJson = (log: StoredLog): Json => ({ ...logJson(log), removed: true })

/** A frame as geth's callTracer writes it. */
export function callFrameJson(frame: CallFrame): Json {
  return {
    from: frame.from,
    gas: quantity(frame.gas),
    gasUsed: quantity(frame.gasUsed),
    ...ifPresent('to', frame.to),
    input: toHex(frame.input),
    ...optionalBytes('output', frame.output?.length === 0 ? undefined : frame.output),
    ...ifPresent('error', frame.error),
    ...ifPresent('revertReason', frame.revertReason),
    ...ifPresent('calls', frame.calls?.map(callFrameJson)),
    ...ifPresent(
      'logs',
      frame.logs?.map((log) => ({ address: log.address, topics: log.topics, data: toHex(log.data), position: quantity(log.position) })),
    ),
    ...optionalQuantity('value', frame.value),
    type: frame.type,
  }
}
