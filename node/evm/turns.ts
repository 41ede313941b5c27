/**
 * Turns of the event loop for long runs: one run has one turn in each round, however many there are. So requests, blocks and short calls
 * wait for one turn at most, and long runs share what is left.
 */

/** How long a run may go on at a stretch. */
export const TURN_MS = 8

/** There is one event loop for all of the process. */
const waiting: (() => void)[] = []
let isScheduled = false

/** Resolves when the run may go on. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    schedule()
  })
}

function schedule(): void {
  if (isScheduled || waiting.length === 0) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    waiting.shift()?.()
    schedule()
  })
}
