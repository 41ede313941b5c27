/**
 * A machine runs transactions on one state: a VM, its state manager and the overlay that collects new trie nodes.
 * No machine is re-entrant: the block producer owns one, readers borrow theirs from `readers.ts`.
 */

import type { Common } from '@ethereumjs/common'
import { createEVM, type EVM } from '@ethereumjs/evm'
import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { Caches, MerkleStateManager } from '@ethereumjs/statemanager'
import { type Address, ValueEncoding } from '@ethereumjs/util'
import { VM } from '@ethereumjs/vm'
import { NodeOverlay, type NodeStore } from './nodes.ts'

export interface MachineContext {
  common: Common
  nodes: NodeStore
  /** Hash of a canonical block, for the BLOCKHASH instruction. */
  blockHash(number: bigint): Uint8Array
  /** Installs precompiles; called once on each EVM that is created. */
  equip?: ((evm: EVM) => void | Promise<void>) | undefined
}

export interface Machine {
  evm: EVM
  vm: VM
  /** For simulations: as `vm`, but the sender of a transaction may be a contract. */
  lenientVm: VM
  state: MerkleStateManager
  caches: Caches
  overlay: NodeOverlay
}

export function createState({ common }: MachineContext, root: Uint8Array, overlay: NodeOverlay, caches = new Caches()): MerkleStateManager {
  const trie = new MerklePatriciaTrie({ db: overlay, valueEncoding: ValueEncoding.Bytes, useKeyHashing: true, common, root })
  return new MerkleStateManager({ common, trie, caches })
}

/** A machine on the state with this root. About 2 ms. */
export async function createMachine(context: MachineContext, root: Uint8Array): Promise<Machine> {
  const { common } = context
  const overlay = new NodeOverlay(context.nodes)
  const caches = new Caches()
  const state = createState(context, root, overlay, caches)
  const blockchain = {
    getBlock: async (number: number) => ({ hash: () => context.blockHash(BigInt(number)) }),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  }
  const evm = await createEVM({ common, stateManager: state, blockchain })
  await context.equip?.(evm)
  // The fork never changes, and its listeners would keep every EVM alive that was ever made.
  common.events.removeAllListeners('hardforkChanged')
  const vm = new VM({ common, stateManager: state, blockchain, evm })
  const lenientVm = new VM({ common, stateManager: senderMayBeContract(state), blockchain, evm })
  return { evm, vm, lenientVm, state, caches, overlay }
}

/** Moves the machine to another state and forgets what it had cached or left unfinished. */
export async function reroot(machine: Machine, root: Uint8Array): Promise<void> {
  machine.overlay.discard()
  machine.evm.journal.cleanJournal()
  await machine.state.setStateRoot(root, true)
}

/**
 * EIP-3607 refuses a sender with code, `eth_call` must not. The VM asks its state manager for the sender's code only for that check, and
 * lets EIP-7702 delegations pass, so here every account looks delegated to the check. The EVM keeps the real state manager.
 */
function senderMayBeContract(state: MerkleStateManager): MerkleStateManager {
  const delegated = new Uint8Array([0xef, 0x01, 0x00])
  return Object.create(state, { getCode: { value: async (_address: Address) => delegated } })
}
