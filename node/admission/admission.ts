/**
 * Which transactions a node takes while gas costs nothing. Valid ones are turned away here when their sender has had its share; blocks and
 * their verification know nothing of it. docs/free-gas.md tells the rules.
 */

import type { EventEmitter } from 'node:events'
import type { TypedTransaction } from '@ethereumjs/tx'
import { offeredFee } from '../chain/fees.ts'
import type { ChainEvents, Hex } from '../chain/types.ts'
import { NodeError } from '../errors.ts'
import { createAllowances } from './allowance.ts'
import type { AdmissionConfig } from './config.ts'
import { grantedGas } from './proof-of-work.ts'

export interface Admission {
  /**
   * Of a transaction that the pool has taken up, and will give back if this throws.
   * @param replaced the waiting transaction whose place it takes
   * @throws NodeError DEPLOYER_NOT_ALLOWED, SENDER_QUEUE_FULL, FREE_GAS_SPENT
   */
  check(hash: Hex, tx: TypedTransaction, sender: Hex, replaced: Hex | undefined): void
}

export interface AdmissionContext {
  freeGas: boolean
  /** Of one sender, the new one included. */
  waiting(sender: Hex): number
  isWaiting(hash: Hex): boolean
  events: EventEmitter<ChainEvents>
  /** Seconds. */
  now(): number
}

export function createAdmission(config: AdmissionConfig, context: AdmissionContext): Admission {
  const { gasPerWindow, budgets, sponsors, deployers, proofOfWorkDifficulty, maxWaitingPerSender, windowSeconds } = config
  const allowances = createAllowances(windowSeconds, context.now, context.isWaiting)
  const allowed = deployers === undefined ? undefined : new Set(deployers)
  const sponsorsOf = new Map<string, string[]>()
  for (const [index, { contracts }] of sponsors.entries())
    for (const contract of contracts) sponsorsOf.set(contract, [...(sponsorsOf.get(contract) ?? []), `sponsor ${index}`])
  const sponsorBudget = (name: string): bigint => sponsors[Number(name.slice('sponsor '.length))]!.gasPerWindow
  const isBounded = context.freeGas && gasPerWindow !== undefined
  if (isBounded)
    context.events.on('block', ({ receipts }) => {
      for (const { transactionHash, gasUsed } of receipts) allowances.settle(transactionHash, gasUsed)
    })

  const checkFreeGas = (hash: Hex, tx: TypedTransaction, sender: Hex, gasOfAnybody: bigint, replaced: Hex | undefined): void => {
    const gas = tx.gasLimit
    for (const name of sponsorsOf.get(tx.to?.toString() ?? '') ?? [])
      if (allowances.reserve(name, sponsorBudget(name), hash, gas, replaced)) return
    const budget = budgets[sender] ?? gasOfAnybody
    if (allowances.reserve(sender, budget, hash, gas, replaced)) return
    const granted = grantedGas(sender, tx.nonce, offeredFee(tx), proofOfWorkDifficulty)
    if (granted >= gas) {
      if (replaced !== undefined) allowances.settle(replaced, 0n)
      return
    }
    const left = allowances.left(sender, budget)
    const stamp =
      proofOfWorkDifficulty === 0n
        ? ''
        : `, or stamp it with work: infernode stamp --from ${sender} --nonce ${tx.nonce} --gas ${gas} --difficulty ${proofOfWorkDifficulty}` +
          ` finds the gas price to offer (${offeredFee(tx)} grants ${granted} gas)`
    throw new NodeError(
      'FREE_GAS_SPENT',
      `free gas is spent: ${sender} has ${left} gas left of ${budget} in ${windowSeconds} s, the transaction may use ${gas}. ` +
        `Lower its gas limit, wait ${allowances.secondsToNextWindow()} s${stamp}`,
    )
  }

  return {
    check(hash, tx, sender, replaced) {
      if (allowed !== undefined && tx.to === undefined && !allowed.has(sender))
        throw new NodeError(
          'DEPLOYER_NOT_ALLOWED',
          `${sender} may not create contracts here: the node takes such transactions from ${allowed.size} configured addresses (admission.deployers)`,
        )
      if (context.waiting(sender) > maxWaitingPerSender)
        throw new NodeError(
          'SENDER_QUEUE_FULL',
          `too many waiting transactions: ${sender} has ${context.waiting(sender) - 1}, the node keeps ${maxWaitingPerSender} of one sender. Wait until some are mined`,
        )
      if (isBounded) checkFreeGas(hash, tx, sender, gasPerWindow, replaced)
    },
  }
}
