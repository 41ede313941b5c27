/**
 * Trie nodes and contract code, by hash. Because keys are hashes of values, nodes are only ever added: the state of every block stays
 * readable and readers never see a half-written state.
 */

import { keys } from './keys.ts'
import type { Store, StoreWrite } from './store.ts'

/** Bytes of nodes and code kept in memory, twice over (a young and an old generation). What is decoded from them is kept by `views.ts`. */
const CACHE_GENERATION_BYTES = 16 * 1024 * 1024

/** A node or code that is not stored yet. */
export interface NewNode {
  key: Uint8Array
  value: Uint8Array
}

/** The durable nodes, with a cache in front. Shared by everything that reads state. */
export class NodeStore {
  readonly #store: Store
  #young = new Map<string, Uint8Array>()
  #old = new Map<string, Uint8Array>()
  #youngBytes = 0

  constructor(store: Store) {
    this.#store = store
  }

  /** @param key a node's hash, or `codeKey` of a code's */
  get(key: Uint8Array): Uint8Array | undefined {
    const name = nameOf(key)
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const value = this.#old.get(name) ?? this.#store.get(keys.stateNode(key))
    if (value !== undefined) this.#remember(name, value)
    return value
  }

  writes(nodes: readonly NewNode[]): StoreWrite[] {
    return nodes.map(({ key, value }) => ({ key: keys.stateNode(key), value }))
  }

  /** Call once the nodes are durable. */
  remember(nodes: readonly NewNode[]): void {
    for (const { key, value } of nodes) this.#remember(nameOf(key), value)
  }

  #remember(name: string, value: Uint8Array): void {
    this.#young.set(name, value)
    this.#youngBytes += value.length + name.length
    if (this.#youngBytes < CACHE_GENERATION_BYTES) return
    this.#old = this.#young
    this.#young = new Map()
    this.#youngBytes = 0
  }
}

const CODE_PREFIX = 'c'.charCodeAt(0)

export function codeKey(codeHash: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + codeHash.length)
  key[0] = CODE_PREFIX
  key.set(codeHash, 1)
  return key
}

const nameOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
