/** One message call that runs, and how it can end. */

import { analysisOf, type CodeAnalysis } from './code.ts'
import { Memory } from './memory.ts'
import { EMPTY } from './words.ts'

/** How an instruction ends, and with it perhaps the frame. */
export const outcome = {
  /** The next instruction follows. */
  next: 0,
  /** Another frame runs first: an inner one that has begun. */
  enter: 1,
  /** A precompile must be awaited. */
  wait: 2,
  /** Others have a turn. */
  pause: 3,
  stop: 4,
  revert: 5,
  // Exceptional halts, which take all gas.
  outOfGas: 6,
  stackUnderflow: 7,
  stackOverflow: 8,
  invalidJump: 9,
  invalidOpcode: 10,
  staticStateChange: 11,
  initCodeTooLarge: 12,
  codeTooLarge: 13,
  invalidCode: 14,
  collision: 15,
  valueOverflow: 16,
  insufficientBalance: 17,
  precompileFailed: 18,
} as const

export type Outcome = (typeof outcome)[keyof typeof outcome]

/** A call or creation, before it runs. Addresses are unprefixed hex. */
export interface Message {
  readonly isCreation: boolean
  readonly caller: string
  /** Whose storage it works on. Of a creation: the new account. */
  readonly address: string
  /** Whose code runs. */
  readonly codeAddress: string
  readonly value: bigint
  /** The caller's value and sender, in the caller's name. */
  readonly isDelegate: boolean
  readonly isStatic: boolean
  readonly depth: number
  readonly gas: number
  /** Calldata; of a creation, the init code. */
  readonly data: Uint8Array
  /** Where the caller wants the output. */
  readonly outputOffset: bigint
  readonly outputLength: bigint
}

/** Where the state and the substate stood when the frame began. */
export interface Mark {
  readonly state: number
  readonly logs: number
  readonly refund: number
}

/** Where a message came from, and what is undone if it fails. */
export interface Origin {
  readonly parent: Frame | undefined
  readonly message: Message
  readonly mark: Mark
}

/** What a message leaves. */
export interface Ended {
  readonly outcome: Outcome
  /** That is left. */
  readonly gas: number
  readonly output: Uint8Array
  /** What went wrong, where the outcome does not say it. */
  readonly error?: string | undefined
}

const STACK_ITEMS = 1024

/** Frames of one depth use the same stack and memory, one after the other. */
export class Frame {
  readonly stack: bigint[] = Array(STACK_ITEMS).fill(0n)
  readonly memory = new Memory()
  parent: Frame | undefined
  message!: Message
  mark!: Mark
  code: Uint8Array = EMPTY
  analysis: CodeAnalysis = analysisOf(EMPTY)
  /** Place of the next instruction. */
  pc = 0
  /** Items on the stack. */
  height = 0
  gas = 0
  /** Of the last inner call. */
  returned: Uint8Array = EMPTY
  /** Of the frame itself. */
  output: Uint8Array = EMPTY

  begin(parent: Frame | undefined, message: Message, mark: Mark, code: Uint8Array): void {
    this.parent = parent
    this.message = message
    this.mark = mark
    this.code = code
    this.analysis = analysisOf(code)
    this.pc = 0
    this.height = 0
    this.gas = message.gas
    this.returned = EMPTY
    this.output = EMPTY
    this.memory.clear()
  }

  /** The top of the stack is 0. */
  peek(depth: number): bigint {
    return this.stack[this.height - 1 - depth]!
  }

  /** Takes the topmost items away and puts one there. */
  replace(taken: number, word: bigint): void {
    this.height -= taken - 1
    this.stack[this.height - 1] = word
  }

  /** Whether there is enough gas; takes it. */
  pay(gas: number): boolean {
    if (gas > this.gas) return false
    this.gas -= gas
    return true
  }

  /** As `pay`, for gas and the memory up to an end. */
  payWithMemory(gas: number, end: number): boolean {
    if (!this.pay(gas + this.memory.expansionGas(end))) return false
    this.memory.grow(end)
    return true
  }
}
