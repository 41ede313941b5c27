/** Runs a message with all its inner ones to the end. Long runs give others a turn. */

import { type Ended, type Message, type Outcome, outcome } from './frame.ts'
import { beginTurn, isTurnOver, runFrame } from './loop.ts'
import { deliver, enterCreation, enterMessage, leaveFrame } from './messages.ts'
import type { Substate } from './substate.ts'
import { nextTurn } from './turns.ts'

/** Whether the frame that has run is over. */
const isEnd = (result: Outcome): boolean =>
  result !== outcome.next && result !== outcome.enter && result !== outcome.wait && result !== outcome.pause

/**
 * The outermost message of a transaction, or one that a precompile sends while it is awaited.
 * @throws NodeError CALL_TIMEOUT; NodeFault of a precompile: the substate and the state may be left in the middle.
 */
export async function runMessage(substate: Substate, message: Message): Promise<Ended> {
  beginTurn(substate)
  let result = message.isCreation ? enterCreation(substate, message, undefined) : enterMessage(substate, message, undefined)
  for (;;) {
    if (result === outcome.wait) {
      const { origin, answer } = substate.pending!
      deliver(substate, origin, await answer)
      beginTurn(substate)
    } else if (result === outcome.pause || (--substate.patience < 0 && isTurnOver(substate))) {
      await nextTurn()
      beginTurn(substate)
    }
    if (isEnd(result)) leaveFrame(substate, substate.frame!, result)
    if (substate.frame === undefined) return substate.ended!
    result = runFrame(substate.frame, substate)
  }
}
