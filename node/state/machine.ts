/**
 * A machine runs transactions on one state: a VM over a view of the state and the changes to it.
 * No machine is re-entrant: the block producer owns one, readers borrow theirs from `readers.ts`.
 */

import type { Common, StateManagerInterface } from '@ethereumjs/common'
import { createEVM, type EVM } from '@ethereumjs/evm'
import { VM } from '@ethereumjs/vm'
import { createPrecompiles, type NativePrecompile } from '../evm/precompiles.ts'
import type { Workplace } from '../evm/transaction.ts'
import { checkDeadline, type Deadline, noDeadline } from './deadline.ts'
import { createState, type MachineState } from './state.ts'
import { takingTurns } from './turns.ts'
import type { States, StateView } from './views.ts'

export interface MachineContext {
  states: States
  /** Hash of a canonical block, for the BLOCKHASH instruction. */
  blockHash(number: bigint): Uint8Array
  /** Installs precompiles; called once on each EVM that is created. */
  equip?: ((evm: EVM) => void | Promise<void>) | undefined
  /** By unprefixed address: what the precompiles installed by `equip` are outside an EVM of the library. */
  natives?: ReadonlyMap<string, NativePrecompile> | undefined
}

export interface Machine {
  /** The rules by which it runs. */
  common: Common
  evm: EVM
  vm: VM
  /** For simulations: as `vm`, but the sender of a transaction may be a contract. */
  lenientVm: VM
  state: MachineState
  deadline: Deadline
  /** Listeners of the node's own. */
  ownListeners: number
  /** Where transactions run that nobody watches. */
  workplace: Omit<Workplace, 'rules'>
}

/** A machine on the state with this root. About 2 ms. */
export async function createMachine(context: MachineContext, common: Common, root: Uint8Array): Promise<Machine> {
  const state = createState(context.states.at(root))
  const blockchain = {
    getBlock: async (number: number) => ({ hash: () => context.blockHash(BigInt(number)) }),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  }
  const deadline = noDeadline()
  const evm = await createEVM({ common, stateManager: state, blockchain, customOpcodes: [takingTurns(common, deadline)] })
  evm.events.on('beforeMessage', () => checkDeadline(deadline))
  await context.equip?.(evm)
  // The fork never changes, and its listeners would keep every EVM alive that was ever made.
  common.events.removeAllListeners('hardforkChanged')
  const vm = new VM({ common, stateManager: state, blockchain, evm })
  const lenientVm = new VM({ common: senderMayBeDelegated(common), stateManager: senderMayBeContract(state), blockchain, evm })
  const workplace = {
    common,
    state: state.direct,
    precompiles: createPrecompiles(evm, context.natives ?? new Map()),
    deadline,
    frames: [],
    blockHash: context.blockHash,
  }
  return { common, evm, vm, lenientVm, state, deadline, ownListeners: listenersOf(evm), workplace }
}

const listenersOf = ({ events }: EVM): number =>
  events.listenerCount('beforeMessage') +
  events.listenerCount('afterMessage') +
  events.listenerCount('step') +
  events.listenerCount('newContract')

/** Whether somebody listens to what the library's EVM announces. */
export const isWatched = ({ evm, ownListeners }: Machine): boolean => listenersOf(evm) > ownListeners

/** Moves the machine to another state and forgets what it had left unfinished. */
export function moveMachine({ evm, state }: Machine, view: StateView): void {
  state.rebase(view)
  evm.journal.cleanJournal()
}

/**
 * EIP-3607 refuses a sender with code, `eth_call` must not. The VM asks its state manager for the sender's code only for that check, and
 * lets EIP-7702 delegations pass, so here every account looks delegated to the check. The EVM keeps the real state manager.
 */
function senderMayBeDelegated(common: Common): Common {
  if (common.isActivatedEIP(7702)) return common
  return Object.create(common, { isActivatedEIP: { value: (eip: number) => eip === 7702 || common.isActivatedEIP(eip) } }) as Common
}

function senderMayBeContract(state: StateManagerInterface): StateManagerInterface {
  const delegated = new Uint8Array([0xef, 0x01, 0x00])
  return { ...state, getCode: async () => delegated }
}
