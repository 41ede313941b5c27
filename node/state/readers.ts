/**
 * Machines for reading: calls, estimates and traces borrow one at the state they need and give it back. Whatever they write is undone and
 * never reaches the database.
 */

import type { Common } from '@ethereumjs/common'
import { createMachine, type Machine, type MachineContext, moveMachine } from './machine.ts'

/** More would only hold memory: calls share one thread and overlap just where they await. */
const MAX_READERS = 4

export interface Readers {
  /** Lends a machine of these rules at the state with this root. The task must not keep the machine. */
  lend<T>(common: Common, root: Uint8Array, task: (machine: Machine) => Promise<T>): Promise<T>
}

export function createReaders(context: MachineContext): Readers {
  const idle: Machine[] = []
  const waiting: ((machine: Machine | undefined) => void)[] = []
  let count = 0

  const takeIdle = (common: Common): Machine | undefined => {
    const index = idle.findLastIndex((machine) => machine.common === common)
    if (index >= 0) return idle.splice(index, 1)[0]
    // One of other rules makes room.
    if (count >= MAX_READERS && idle.shift() !== undefined) count--
    return undefined
  }
  const acquire = async (common: Common, root: Uint8Array): Promise<Machine> => {
    let machine = takeIdle(common)
    if (machine === undefined && count >= MAX_READERS) machine = await new Promise((resolve) => waiting.push(resolve))
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
      try {
        const result = await task(machine)
        release(machine)
        return result
      } catch (error) {
        // A task that fails may leave listeners behind, and checkpoints in the EVM.
        drop()
        throw error
      }
    },
  }
}
