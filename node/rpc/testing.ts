/** testing_*: blocks on demand, after execution-apis (testing_buildBlockV1). */
import { z } from 'zod'
import type { BuiltPayload } from '../chain/types.ts'
import { quantity as hexQuantity, toHex } from './hex.ts'
import { defineMethod } from './method.ts'
import { address, bytes, hash, optional, quantity, withdrawal } from './params.ts'

const payloadAttributes = z.object({
  timestamp: quantity,
  prevRandao: hash,
  suggestedFeeRecipient: address,
  withdrawals: optional(z.array(withdrawal)),
  parentBeaconBlockRoot: optional(hash),
})

export const testingMethods = [
  defineMethod({
    name: 'testing_buildBlockV1',
    summary: 'Makes a block on top of another, of the given transactions or of those that wait, and leaves the chain as it is.',
    params: { parentHash: hash, payloadAttributes, transactions: optional(z.array(bytes)), extraData: optional(bytes) },
    run: async ({ chain }, { parentHash, payloadAttributes, transactions, extraData }) => {
      const { suggestedFeeRecipient, timestamp, prevRandao, withdrawals, parentBeaconBlockRoot } = payloadAttributes
      const given = { withdrawals, parentBeaconBlockRoot, transactions, extraData }
      const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const built = await chain.buildPayload({ parentHash, timestamp, prevRandao, feeRecipient: suggestedFeeRecipient, ...chosen })
      return payloadJson(built)
    },
  }),
]

/** The ExecutionPayloadEnvelope of the Engine API. */
function payloadJson({ stored, requests, fees, sidecars }: BuiltPayload) {
  const { block, hash } = stored
  const { header, withdrawals } = block
  return {
    executionPayload: {
      parentHash: toHex(header.parentHash),
      feeRecipient: header.coinbase.toString(),
      stateRoot: toHex(header.stateRoot),
      receiptsRoot: toHex(header.receiptTrie),
      logsBloom: toHex(header.logsBloom),
      prevRandao: toHex(header.mixHash),
      blockNumber: hexQuantity(header.number),
      gasLimit: hexQuantity(header.gasLimit),
      gasUsed: hexQuantity(header.gasUsed),
      timestamp: hexQuantity(header.timestamp),
      extraData: toHex(header.extraData),
      baseFeePerGas: hexQuantity(header.baseFeePerGas ?? 0n),
      blockHash: hash,
      transactions: block.transactions.map((tx) => toHex(tx.serialize())),
      ...(withdrawals === undefined ? {} : { withdrawals: withdrawals.map((withdrawal) => withdrawal.toJSON()) }),
      ...(header.excessBlobGas === undefined
        ? {}
        : { blobGasUsed: hexQuantity(header.blobGasUsed ?? 0n), excessBlobGas: hexQuantity(header.excessBlobGas) }),
    },
    blockValue: hexQuantity(fees),
    blobsBundle: {
      commitments: sidecars.flatMap(({ commitments }) => commitments),
      proofs: sidecars.flatMap(({ proofs }) => proofs),
      blobs: sidecars.flatMap(({ blobs }) => blobs),
    },
    executionRequests: requests.map(toHex),
    shouldOverrideBuilder: false,
  }
}
