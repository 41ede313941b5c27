/**
 * Machines for reading: calls, estimates and traces borrow one at the state they need and give it back. Whatever they write is undone and
 * never reaches the database.
 */

import type { Common } from '@ethereumjs/common'
import { callOff } from './deadline.ts'
import { createMachine, type Machine, type MachineContext, moveMachine } from './machine.ts'

/** Calls share one thread: more overlap only where some run for long, and those must not keep the others waiting. */
const MAX_READERS = 32
/** A call that has run for so long ends where others wait for its machine. */
const MIN_LOAN_MS = 1000

export interface Readers {
  /** Lends a machine of these rules at the state with this root. The task must not keep the machine. */
  lend<T>(common: Common, root: Uint8Array, task: (machine: Machine) => Promise<T>): Promise<T>
}

export function createReaders(context: MachineContext): Readers {
  const idle: Machine[] = []
  const waiting: ((machine: Machine | undefined) => void)[] = []
  /** Since when, in the order of lending. */
  const lent = new Map<Machine, number>()
  let count = 0

  /** The oldest loan is called back, so that endless calls keep nobody waiting. */
  const callBack = (): void => {
    const oldest = lent.entries().next().value
    if (waiting.length === 0 || oldest === undefined) return
    const [machine, since] = oldest
    const loanMs = performance.now() - since
    if (loanMs >= MIN_LOAN_MS) {
      lent.delete(machine)
      callOff(machine.deadline, loanMs)
    }
    setTimeout(callBack, Math.max(10, MIN_LOAN_MS - loanMs)).unref()
  }
  const takeIdle = (common: Common): Machine | undefined => {
    const index = idle.findLastIndex((machine) => machine.common === common)
    if (index >= 0) return idle.splice(index, 1)[0]
    // One of other rules makes room.
    if (count >= MAX_READERS && idle.shift() !== undefined) count--
    return undefined
  }
  const acquire = async (common: Common, root: Uint8Array): Promise<Machine> => {
    let machine = takeIdle(common)
    if (machine === undefined && count >= MAX_READERS) {
      if (waiting.length === 0) setImmediate(callBack)
      machine = await new Promise((resolve) => waiting.push(resolve))
    }
    try {
      if (machine !== undefined && machine.common !== common) {
        count--
        machine = undefined
      }
      if (machine === undefined) {
        count++
        return await createMachine(context, common, root)
      }
      moveMachine(machine, context.states.at(root))
      return machine
    } catch (error) {
      drop()
      throw error
    }
  }
  const release = (machine: Machine): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(machine)
    else next(machine)
  }
  const drop = (): void => {
    count--
    waiting.shift()?.(undefined)
  }

  return {
    async lend(common, root, task) {
      const machine = await acquire(common, root)
      lent.set(machine, performance.now())
      try {
        const result = await task(machine)
        release(machine)
        return result
      } catch (error) {
        // A task that fails may leave listeners behind, and checkpoints in the EVM.
        drop()
        throw error
      } finally {
        lent.delete(machine)
      }
    },
  }
}
