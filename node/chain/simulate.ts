/** Calls: messages run as transactions on a borrowed machine, and undone. */

import { Block, BlockHeader } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { Account, bigIntMax, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { type RunTxResult, runTx } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import { runTransaction } from '../evm/transaction.ts'
import type { Machine } from '../state/machine.ts'
import { checkFunds, senderState, unwatchedRules } from './execute.ts'
import { offeredFee } from './fees.ts'
import { executionView, gasOf, intrinsicGas, minimumGasLimit, unsignedTransaction, ZERO_ADDRESS } from './transactions.ts'
import type { BlockOverride, CallOverrides, CallRequest, CallResult, Hex, StateOverride } from './types.ts'

export interface Simulation {
  machine: Machine
  common: Common
  /** The block whose context the call sees. */
  block: Block
  freeGas: boolean
  /** Whether the base fee of the block was chosen by the caller. */
  seesBaseFee: boolean
}

/**
 * Runs a message exactly as `runTx` runs a mined transaction: intrinsic gas, access lists, warm precompiles, refunds. The sender's nonce is
 * not checked and the sender may be a contract.
 * @throws NodeError CALL_INVALID, INTRINSIC_GAS_TOO_LOW, INSUFFICIENT_FUNDS, BASE_FEE_TOO_LOW
 */
export async function simulate(
  simulation: Simulation,
  request: CallRequest,
  gasLimit: bigint,
  reportAccessList = false,
): Promise<RunTxResult> {
  const { machine, common, block, freeGas, seesBaseFee } = simulation
  const sender = request.from ?? ZERO_ADDRESS
  const account = await senderState(machine, sender)
  const tx = unsignedTransaction({ ...request, nonce: account.nonce }, gasLimit, common)
  const minimum = minimumGasLimit(tx)
  if (gasLimit < minimum) throw new NodeError('INTRINSIC_GAS_TOO_LOW', `intrinsic gas too low: gas ${gasLimit}, minimum needed ${minimum}`)
  checkFunds(tx, sender, { ...account, isContract: false }, freeGas)
  const baseFee = block.header.baseFeePerGas ?? 0n
  const offered = offeredFee(tx)
  const isFree = freeGas || offered === 0n
  if (!isFree && offered < baseFee)
    throw new NodeError(
      'BASE_FEE_TOO_LOW',
      `max fee per gas less than block base fee: address ${sender}, maxFeePerGas: ${offered}, baseFee: ${baseFee}`,
    )
  const charged = isFree && baseFee > 0n ? overrideBlock(block, { baseFeePerGas: 0n }, common) : block
  // As in geth, a call that offers no fee finds a base fee of 0, unless its caller has chosen another for it to see.
  const seen = seesBaseFee ? block : charged
  const rules = reportAccessList ? undefined : unwatchedRules(machine, tx)
  if (rules !== undefined)
    return runTransaction(
      { ...machine.workplace, rules },
      { tx, gas: gasOf(tx), sender: sender.slice(2), freeGas, block: charged, blockGasUsed: 0n },
      seen,
    )
  const run = () =>
    runTx(machine.lenientVm, {
      tx: executionView(tx, sender, freeGas),
      block: charged,
      skipBlockGasLimitValidation: true,
      reportAccessList,
    })
  return seen === charged ? run() : seeingBlock(machine, seen, run)
}

export function callResult({ execResult, totalGasSpent }: RunTxResult): CallResult {
  const outcome = { output: execResult.returnValue, gasUsed: totalGasSpent }
  return execResult.exceptionError === undefined ? outcome : { ...outcome, error: execResult.exceptionError.error }
}

/**
 * The least gas limit with which the message succeeds. What a message uses before refunds is nearly always enough; where it is not (63/64 of
 * the gas reach an inner call, a call with value needs a stipend in hand) the limit is searched for with real runs.
 * @param cap highest limit to try
 * @throws NodeError EXECUTION_REVERTED, EXECUTION_FAILED, GAS_ALLOWANCE_EXCEEDED
 */
export async function estimate(simulation: Simulation, request: CallRequest, cap: bigint): Promise<bigint> {
  const { state } = simulation.machine
  const attempt = async (gasLimit: bigint): Promise<RunTxResult> => {
    await state.checkpoint()
    const result = await simulate(simulation, request, gasLimit)
    await state.revert()
    return result
  }
  const succeeds = async (gasLimit: bigint) => (await attempt(gasLimit)).execResult.exceptionError === undefined

  const full = await attempt(cap)
  const failure = full.execResult.exceptionError?.error
  if (failure === 'revert') throw new NodeError('EXECUTION_REVERTED', 'execution reverted', { data: full.execResult.returnValue })
  if (failure === 'out of gas') throw new NodeError('GAS_ALLOWANCE_EXCEEDED', `gas required exceeds allowance (${cap})`)
  if (failure !== undefined) throw new NodeError('EXECUTION_FAILED', failure)

  const tx = unsignedTransaction({ ...request, nonce: 0n }, cap, simulation.common)
  const minimum = minimumGasLimit(tx)
  const spentBeforeRefund = full.execResult.executionGasUsed + intrinsicGas(tx)
  let tooLow = bigIntMax(spentBeforeRefund, minimum) - 1n
  if (tooLow + 1n >= cap || (await succeeds(tooLow + 1n))) return tooLow + 1n
  tooLow++
  let enough = cap
  // Usually within one level's 64th of what was used; doubling the excess finds deeper nesting without a search over the whole cap.
  for (let excess = tooLow / 64n + 2500n; tooLow + excess < cap; excess *= 2n) {
    if (await succeeds(tooLow + excess)) {
      enough = tooLow + excess
      break
    }
    tooLow += excess
  }
  while (enough - tooLow > 1n) {
    const middle = (tooLow + enough) / 2n
    if (await succeeds(middle)) enough = middle
    else tooLow = middle
  }
  return enough
}

/** The block context of a call, with the overrides applied. */
export function overrideBlock(block: Block, override: BlockOverride | undefined, common: Common): Block {
  if (override === undefined) return block
  const { header } = block
  const fields = {
    parentHash: header.parentHash,
    number: override.number ?? header.number,
    timestamp: override.timestamp ?? header.timestamp,
    gasLimit: override.gasLimit ?? header.gasLimit,
    coinbase: override.coinbase ?? header.coinbase,
    difficulty: header.difficulty,
    mixHash: override.prevRandao === undefined ? header.mixHash : hexToBytes(override.prevRandao),
    ...(common.isActivatedEIP(1559) ? { baseFeePerGas: override.baseFeePerGas ?? header.baseFeePerGas ?? 0n } : {}),
    ...(header.excessBlobGas === undefined ? {} : { excessBlobGas: header.excessBlobGas }),
  }
  const changed = new BlockHeader(fields, { common, freeze: false, skipConsensusFormatValidation: true })
  const { blobBaseFee } = override
  if (blobBaseFee !== undefined) Object.defineProperty(changed, 'getBlobGasPrice', { value: () => blobBaseFee })
  return new Block(changed, [], [], undefined, { common })
}

/**
 * Runs a transaction whose code sees another block than the one by whose base fee it is charged: a call that offers no fee runs under any
 * base fee, and BASEFEE still tells it.
 */
export async function seeingBlock<T>({ evm }: Machine, seen: Block, run: () => Promise<T>): Promise<T> {
  const { runCall } = evm
  // Inner calls come without a block: they keep that of the outermost.
  evm.runCall = (options) => runCall.call(evm, options.block === undefined ? options : { ...options, block: seen })
  try {
    return await run()
  } finally {
    evm.runCall = runCall
  }
}

export async function overrideState(machine: Machine, overrides: CallOverrides['state']): Promise<void> {
  for (const [address, override] of Object.entries(overrides ?? {})) await overrideAccount(machine, address as Hex, override)
}

/** Writes what the override names. Keys and values of `state` and `stateDiff` are 32 bytes. */
export async function overrideAccount({ state }: Machine, hex: Hex, override: StateOverride): Promise<void> {
  const address = createAddressFromString(hex)
  const account = (await state.getAccount(address)) ?? new Account()
  account.balance = override.balance ?? account.balance
  account.nonce = override.nonce ?? account.nonce
  await state.putAccount(address, account)
  if (override.code !== undefined) await state.putCode(address, override.code)
  if (override.state !== undefined) await state.clearStorage(address)
  for (const [slot, value] of Object.entries({ ...override.state, ...override.stateDiff }))
    await state.putStorage(address, hexToBytes(slot as Hex), hexToBytes(value))
}
