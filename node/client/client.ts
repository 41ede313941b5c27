/** Which viem clients the actions take, and what they have in common. */
import type { Account, Address, BlockTag, Chain, Client, Transport } from 'viem'
import { parseAccount } from 'viem/utils'
import { InferError } from './errors.ts'

/** Any viem client: public, wallet, test, or one made by createClient. */
export type InferClient = Client<Transport, Chain | undefined, Account | undefined>

/** The state that a call reads; the latest block's where nothing is given. */
export type AtBlock =
  | { blockNumber?: bigint | undefined; blockTag?: undefined }
  | { blockNumber?: undefined; blockTag?: BlockTag | undefined }

/** Who calls or sends: the client's account where nothing is given. */
export type AsAccount = { account?: Account | Address | undefined }

/** viem's own parameters of a call: only those that are given. */
export function callOptions(client: InferClient, { account, blockNumber, blockTag }: AtBlock & AsAccount) {
  const caller = account ?? client.account
  return {
    ...(caller === undefined ? {} : { account: caller }),
    ...(blockNumber === undefined ? {} : { blockNumber }),
    ...(blockTag === undefined ? {} : { blockTag }),
  }
}

/** @throws InferError ACCOUNT_MISSING */
export function senderOf(client: InferClient, account: Account | Address | undefined, action: string): Account {
  const sender = account ?? client.account
  if (sender === undefined)
    throw new InferError('ACCOUNT_MISSING', `${action} sends transactions: give the client an account, or the call one`)
  return parseAccount(sender)
}
