/** Why code failed, in the words of geth, which clients compare. */

import type { InterpreterStep } from '@ethereumjs/evm'
import type { Machine } from '../state/machine.ts'

const words: Readonly<Record<string, string>> = {
  'code store out of gas': 'contract creation code storage out of gas',
  'code size to deposit exceeds maximum code size': 'max code size exceeded',
  'stack overflow': 'stack limit reached 1024 (1023)',
  'invalid JUMP': 'invalid jump destination',
  'static state change': 'write protection',
  'create collision': 'contract address collision',
  'insufficient balance': 'insufficient balance for transfer',
  'invalid bytecode deployed': 'invalid code: must not begin with 0xef',
  'initcode exceeds max initcode size': 'max initcode size exceeded',
}

const INVALID = 0xfe
const INVALID_OPCODE = 'invalid opcode'

/** @param opcode the last one that the outermost frame came to */
export function failureInWords(error: string, opcode: number | undefined): string {
  if (error !== INVALID_OPCODE || opcode === undefined) return words[error] ?? error
  return opcode === INVALID ? 'invalid opcode: INVALID' : `invalid opcode: opcode 0x${opcode.toString(16)} not defined`
}

/** Runs again what ended at an invalid opcode, and looks which one it was. What it changes is taken back. */
export async function invalidOpcode({ evm, state }: Machine, run: () => Promise<unknown>): Promise<number | undefined> {
  let last: number | undefined
  const onStep = ({ depth, opcode }: InterpreterStep): void => {
    if (depth === 0) last = opcode.code
  }
  await state.checkpoint()
  evm.events.on('step', onStep)
  try {
    await run()
  } finally {
    evm.events.off('step', onStep)
    await state.revert()
  }
  return last
}

export const endsAtInvalidOpcode = (error: string | undefined): boolean => error === INVALID_OPCODE
