/** txpool_*: transactions that wait, by sender and nonce, as geth shows them. */
import { toChecksumAddress } from '@ethereumjs/util'
import type { Hex, PendingTransaction } from '../chain/types.ts'
import { transactionJson } from './format.ts'
import { quantity } from './hex.ts'
import { defineMethod } from './method.ts'
import { address } from './params.ts'

type BySender<T> = Record<Hex, Record<string, T>>

function bySender<T>(transactions: readonly PendingTransaction[], show: (transaction: PendingTransaction) => T): BySender<T> {
  const result: BySender<T> = {}
  for (const transaction of transactions) {
    // As in geth, with the checksum of EIP-55.
    const sender = toChecksumAddress(transaction.sender) as Hex
    result[sender] ??= {}
    result[sender][transaction.tx.nonce.toString()] = show(transaction)
  }
  return result
}

const json = ({ tx, hash, sender }: PendingTransaction) => transactionJson(tx, hash, sender)

const inWords = ({ tx }: PendingTransaction) => {
  const price = 'maxFeePerGas' in tx ? tx.maxFeePerGas : tx.gasPrice
  return `${tx.to?.toString() ?? 'contract creation'}: ${tx.value} wei + ${tx.gasLimit} gas × ${price} wei`
}

export const txpoolMethods = [
  defineMethod({
    name: 'txpool_status',
    summary: 'How many transactions are ready, and how many wait for an earlier nonce.',
    params: {},
    run: ({ chain }) => {
      const { pending, queued } = chain.pending()
      return { pending: quantity(pending.length), queued: quantity(queued.length) }
    },
  }),
  defineMethod({
    name: 'txpool_content',
    summary: 'All waiting transactions, by sender and nonce.',
    params: {},
    run: ({ chain }) => {
      const { pending, queued } = chain.pending()
      return { pending: bySender(pending, json), queued: bySender(queued, json) }
    },
  }),
  defineMethod({
    name: 'txpool_contentFrom',
    summary: 'The waiting transactions of one sender, by nonce.',
    params: { address },
    run: ({ chain }, { address }) => {
      const { pending, queued } = chain.pending()
      const sender = toChecksumAddress(address) as Hex
      return { pending: bySender(pending, json)[sender] ?? {}, queued: bySender(queued, json)[sender] ?? {} }
    },
  }),
  defineMethod({
    name: 'txpool_inspect',
    summary: 'All waiting transactions, one line of text each.',
    params: {},
    run: ({ chain }) => {
      const { pending, queued } = chain.pending()
      return { pending: bySender(pending, inWords), queued: bySender(queued, inWords) }
    },
  }),
]
