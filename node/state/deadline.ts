/** When a call must be over. Mined transactions have none: what a block holds depends on no clock. */

import { NodeError } from '../errors.ts'

export interface Deadline {
  /** As performance.now() counts. */
  atMs: number
  limitMs: number
}

export const noDeadline = (): Deadline => ({ atMs: Number.POSITIVE_INFINITY, limitMs: 0 })

/** Ends a call before its time, because others wait. */
export function callOff(deadline: Deadline, ranMs: number): void {
  Object.assign(deadline, { atMs: 0, limitMs: Math.round(ranMs) })
}

/** @throws NodeError CALL_TIMEOUT; the machine may be left in the middle. */
export function checkDeadline({ atMs, limitMs }: Deadline): void {
  if (atMs === 0)
    throw new NodeError('CALL_TIMEOUT', `the call was ended after ${limitMs} ms: too many that run for long keep others waiting`)
  if (atMs !== Number.POSITIVE_INFINITY && performance.now() > atMs)
    throw new NodeError(
      'CALL_TIMEOUT',
      `the call took longer than ${limitMs} ms: the node allows no more (admission.callTimeoutMs). Give it less gas`,
    )
}

/** Runs a task that must be over in time; 0: in its own. */
export async function within<T>(deadline: Deadline, limitMs: number, task: () => Promise<T>): Promise<T> {
  if (limitMs === 0) return task()
  Object.assign(deadline, { atMs: performance.now() + limitMs, limitMs })
  try {
    return await task()
  } finally {
    deadline.atMs = Number.POSITIVE_INFINITY
  }
}
