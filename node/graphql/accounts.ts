/** Accounts and calls: what depends on a state. */

import { z } from 'zod'
import type { AccountState, BlockTag, CallRequest, Hex } from '../chain/types.ts'
import { quantity, toHex } from '../rpc/hex.ts'
import { address, bytes, hash, optional } from '../rpc/params.ts'
import { argument, type GraphContext, whole } from './context.ts'

export function accountNode({ chain, spend }: GraphContext, account: Hex, tag: BlockTag) {
  spend(1)
  let state: Promise<AccountState> | undefined
  const load = () => {
    state ??= chain.account(account, tag)
    return state
  }
  return {
    address: account,
    balance: async () => quantity((await load()).balance),
    transactionCount: async () => quantity(tag === 'pending' ? await chain.pendingNonce(account) : (await load()).nonce),
    code: async () => toHex((await load()).code),
    storage: async ({ slot }: { slot: unknown }) => toHex(await chain.storage(account, BigInt(argument('slot', hash, slot)), tag)),
  }
}

const callData = z
  .object({
    from: optional(address),
    to: optional(address),
    gas: optional(whole),
    gasPrice: optional(whole),
    maxFeePerGas: optional(whole),
    maxPriorityFeePerGas: optional(whole),
    value: optional(whole),
    data: optional(bytes),
  })
  .transform((fields): CallRequest => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)))

/** `account`, `call` and `estimateGas` of a block, or of what is pending. */
export function stateFields(context: GraphContext, tag: BlockTag) {
  return {
    account: (given: { address: unknown }) => accountNode(context, argument('address', address, given.address), tag),
    async call({ data }: { data: unknown }) {
      const { output, gasUsed, error } = await context.chain.call(argument('data', callData, data), tag)
      return { data: toHex(output), gasUsed: quantity(gasUsed), status: quantity(error === undefined ? 1 : 0) }
    },
    estimateGas: async ({ data }: { data: unknown }) => quantity(await context.chain.estimateGas(argument('data', callData, data), tag)),
  }
}
