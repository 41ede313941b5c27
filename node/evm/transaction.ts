/** Runs a transaction from its fees to its receipt (Yellow Paper, 6), with the results that the library's `runTx` gives. */

import type { Block } from '@ethereumjs/block'
import { EVMError } from '@ethereumjs/evm'
import { Capability, type TypedTransaction } from '@ethereumjs/tx'
import { Address, bigIntMax, bigIntMin, bigIntToUnpaddedBytes, generateAddress } from '@ethereumjs/util'
import { Bloom, type RunTxResult } from '@ethereumjs/vm'
import { type Ended, type Message, type Outcome, outcome } from './frame.ts'
import { runMessage } from './run.ts'
import { type Log, Substate, type Surroundings } from './substate.ts'
import { hexOfBytes } from './words.ts'

export interface TransactionRun {
  readonly tx: TypedTransaction
  /** What it costs whatever it does, and the least that it pays (EIP-7623). */
  readonly gas: { readonly intrinsic: bigint; readonly floor: bigint }
  /** Unprefixed. */
  readonly sender: string
  readonly freeGas: boolean
  /** By whose base fee it is charged; the code may see another. */
  readonly block: Block
  /** Gas of the transactions before it in the block. */
  readonly blockGasUsed: bigint
}

/** What a machine lends for a run. */
export type Workplace = Omit<Surroundings, 'origin' | 'gasPrice' | 'blobHashes' | 'block'>

/** Whether the rules of a transaction are known here; those of EIP-7702 with their authorizations are left to the library. */
export const runsHere = (tx: TypedTransaction): boolean => !tx.supports(Capability.EIP7702EOACode)

/**
 * The transaction must have passed `checkTransaction`. The state keeps what it changes.
 * @param seen the block that the code is told of
 * @throws NodeError CALL_TIMEOUT; NodeFault of a precompile; then nothing is changed
 */
export async function runTransaction(workplace: Workplace, run: TransactionRun, seen: Block): Promise<RunTxResult> {
  const { tx, sender, block } = run
  const { state, rules } = workplace
  const fees = feesOf(run)
  const blobHashes = 'blobVersionedHashes' in tx ? tx.blobVersionedHashes : []
  const substate = new Substate({ ...workplace, origin: sender, gasPrice: fees.price, blobHashes, block: seen })
  const start = state.mark()
  try {
    const account = state.account(sender)
    if ((account?.balance ?? 0n) < tx.value + fees.deposit)
      throw new Error(`the sender ${sender} has ${account?.balance ?? 0n} wei, its transaction needs ${tx.value + fees.deposit}`)
    state.addBalance(sender, -fees.deposit)
    state.countNonce(sender)
    warmParties(substate, run)
    const gas = Number(tx.gasLimit - run.gas.intrinsic)
    const message = outermost(substate, run, gas)
    const ended = await runMessage(substate, message)
    const used = BigInt(gas - ended.gas)
    const spentBeforeRefund = run.gas.intrinsic + used
    const refund = bigIntMin(BigInt(substate.refund), spentBeforeRefund / rules.refundQuotient)
    const spent = bigIntMax(spentBeforeRefund - refund, rules.hasCalldataFloor ? run.gas.floor : 0n)
    state.addBalance(sender, (tx.gasLimit - spent) * fees.price)
    const coinbase = hexOfBytes(block.header.coinbase.bytes)
    state.addBalance(coinbase, spent * fees.tip)
    substate.touch(coinbase)
    clearAway(substate)
    state.keep()
    return result(substate, run, message, ended, { used, spent, refund, fees })
  } catch (error) {
    state.revertTo(start)
    throw error
  }
}

interface Fees {
  /** Wei per gas that the sender pays. */
  readonly price: bigint
  /** The coinbase's part of it. */
  readonly tip: bigint
  /** Of the whole gas limit, and of blobs. */
  readonly deposit: bigint
  readonly blobGas: bigint
  readonly blobPrice: bigint
}

function feesOf({ tx, block, freeGas }: TransactionRun): Fees {
  const blobGas = 'blobVersionedHashes' in tx ? tx.common.param('blobGasPerBlob') * BigInt(tx.numBlobs()) : 0n
  const blobPrice = blobGas === 0n || freeGas ? 0n : block.header.getBlobGasPrice()
  const baseFee = block.header.baseFeePerGas ?? 0n
  const offered = 'maxFeePerGas' in tx ? bigIntMin(tx.maxFeePerGas, tx.maxPriorityFeePerGas + baseFee) : tx.gasPrice
  const price = freeGas ? 0n : offered
  if (price < baseFee) throw new Error(`the transaction offers ${price} wei per gas, the block's base fee is ${baseFee}`)
  return { price, tip: price - baseFee, deposit: tx.gasLimit * price + blobGas * blobPrice, blobGas, blobPrice }
}

