/**
 * Machines for reading: calls, estimates and traces borrow one at the state they need and give it back. Whatever they write is undone and
 * never reaches the database.
 */

import { bytesToHex } from '@ethereumjs/util'
import { createMachine, type Machine, type MachineContext, reroot } from './machine.ts'

/** More would only hold memory: calls share one thread and overlap just where they await. */
const MAX_READERS = 4

export interface Readers {
  /** Lends a machine at the state with this root. The task must not ask for the machine's state root, nor keep the machine. */
  lend<T>(root: Uint8Array, task: (machine: Machine) => Promise<T>): Promise<T>
}

interface Reader {
  machine: Machine
  root: string
}

export function createReaders(context: MachineContext): Readers {
  const idle: Reader[] = []
  const waiting: ((reader: Reader | undefined) => void)[] = []
  let count = 0

  const acquire = async (root: Uint8Array): Promise<Reader> => {
    const wanted = bytesToHex(root)
    const ready = idle.findIndex((reader) => reader.root === wanted)
    let reader = ready >= 0 ? idle.splice(ready, 1)[0] : idle.pop()
    if (reader === undefined && count >= MAX_READERS) reader = await new Promise<Reader | undefined>((resolve) => waiting.push(resolve))
    try {
      if (reader === undefined) {
        count++
        return { machine: await createMachine(context, root), root: wanted }
      }
      if (reader.root !== wanted) {
        await reroot(reader.machine, root)
        reader.root = wanted
      }
      return reader
    } catch (error) {
      drop()
      throw error
    }
  }
  const release = (reader: Reader): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(reader)
    else next(reader)
  }
  const drop = (): void => {
    count--
    waiting.shift()?.(undefined)
  }

  return {
    async lend(root, task) {
      const reader = await acquire(root)
      const { state, overlay } = reader.machine
      try {
        await state.checkpoint()
        const result = await task(reader.machine)
        await state.revert()
        overlay.discard()
        release(reader)
        return result
      } catch (error) {
        // A task that fails may leave checkpoints and listeners behind.
        drop()
        throw error
      }
    },
  }
}
