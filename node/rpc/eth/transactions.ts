/** eth_*: sending transactions and finding them again. */
import type { Chain, Hex } from '../../chain/types.ts'
import { minedTransactionJson, receiptJson, transactionJson } from '../format.ts'
import { toHex } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { bytes, hash, transactionRequest } from '../params.ts'

async function receiptOf(chain: Chain, transactionHash: Hex) {
  const found = await chain.transaction(transactionHash)
  return found?.block && found.index !== undefined ? receiptJson(found.block.receipts[found.index]!) : null
}

async function rawTransaction(chain: Chain, transactionHash: Hex) {
  const found = await chain.transaction(transactionHash)
  return found ? toHex(found.tx.serialize()) : null
}

export const transactionMethods = [
  defineMethod({
    name: 'eth_sendRawTransaction',
    summary: 'Takes a signed transaction; returns its hash, with automine after it has been mined.',
    params: { transaction: bytes },
    run: ({ chain }, { transaction }) => chain.submit(transaction),
    foresee: ({ chain }, all) => chain.foresee(all.map(({ transaction }) => transaction)),
  }),
  defineMethod({
    name: 'eth_sendTransaction',
    summary: 'Signs with a key that the node holds, and sends; returns the hash.',
    params: { transaction: transactionRequest },
    run: ({ chain }, { transaction }) => chain.submitAs(transaction),
  }),
  defineMethod({
    name: 'eth_fillTransaction',
    summary: 'A transaction with the nonce, gas and fees that it lacks, unsigned: as an object and in RLP.',
    params: { transaction: transactionRequest },
    run: async ({ chain }, { transaction }) => {
      const { tx, sender } = await chain.fillTransaction(transaction)
      const { blockHash, blockNumber, blockTimestamp, transactionIndex, from, ...own } = transactionJson(tx, toHex(tx.hash()), sender)
      return { raw: toHex(tx.serialize()), tx: own }
    },
  }),
  defineMethod({
    name: 'eth_signTransaction',
    summary: 'Signs with a key that the node holds; returns the raw transaction.',
    params: { transaction: transactionRequest },
    run: async ({ chain }, { transaction }) => toHex(await chain.signTransaction(transaction)),
  }),
  defineMethod({
    name: 'eth_getTransactionByHash',
    summary: 'A mined or waiting transaction, or null.',
    params: { transactionHash: hash },
    run: async ({ chain }, { transactionHash }) => {
      const found = await chain.transaction(transactionHash)
      if (!found) return null
      const { block, index, tx, sender } = found
      return block && index !== undefined ? minedTransactionJson(block, index) : transactionJson(tx, transactionHash, sender)
    },
  }),
  defineMethod({
    name: 'eth_getTransactionReceipt',
    summary: 'The receipt of a mined transaction, or null.',
    params: { transactionHash: hash },
    run: ({ chain }, { transactionHash }) => receiptOf(chain, transactionHash),
  }),
  defineMethod({
    name: 'eth_getRawTransactionByHash',
    summary: 'A transaction as it was signed, or null.',
    params: { transactionHash: hash },
    run: ({ chain }, { transactionHash }) => rawTransaction(chain, transactionHash),
  }),
]
