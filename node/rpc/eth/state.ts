/** eth_*: accounts and their state, and calls that change nothing. */
import { z } from 'zod'
import type { CallOverrides, Hex } from '../../chain/types.ts'
import { unwrap } from '../call.ts'
import { quantity as hexQuantity, toHex, toWord } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { address, blockOrLatest, blockOverrides, optional, slot, stateOverrides, storageKey, transactionRequest } from '../params.ts'

/** geth takes no more. */
const MAX_STORAGE_VALUES = 1024

const storageRequest = z
  .record(address, z.array(slot))
  .refine((slots) => Object.keys(slots).length > 0, 'empty request')
  .refine((slots) => Object.values(slots).flat().length <= MAX_STORAGE_VALUES, `wanted at most ${MAX_STORAGE_VALUES} slots`)

export const stateMethods = [
  defineMethod({
    name: 'eth_accounts',
    summary: 'Addresses whose keys the node holds.',
    params: {},
    run: ({ chain }) => chain.accounts,
  }),
  defineMethod({
    name: 'eth_getBalance',
    summary: 'Balance in wei.',
    params: { address, block: blockOrLatest },
    run: async ({ chain }, { address, block }) => hexQuantity((await chain.account(address, block)).balance),
  }),
  defineMethod({
    name: 'eth_getTransactionCount',
    summary: 'Nonce of the next transaction; at `pending`, waiting transactions count.',
    params: { address, block: blockOrLatest },
    run: async ({ chain }, { address, block }) =>
      hexQuantity(block === 'pending' ? await chain.pendingNonce(address) : (await chain.account(address, block)).nonce),
  }),
  defineMethod({
    name: 'eth_getCode',
    summary: 'Code at an address.',
    params: { address, block: blockOrLatest },
    run: async ({ chain }, { address, block }) => toHex((await chain.account(address, block)).code),
  }),
  defineMethod({
    name: 'eth_getStorageAt',
    summary: 'The 32 bytes of a storage slot.',
    params: { address, slot, block: blockOrLatest },
    run: async ({ chain }, { address, slot, block }) => toHex(await chain.storage(address, slot, block)),
  }),
  defineMethod({
    name: 'eth_getStorageValues',
    summary: 'Many storage slots at once: for each address the values of its slots, 32 bytes each.',
    params: { slots: storageRequest, block: blockOrLatest },
    run: async ({ chain }, { slots, block }) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(slots).map(async ([account, keys]) => {
            const values = await Promise.all(keys.map((key) => chain.storage(account as Hex, key, block)))
            return [account, values.map(toHex)] as const
          }),
        ),
      ),
  }),
  defineMethod({
    name: 'eth_getAccountInfo',
    summary: 'Balance, nonce and code of an address at once, as reth answers it.',
    params: { address, block: blockOrLatest },
    run: async ({ chain }, { address, block }) => {
      const { balance, nonce, code } = await chain.account(address, block)
      return { balance: hexQuantity(balance), nonce: hexQuantity(nonce), code: toHex(code) }
    },
  }),
  defineMethod({
    name: 'eth_getProof',
    summary: 'Account and storage values with Merkle proofs (EIP-1186).',
    params: { address, storageKeys: z.array(storageKey).max(1024), block: blockOrLatest },
    run: async ({ chain }, { address, storageKeys, block }) => {
      const proof = await chain.proof(
        address,
        storageKeys.map(({ slot }) => toWord(slot)),
        block,
      )
      return {
        address: proof.address,
        balance: hexQuantity(proof.balance),
        nonce: hexQuantity(proof.nonce),
        codeHash: proof.codeHash,
        storageHash: proof.storageHash,
        accountProof: proof.accountProof.map(toHex),
        storageProof: proof.storageProof.map(({ key, value, proof }, index) => ({
          // As in geth: a whole word comes back as one, a shorter key as a quantity.
          key: storageKeys[index]!.isWord ? key : hexQuantity(storageKeys[index]!.slot),
          value: hexQuantity(value),
          proof: proof.map(toHex),
        })),
      }
    },
  }),
  defineMethod({
    name: 'eth_call',
    summary: 'Runs a call without a transaction; returns its output. State and block may be overridden.',
    params: {
      call: transactionRequest,
      block: blockOrLatest,
      stateOverrides: optional(stateOverrides),
      blockOverrides: optional(blockOverrides),
    },
    run: async ({ chain }, { call, block, stateOverrides, blockOverrides }) =>
      toHex(unwrap(await chain.call(call, block, overrides(stateOverrides, blockOverrides)))),
  }),
  defineMethod({
    name: 'eth_estimateGas',
    summary: 'The least gas limit with which the transaction succeeds.',
    params: {
      call: transactionRequest,
      block: blockOrLatest,
      stateOverrides: optional(stateOverrides),
      blockOverrides: optional(blockOverrides),
    },
    run: async ({ chain }, { call, block, stateOverrides, blockOverrides }) =>
      hexQuantity(await chain.estimateGas(call, block, overrides(stateOverrides, blockOverrides))),
  }),
  defineMethod({
    name: 'eth_createAccessList',
    summary: 'Addresses and slots that a call touches (EIP-2930), with the gas used when they are announced.',
    params: { call: transactionRequest, block: blockOrLatest },
    run: async ({ chain }, { call, block }) => {
      const { accessList, gasUsed, error } = await chain.createAccessList(call, block)
      return { accessList, gasUsed: hexQuantity(gasUsed), ...(error === undefined ? {} : { error }) }
    },
  }),
]

function overrides(state: CallOverrides['state'], block: CallOverrides['block']): CallOverrides | undefined {
  if (!state && !block) return undefined
  return { ...(state ? { state } : {}), ...(block ? { block } : {}) }
}
