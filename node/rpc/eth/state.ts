/** eth_*: accounts and their state, and calls that change nothing. */
import { z } from 'zod'
import type { CallOverrides } from '../../chain/types.ts'
import { unwrap } from '../call.ts'
import { quantity as hexQuantity, toHex, toWord } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { address, block, blockOrLatest, blockOverrides, optional, slot, stateOverrides, transactionRequest } from '../params.ts'

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
    params: { address, storageKeys: z.array(slot).max(1024), block },
    run: async ({ chain }, { address, storageKeys, block }) => {
      const proof = await chain.proof(address, storageKeys.map(toWord), block)
      return {
        address: proof.address,
        balance: hexQuantity(proof.balance),
        nonce: hexQuantity(proof.nonce),
        codeHash: proof.codeHash,
        storageHash: proof.storageHash,
        accountProof: proof.accountProof.map(toHex),
        storageProof: proof.storageProof.map(({ key, value, proof }) => ({
          key,
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
