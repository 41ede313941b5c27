/** What gas and blobs cost: base fees, and what a transaction pays of its offer. */

import type { Block, BlockHeader } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bigIntMin } from '@ethereumjs/util'
import type { ChainConfig } from '../config.ts'

/** EIP-4844: gas of one blob. */
export const BLOB_GAS = 131_072n

/** Wei per gas of the block after this one; undefined before London. */
export function nextBaseFee(parent: BlockHeader, common: Common, rules: ChainConfig['rules']): bigint | undefined {
  if (!common.isActivatedEIP(1559)) return undefined
  if (rules === 'infernode') return 0n
  return parent.baseFeePerGas === undefined ? common.param('initialBaseFee') : parent.calcNextBaseFee()
}

/** What the sender offers per gas at most. */
export function offeredFee(tx: TypedTransaction): bigint {
  return 'maxFeePerGas' in tx ? tx.maxFeePerGas : tx.gasPrice
}

/** Wei per gas that a block with this base fee charges. */
export function chargedGasPrice(tx: TypedTransaction, baseFee: bigint, freeGas: boolean): bigint {
  if (freeGas) return 0n
  return 'maxFeePerGas' in tx ? bigIntMin(tx.maxFeePerGas, baseFee + tx.maxPriorityFeePerGas) : tx.gasPrice
}

/** Wei that the sender must have: the value, and the highest possible fee unless gas is free. */
export function requiredBalance(tx: TypedTransaction, freeGas: boolean): bigint {
  if (freeGas) return tx.value
  const blobs = 'maxFeePerBlobGas' in tx ? blobGasOf(tx) * tx.maxFeePerBlobGas : 0n
  return tx.value + tx.gasLimit * offeredFee(tx) + blobs
}

export function blobGasOf(tx: TypedTransaction): bigint {
  return 'blobVersionedHashes' in tx ? BLOB_GAS * BigInt(tx.blobVersionedHashes.length) : 0n
}

/** What the receipt of a transaction with blobs tells; undefined without blobs. */
export function receiptBlobs(tx: TypedTransaction, { header }: Block, freeGas: boolean): { gasUsed: bigint; gasPrice: bigint } | undefined {
  const gasUsed = blobGasOf(tx)
  return gasUsed === 0n ? undefined : { gasUsed, gasPrice: freeGas ? 0n : header.getBlobGasPrice() }
}
