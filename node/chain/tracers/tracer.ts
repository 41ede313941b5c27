/** What tracers have in common. */

import type { TypedTransaction } from '@ethereumjs/tx'
import { Address, createAddressFromString, eoaCode7702RecoverAuthority } from '@ethereumjs/util'
import type { CallRequest, Hex } from '../types.ts'
import type { TraceSubject } from './subject.ts'

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