/** EIP-2929, 2930 and 3651; precompiles are always warm. */
function warmParties(substate: Substate, { tx, sender, block }: TransactionRun): void {
  substate.warm(sender)
  if (tx.to !== undefined) substate.warm(hexOfBytes(tx.to.bytes))
  if (substate.rules.coinbaseIsWarm) substate.warm(hexOfBytes(block.header.coinbase.bytes))
  if (!('accessList' in tx)) return
  for (const [address, slots] of tx.accessList) {
    const account = hexOfBytes(address)
    substate.warm(account)
    for (const slot of slots) substate.warmSlot(account, hexOfBytes(slot))
  }
}

function outermost({ state }: Substate, { tx, sender }: TransactionRun, gas: number): Message {
  const isCreation = tx.to === undefined
  const address = tx.to === undefined ? newAddress(sender, state.account(sender)!.nonce - 1n) : hexOfBytes(tx.to.bytes)
  return {
    isCreation,
    caller: sender,
    address,
    codeAddress: address,
    value: tx.value,
    isDelegate: false,
    isStatic: false,
    depth: 0,
    gas,
    data: tx.data,
    outputOffset: 0n,
    outputLength: 0n,
  }
}

const newAddress = (creator: string, nonce: bigint): string =>
  hexOfBytes(generateAddress(new Uint8Array(Buffer.from(creator, 'hex')), bigIntToUnpaddedBytes(nonce)))

/** Accounts that have destroyed themselves, and empty ones that were touched (EIP-6780, 161). */
function clearAway({ state, rules, destroyed, created, touched }: Substate): void {
  for (const address of destroyed) if (!rules.destroysOnlyCreated || created.has(address)) state.deleteAccount(address)
  for (const address of touched) {
    const account = state.account(address)
    if (account !== undefined && state.isEmpty(account)) state.deleteAccount(address)
  }
}

interface Accounts {
  readonly used: bigint
  readonly spent: bigint
  readonly refund: bigint
  readonly fees: Fees
}

function result(
  substate: Substate,
  { blockGasUsed }: TransactionRun,
  message: Message,
  ended: Ended,
  { used, spent, refund, fees }: Accounts,
): RunTxResult {
  const failure = failureOf(ended)
  const logs = failure === undefined ? substate.logs : []
  const bloom = bloomOf(logs, substate)
  const receipt = {
    status: failure === undefined ? 1 : 0,
    cumulativeBlockGasUsed: blockGasUsed + spent,
    bitvector: bloom.bitvector,
    logs,
  } as const
  return {
    execResult: {
      executionGasUsed: used,
      returnValue: ended.output,
      logs,
      gasRefund: BigInt(substate.refund),
      ...(failure === undefined ? {} : { exceptionError: new EVMError(failure as EVMError['error']) }),
    },
    ...(message.isCreation ? { createdAddress: new Address(new Uint8Array(Buffer.from(message.address, 'hex'))) } : {}),
    totalGasSpent: spent,
    blockGasSpent: spent,
    amountSpent: spent * fees.price,
    minerValue: spent * fees.tip,
    gasRefund: refund,
    bloom,
    receipt: fees.blobGas === 0n ? receipt : { ...receipt, blobGasUsed: fees.blobGas, blobGasPrice: fees.blobPrice },
    ...(fees.blobGas === 0n ? {} : { blobGasUsed: fees.blobGas }),
  }
}

function bloomOf(logs: readonly Log[], { around }: Substate): Bloom {
  const bloom = new Bloom(undefined, around.common)
  for (const [address, topics] of logs) {
    bloom.add(address)
    for (const topic of topics) bloom.add(topic)
  }
  return bloom
}

const { errorMessages } = EVMError

/** The library's words. */
const failures: Readonly<Partial<Record<Outcome, string>>> = {
  [outcome.revert]: errorMessages.REVERT,
  [outcome.outOfGas]: errorMessages.OUT_OF_GAS,
  [outcome.stackUnderflow]: errorMessages.STACK_UNDERFLOW,
  [outcome.stackOverflow]: errorMessages.STACK_OVERFLOW,
  [outcome.invalidJump]: errorMessages.INVALID_JUMP,
  [outcome.invalidOpcode]: errorMessages.INVALID_OPCODE,
  [outcome.staticStateChange]: errorMessages.STATIC_STATE_CHANGE,
  [outcome.initCodeTooLarge]: errorMessages.INITCODE_SIZE_VIOLATION,
  [outcome.codeTooLarge]: errorMessages.CODESIZE_EXCEEDS_MAXIMUM,
  [outcome.invalidCode]: errorMessages.INVALID_BYTECODE_RESULT,
  [outcome.collision]: errorMessages.CREATE_COLLISION,
  [outcome.valueOverflow]: errorMessages.VALUE_OVERFLOW,
  [outcome.insufficientBalance]: errorMessages.INSUFFICIENT_BALANCE,
}

const failureOf = ({ outcome: how, error }: Ended): string | undefined => (how === outcome.stop ? undefined : (error ?? failures[how]))
