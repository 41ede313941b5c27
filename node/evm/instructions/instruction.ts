/** What an instruction's file declares. */

import type { Frame, Outcome } from '../frame.ts'
import type { Substate } from '../substate.ts'

/**
 * Works on the frame whose instruction it is: `pc` is behind it, and its stack has the items it takes and room for those it gives. Its fee is
 * taken; where its gas depends on its operands the fee may be more than there was, and it charges the rest before it changes anything.
 */
export type Instruction = (frame: Frame, substate: Substate) => Outcome

export interface Declaration {
  readonly opcode: number
  /** Items taken from the stack, and put there. */
  readonly takes: number
  readonly gives: number
  /** Items that must be there before its gas is known, where those are not all: the rest it misses after it has paid. */
  readonly peeks?: number
  readonly run: Instruction
}
