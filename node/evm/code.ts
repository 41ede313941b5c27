/** What is found out about code once: where jumps may go, and what PUSH pushes as far as it is known. */

import { wordOfHex } from './words.ts'

export interface CodeAnalysis {
  /** 1 at each JUMPDEST that is an instruction. */
  readonly isJumpTarget: Uint8Array
  /** By the place after the PUSH; undefined until it has run. */
  readonly constants: (bigint | undefined)[]
}

export const JUMPDEST = 0x5b
export const PUSH0 = 0x5f
export const PUSH32 = 0x7f

/** The states give the same bytes as the same object while they are in use. */
const analyses = new WeakMap<Uint8Array, CodeAnalysis>()

export function analysisOf(code: Uint8Array): CodeAnalysis {
  let analysis = analyses.get(code)
  if (analysis === undefined) {
    analysis = { isJumpTarget: jumpTargets(code), constants: Array(code.length + 1) }
    analyses.set(code, analysis)
  }
  return analysis
}

function jumpTargets(code: Uint8Array): Uint8Array {
  const targets = new Uint8Array(code.length)
  for (let at = 0; at < code.length; at++) {
    const opcode = code[at]!
    if (opcode === JUMPDEST) targets[at] = 1
    else if (opcode > PUSH0 && opcode <= PUSH32) at += opcode - PUSH0
  }
  return targets
}

/** What lies behind the end of the code is 0. */
export function constantAt(code: Uint8Array, at: number, length: number): bigint {
  if (length === 0) return 0n
  const bytes = code.subarray(at, at + length)
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
  return wordOfHex(digits.padEnd(2 * length, '0'))
}

const DELEGATION_BYTES = 23

/** Address that an account's code delegates to (EIP-7702). */
export function delegateOf(code: Uint8Array): string | undefined {
  if (code.length !== DELEGATION_BYTES || code[0] !== 0xef || code[1] !== 0x01 || code[2] !== 0x00) return undefined
  return Buffer.from(code.buffer, code.byteOffset + 3, DELEGATION_BYTES - 3).toString('hex')
}

/** EIP-3540's magic: the library refuses to create from it, on all forks. */
export const isEofContainer = (code: Uint8Array): boolean => code[0] === 0xef && code[1] === 0x00
