/** What a tracer is. Each listens to a machine only while its transaction runs: a listener on every step makes execution four times as slow. */

import type { RunTxResult } from '@ethereumjs/vm'
import type { Machine } from '../../state/machine.ts'

/** One transaction or message that is about to run. */
export interface TraceSubject {
  readonly machine: Machine
  /** Of the transaction, intrinsic gas included. */
  readonly gasLimit: bigint
  /** Accounts that take part whatever the code does: sender, recipient, fee recipient, authorities of EIP-7702. */
  readonly parties: readonly `0x${string}`[]
  /** Runs it on the machine and leaves the state that it makes there. */
  run(): Promise<RunTxResult>
}

/** Runs the subject, once or several times, and leaves the machine in the state after it. */
export type Tracer<T> = (subject: TraceSubject) => Promise<T>
