/**
 * What a transaction gathers while it runs, beside the state (Yellow Paper, 6.1; EIP-2929, 1153). What frames add goes with them when they are
 * reverted: each change is noted in the state's own history.
 */

import type { Block } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import type { Deadline } from '../state/deadline.ts'
import type { DirectState } from '../state/state.ts'
import { type Ended, Frame, type Mark, type Message, type Origin } from './frame.ts'
import type { Rules } from './rules.ts'

export type Log = [address: Uint8Array, topics: Uint8Array[], data: Uint8Array]

/** What stays the same while a transaction runs. */
export interface Surroundings {
  readonly rules: Rules
  readonly common: Common
  readonly state: DirectState
  readonly precompiles: Precompiles
  readonly deadline: Deadline
  /** By depth, for all transactions of a machine. */
  readonly frames: Frame[]
  /** The block that the code sees. */
  readonly block: Block
  readonly origin: string
  readonly gasPrice: bigint
  readonly blobHashes: readonly string[]
  blockHash(number: bigint): Uint8Array
}

export interface Precompiles {
  has(address: string): boolean
  /** Runs the one that the message calls. */
  run(substate: Substate, message: Message): Ended | Promise<Ended>
}

export class Substate {
  readonly around: Surroundings
  readonly rules: Rules
  readonly state: DirectState
  readonly logs: Log[] = []
  readonly created = new Set<string>()
  readonly destroyed = new Set<string>()
  /** Accounts that were there and empty when they were touched: they go at the end (EIP-161). */
  readonly touched = new Set<string>()
  refund = 0
  /** The frame that runs. */
  frame: Frame | undefined
  /** Of the outermost message, once it has ended. */
  ended: Ended | undefined
  /** The precompile that must be awaited, and who has called it. */
  pending: { readonly origin: Origin; readonly answer: Promise<Ended> } | undefined
  /** Jumps and calls until the clock is looked at. */
  patience = 0
  /** As performance.now() counts. */
  turnEndsAtMs = 0
  readonly #warm = new Set<string>()
  readonly #transient = new Map<string, bigint>()
  readonly #originals = new Map<string, Uint8Array>()

  constructor(around: Surroundings) {
    this.around = around
    this.rules = around.rules
    this.state = around.state
  }

  mark(): Mark {
    return { state: this.state.mark(), logs: this.logs.length, refund: this.refund }
  }

  revertTo({ state, logs, refund }: Mark): void {
    this.state.revertTo(state)
    this.logs.length = logs
    this.refund = refund
  }

  /** The frame of a depth, to be begun anew. */
  frameAt(depth: number): Frame {
    const { frames } = this.around
    frames[depth] ??= new Frame()
    return frames[depth]
  }

  isWarm(address: string): boolean {
    return this.#warm.has(address) || this.around.precompiles.has(address)
  }

  /** Gas of touching an account, which is warm from then on. */
  touchAccountGas(address: string): number {
    return this.warm(address) ? this.rules.coldAccountGas : this.rules.warmGas
  }

  /** Makes an account warm; whether it was cold. */
  warm(address: string): boolean {
    if (this.isWarm(address)) return false
    this.#add(this.#warm, address)
    return true
  }

  isWarmSlot(address: string, slot: string): boolean {
    return this.#warm.has(address + slot)
  }

  /** Makes a slot warm; whether it was cold. */
  warmSlot(address: string, slot: string): boolean {
    const name = address + slot
    if (this.#warm.has(name)) return false
    this.#add(this.#warm, name)
    return true
  }

  noteCreated(address: string): void {
    this.#add(this.created, address)
  }

  noteDestroyed(address: string): void {
    this.#add(this.destroyed, address)
  }

  /** An account takes part in a transfer, be it of nothing. */
  touch(address: string): void {
    const account = this.state.account(address)
    if (account !== undefined && this.state.isEmpty(account)) this.#add(this.touched, address)
  }

  transient(address: string, slot: string): bigint {
    return this.#transient.get(address + slot) ?? 0n
  }

  putTransient(address: string, slot: string, word: bigint): void {
    const name = address + slot
    const before = this.#transient.get(name)
    this.state.note(() => void (before === undefined ? this.#transient.delete(name) : this.#transient.set(name, before)))
    this.#transient.set(name, word)
  }

  /** A slot's value before the transaction, if asked before the transaction has changed it. */
  original(address: string, slot: string, now: Uint8Array): Uint8Array {
    const name = address + slot
    const known = this.#originals.get(name)
    if (known !== undefined) return known
    this.#originals.set(name, now)
    return now
  }

  #add(set: Set<string>, name: string): void {
    if (set.has(name)) return
    set.add(name)
    this.state.note(() => void set.delete(name))
  }
}
