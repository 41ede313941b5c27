/** What a tracer is. Each listens to a machine only while its transaction runs: a listener on every step makes execution four times as slow. */

import type { TypedTransaction } from '@ethereumjs/tx'
import { Address, createAddressFromString, eoaCode7702RecoverAuthority } from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import type { Machine } from '../../state/machine.ts'
import type { CallRequest, Hex } from '../types.ts'

/** One transaction or message that is about to run. */
export interface TraceSubject {
  readonly machine: Machine
  /** Of the transaction, intrinsic gas included. */
  readonly gasLimit: bigint
  /** Accounts that take part whatever the code does: sender, recipient, fee recipient, authorities of EIP-7702. */
  readonly parties: readonly Hex[]
  /** Runs it on the machine and leaves the state that it makes there. */
  run(): Promise<RunTxResult>
}

/** Runs the subject, once or several times, and leaves the machine in the state after it. */
export type Tracer<T> = (subject: TraceSubject) => Promise<T>

/** Runs the subject for what can be seen of it, and takes its changes back. */
export async function rehearse<T>({ machine }: TraceSubject, task: () => Promise<T>): Promise<T> {
  await machine.state.checkpoint()
  const result = await task()
  await machine.state.revert()
  return result
}

export function partiesOfTransaction(tx: TypedTransaction, sender: Hex, coinbase: Address): Hex[] {
  const authorities = 'authorizationList' in tx ? tx.authorizationList.flatMap((item) => authorityOf(item)) : []
  return [sender, ...(tx.to === undefined ? [] : [hex(tx.to)]), hex(coinbase), ...authorities]
}

export function partiesOfCall({ from, to }: CallRequest, coinbase: Address): Hex[] {
  return [from ?? hex(new Address(new Uint8Array(20))), ...(to === undefined ? [] : [to]), hex(coinbase)]
}

/** An authorization whose signature recovers to nobody takes no part. */
function authorityOf(item: Parameters<typeof eoaCode7702RecoverAuthority>[0]): Hex[] {
  try {
    return [hex(eoaCode7702RecoverAuthority(item))]
  } catch {
    return []
  }
}

export const hex = (address: Address): Hex => address.toString() as Hex
export const toAddress = (address: Hex): Address => createAddressFromString(address)
