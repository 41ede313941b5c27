/**
 * Trie nodes and contract code, by hash. Because keys are hashes of values, nodes are only ever added: the state of every block stays
 * readable, readers never see a half-written state, and deletions by the trie library are ignored.
 */

import type { BatchDBOp, DB } from '@ethereumjs/util'
import { keys } from './keys.ts'
import type { Store, StoreWrite } from './store.ts'

/** Bytes of trie nodes kept in memory, twice over (a young and an old generation). */
const CACHE_GENERATION_BYTES = 32 * 1024 * 1024

/** The durable nodes, with a cache in front. Shared by everything that reads state. */
export class NodeStore {
  readonly #store: Store
  #young = new Map<string, Uint8Array>()
  #old = new Map<string, Uint8Array>()
  #youngBytes = 0

  constructor(store: Store) {
    this.#store = store
  }

  get(hex: string): Uint8Array | undefined {
    const cached = this.#cached(hex)
    if (cached !== undefined) return cached
    const value = this.#store.get(keys.stateNode(hex))
    if (value !== undefined) this.remember(hex, value)
    return value
  }

  has(hex: string): boolean {
    return this.#cached(hex) !== undefined
  }

  /** Call once a node is durable. */
  remember(hex: string, value: Uint8Array): void {
    this.#young.set(hex, value)
    this.#youngBytes += value.length + hex.length
    if (this.#youngBytes < CACHE_GENERATION_BYTES) return
    this.#old = this.#young
    this.#young = new Map()
    this.#youngBytes = 0
  }

  #cached(hex: string): Uint8Array | undefined {
    const young = this.#young.get(hex)
    if (young !== undefined) return young
    const old = this.#old.get(hex)
    if (old !== undefined) this.remember(hex, old)
    return old
  }
}

type Value = Uint8Array | string | Record<string, string | string[] | number>

/**
 * The database that a trie writes to: new nodes stay here until their block's batch takes them, or are dropped.
 * Storage tries copy their parent's database, so a copy is the same overlay.
 */
export class NodeOverlay implements DB<string, Value> {
  readonly #base: NodeStore
  #fresh = new Map<string, Uint8Array>()

  constructor(base: NodeStore) {
    this.#base = base
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#fresh.get(key) ?? this.#base.get(key)
  }

  async put(key: string, value: Value): Promise<void> {
    // The trie library writes back nodes that it has only read.
    if (!this.#base.has(key)) this.#fresh.set(key, value as Uint8Array)
  }

  async del(): Promise<void> {}

  async batch(operations: BatchDBOp<string, Value>[]): Promise<void> {
    for (const operation of operations) if (operation.type === 'put') await this.put(operation.key, operation.value)
  }

  shallowCopy(): NodeOverlay {
    return this
  }

  async open(): Promise<void> {}

  /** The new nodes as writes for the block's batch; call `settle` once they are durable. */
  writes(): StoreWrite[] {
    return Array.from(this.#fresh, ([hex, value]) => ({ key: keys.stateNode(hex), value }))
  }

  settle(): void {
    for (const [hex, value] of this.#fresh) this.#base.remember(hex, value)
    this.#fresh = new Map()
  }

  discard(): void {
    this.#fresh = new Map()
  }
}
