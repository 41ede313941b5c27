/** Requests whose bytes are here and valid, in the order in which they came: the system's work of the next block. */
import type { SystemCall, SystemWork } from '../chain/types.ts'

export interface Activations extends SystemWork {
  offer(request: number, call: SystemCall): void
  withdraw(request: number): void
  /** Called with each request that a block was not let begin with. */
  onRefused: (request: number) => void
}

export function createActivations(): Activations {
  const offered = new Map<number, SystemCall>()
  const activations: Activations = {
    calls: () => [...offered.values()],
    refuse(refused) {
      for (const [request, call] of offered) {
        if (call !== refused) continue
        offered.delete(request)
        activations.onRefused(request)
      }
    },
    offer: (request, call) => void offered.set(request, call),
    withdraw: (request) => void offered.delete(request),
    onRefused: () => {},
  }
  return activations
}
