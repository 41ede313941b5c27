/** Runs transactions the one way in which the chain runs them: mined, called, estimated and traced ones alike. */

import type { Block } from '@ethereumjs/block'
import type { TypedTransaction } from '@ethereumjs/tx'
import {
  bigIntToBytes,
  bytesToHex,
  createAddressFromString,
  generateAddress,
  hexToBytes,
  intToBytes,
  setLengthLeft,
} from '@ethereumjs/util'
import { type RunTxResult, runTx } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import { type Rules, rulesOf } from '../evm/rules.ts'
import { runsHere, runTransaction } from '../evm/transaction.ts'
import { isWatched, type Machine } from '../state/machine.ts'
import type { StateView } from '../state/views.ts'
import { executionView, gasOf, isImpersonated, minimumGasLimit, requiredBalance } from './transactions.ts'
import type { Hex } from './types.ts'

const HISTORY_STORAGE_ADDRESS = createAddressFromString('0x0000f90827f1c53a10cb7a02335b175320002935')
const BEACON_ROOTS_ADDRESS = createAddressFromString('0x000f3df6d732807ef1319fb7b8bb8522d0beac02')
/** Of both contracts. */
const HISTORY_SERVE_WINDOW = 8191n

/** What the account must satisfy before its transaction may run. */
export interface SenderState {
  nonce: bigint
  balance: bigint
  /** Has code that is not an EIP-7702 delegation. */
  isContract: boolean
}

/**
 * Everything that makes a transaction invalid, as opposed to failed, on this state, in geth's words.
 * @throws NodeError NONCE_TOO_LOW, NONCE_TOO_HIGH, INSUFFICIENT_FUNDS, SENDER_NOT_EOA, EXCEEDS_BLOCK_GAS_LIMIT, INTRINSIC_GAS_TOO_LOW
 */
export function checkTransaction(
  tx: TypedTransaction,
  sender: Hex,
  state: SenderState,
  rules: { freeGas: boolean; blockGasLimit: bigint },
): void {
  checkGasLimit(tx, rules.blockGasLimit)
  if (tx.nonce < state.nonce)
    throw new NodeError('NONCE_TOO_LOW', `nonce too low: next nonce ${state.nonce}, tx nonce ${tx.nonce} (address ${sender})`)
  if (tx.nonce > state.nonce)
    throw new NodeError('NONCE_TOO_HIGH', `nonce too high: next nonce ${state.nonce}, tx nonce ${tx.nonce} (address ${sender})`)
  checkFunds(tx, sender, state, rules.freeGas)
}

export function checkGasLimit(tx: TypedTransaction, blockGasLimit: bigint): void {
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

/** EIP-2935, where its contract is deployed: the parent's hash becomes readable from the state. */
export async function storeParentHash(machine: Machine, block: Block): Promise<void> {
  if ((await machine.state.getCode(HISTORY_STORAGE_ADDRESS)).length === 0) return
  const slot = Number((block.header.number - 1n) % HISTORY_SERVE_WINDOW)
  await machine.state.putStorage(HISTORY_STORAGE_ADDRESS, setLengthLeft(intToBytes(slot), 32), block.header.parentHash)
}

/** EIP-4788, where its contract is deployed: the root of the parent's beacon block, which is 0 here, becomes readable by timestamp. */
export async function storeBeaconRoot({ state }: Machine, { header }: Block): Promise<void> {
  if ((await state.getCode(BEACON_ROOTS_ADDRESS)).length === 0) return
  const slot = header.timestamp % HISTORY_SERVE_WINDOW
  await state.putStorage(BEACON_ROOTS_ADDRESS, setLengthLeft(bigIntToBytes(slot), 32), bigIntToBytes(header.timestamp))
  const root = header.parentBeaconBlockRoot ?? new Uint8Array(32)
  await state.putStorage(BEACON_ROOTS_ADDRESS, setLengthLeft(bigIntToBytes(slot + HISTORY_SERVE_WINDOW), 32), root)
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
