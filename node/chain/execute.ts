/** Runs transactions the one way in which the chain runs them: mined, called, estimated and traced ones alike. */

import type { Block } from '@ethereumjs/block'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex, createAddressFromString, generateAddress, hexToBytes } from '@ethereumjs/util'
import { type RunTxResult, runTx } from '@ethereumjs/vm'
import type { ChainConfig } from '../config.ts'
import { NodeError } from '../errors.ts'
import { type Rules, rulesOf } from '../evm/rules.ts'
import { runsHere, runTransaction } from '../evm/transaction.ts'
import { isWatched, type Machine } from '../state/machine.ts'
import type { StateView } from '../state/views.ts'
import { offeredFee, requiredBalance } from './fees.ts'
import { executionView, gasOf, isImpersonated, minimumGasLimit } from './transactions.ts'
import type { Hex } from './types.ts'

/** EIP-7825: gas that a transaction may ask for from Osaka on, under the rules of Ethereum. */
export const MAX_TRANSACTION_GAS = 1n << 24n

/** What the account must satisfy before its transaction may run. */
export interface SenderState {
  nonce: bigint
  balance: bigint
  /** Has code that is not an EIP-7702 delegation. */
  isContract: boolean
}

/** What a transaction meets beside its sender. */
export interface Admittance {
  config: Pick<ChainConfig, 'rules' | 'freeGas'>
  blockGasLimit: bigint
  /** Wei per gas. */
  baseFee: bigint
  /** Wei per gas of blobs; undefined before Cancun. */
  blobBaseFee: bigint | undefined
}

/**
 * Everything that makes a transaction invalid, as opposed to failed, on this state, in geth's words.
 * @throws NodeError NONCE_TOO_LOW, NONCE_TOO_HIGH, INSUFFICIENT_FUNDS, SENDER_NOT_EOA, EXCEEDS_BLOCK_GAS_LIMIT, INTRINSIC_GAS_TOO_LOW,
 * TRANSACTION_GAS_TOO_HIGH, BASE_FEE_TOO_LOW
 */
export function checkTransaction(
  tx: TypedTransaction,
  sender: Hex,
  state: SenderState,
  { config, blockGasLimit, baseFee, blobBaseFee }: Admittance,
): void {
  checkGasLimit(tx, blockGasLimit, config.rules)
  if (tx.nonce < state.nonce)
    throw new NodeError('NONCE_TOO_LOW', `nonce too low: next nonce ${state.nonce}, tx nonce ${tx.nonce} (address ${sender})`)
  if (tx.nonce > state.nonce)
    throw new NodeError('NONCE_TOO_HIGH', `nonce too high: next nonce ${state.nonce}, tx nonce ${tx.nonce} (address ${sender})`)
  checkFunds(tx, sender, state, config.freeGas)
  if (config.freeGas) return
  if (offeredFee(tx) < baseFee)
    throw new NodeError(
      'BASE_FEE_TOO_LOW',
      `max fee per gas less than block base fee: address ${sender}, maxFeePerGas: ${offeredFee(tx)}, baseFee: ${baseFee}`,
    )
  if ('maxFeePerBlobGas' in tx && tx.maxFeePerBlobGas < (blobBaseFee ?? 0n))
    throw new NodeError(
      'BASE_FEE_TOO_LOW',
      `max fee per blob gas less than block blob gas fee: address ${sender} blobGasFeeCap: ${tx.maxFeePerBlobGas}, blobBaseFee: ${blobBaseFee}`,
    )
}

export function checkGasLimit(tx: TypedTransaction, blockGasLimit: bigint, rules: ChainConfig['rules']): void {
  if (rules === 'ethereum' && tx.common.isActivatedEIP(7825) && tx.gasLimit > MAX_TRANSACTION_GAS)
    throw new NodeError('TRANSACTION_GAS_TOO_HIGH', `transaction gas limit too high (cap: ${MAX_TRANSACTION_GAS}, tx: ${tx.gasLimit})`)
  if (tx.gasLimit > blockGasLimit)
    throw new NodeError('EXCEEDS_BLOCK_GAS_LIMIT', `exceeds block gas limit: tx gas limit ${tx.gasLimit}, block gas limit ${blockGasLimit}`)
  const minimum = minimumGasLimit(tx)
  if (tx.gasLimit < minimum)
    throw new NodeError('INTRINSIC_GAS_TOO_LOW', `intrinsic gas too low: gas ${tx.gasLimit}, minimum needed ${minimum}`)
}

export function checkFunds(tx: TypedTransaction, sender: Hex, state: SenderState, freeGas: boolean): void {
  const required = requiredBalance(tx, freeGas)
  if (state.balance < required)
    throw new NodeError(
      'INSUFFICIENT_FUNDS',
      `insufficient funds for ${freeGas ? 'value' : 'gas * price + value'}: address ${sender} have ${state.balance} want ${required}`,
    )
  if (state.isContract && !isImpersonated(tx, sender))
    throw new NodeError('SENDER_NOT_EOA', `sender not an eoa: address ${sender} has code`)
}

export async function senderState(machine: Machine, sender: Hex): Promise<SenderState> {
  const address = createAddressFromString(sender)
  const account = await machine.state.getAccount(address)
  if (account === undefined) return { nonce: 0n, balance: 0n, isContract: false }
  if (!account.isContract()) return { nonce: account.nonce, balance: account.balance, isContract: false }
  return { nonce: account.nonce, balance: account.balance, isContract: !isDelegation(await machine.state.getCode(address)) }
}

/** As `senderState`, of a state that nobody is changing. */
export function senderAt(view: StateView, sender: Hex): SenderState {
  const account = view.account(sender.slice(2))
  if (account === undefined) return { nonce: 0n, balance: 0n, isContract: false }
  const code = view.code(account.codeHash)
  return { nonce: account.nonce, balance: account.balance, isContract: code.length > 0 && !isDelegation(code) }
}

/** EIP-7702. */
const isDelegation = (code: Uint8Array) => code.length === 23 && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00

/**
 * Executes a transaction that `checkTransaction` has passed. Anything thrown here is the node's own fault.
 * @param blockGasUsed gas of the transactions before it in the block
 */
export function executeTransaction(
  machine: Machine,
  block: Block,
  tx: TypedTransaction,
  sender: Hex,
  options: { freeGas: boolean; blockGasUsed: bigint },
): Promise<RunTxResult> {
  const rules = unwatchedRules(machine, tx)
  if (rules !== undefined)
    return runTransaction({ ...machine.workplace, rules }, { tx, gas: gasOf(tx), sender: sender.slice(2), block, ...options }, block)
  const vm = isImpersonated(tx, sender) ? machine.lenientVm : machine.vm
  return runTx(vm, { tx: executionView(tx, sender, options.freeGas), block, blockGasUsed: options.blockGasUsed })
}

/** The rules of a transaction that the chain's own machine runs; undefined where the library must: for its fork, its kind, or for who listens. */
export function unwatchedRules(machine: Machine, tx: TypedTransaction): Rules | undefined {
  return runsHere(tx) && !isWatched(machine) ? rulesOf(machine.workplace.common) : undefined
}

/** Address of the contract that a creation transaction makes; null for a call. */
export function createdAddress(tx: TypedTransaction, sender: Hex): Hex | null {
  if (tx.to !== undefined) return null
  const nonce = tx.nonce === 0n ? new Uint8Array(0) : hexToBytes(evenHex(tx.nonce))
  return bytesToHex(generateAddress(hexToBytes(sender), nonce))
}

function evenHex(value: bigint): Hex {
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}
