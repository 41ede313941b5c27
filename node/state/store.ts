/**
 * Key-value storage under the chain: level on disk, or a map in memory. Reads are synchronous; a write is one atomic batch.
 */

import { mkdirSync } from 'node:fs'
import { Level } from 'level'
import { NodeError } from '../errors.ts'

/** `value` undefined deletes the key. */
export interface StoreWrite {
  key: Uint8Array
  value: Uint8Array | undefined
}

export interface Store {
  get(key: Uint8Array): Uint8Array | undefined
  /** All of the batch or none of it; durable (fsync) before it resolves when the store is on disk. */
  write(batch: StoreWrite[]): Promise<void>
  /** Everything whose key starts with these bytes, in the order of the keys. */
  entries(prefix: Uint8Array): AsyncIterable<[key: Uint8Array, value: Uint8Array]>
  close(): Promise<void>
}

/**
 * Opens or creates the database in a directory.
 * @throws NodeError DATA_DIR_LOCKED when another process holds it, DATA_DIR_CORRUPT when level cannot read it.
 */
export async function openLevelStore(directory: string): Promise<Store> {
  mkdirSync(directory, { recursive: true })
  const level = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  try {
    await level.open()
  } catch (error) {
    const cause = (error as Error).cause as (Error & { code?: string }) | undefined
    if (cause?.code === 'LEVEL_LOCKED')
      throw new NodeError('DATA_DIR_LOCKED', `data directory ${directory} is in use by another process`, { cause: error })
    throw new NodeError('DATA_DIR_CORRUPT', `cannot open the database in ${directory}: ${cause?.message ?? error}`, { cause: error })
  }
  return guarded({
    get(key) {
      // Level gives a Buffer, whose slices are views and which is never deeply equal to a Uint8Array.
      const value = level.getSync(key)
      return value === undefined ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.length)
    },
    async write(batch) {
      const operations = batch.map(({ key, value }) =>
        value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
      )
      await level.batch(operations, { sync: true })
    },
    entries: (prefix) => level.iterator({ gte: prefix, ...(prefix.length === 0 ? {} : { lt: afterPrefix(prefix) }) }),
    close: () => level.close(),
  })
}

export function openMemoryStore(): Store {
  const entries = new Map<string, Uint8Array>()
  const name = (key: Uint8Array) => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
  return guarded({
    get: (key) => entries.get(name(key)),
    async write(batch) {
      for (const { key, value } of batch) {
        if (value === undefined) entries.delete(name(key))
        else entries.set(name(key), value)
      }
    },
    async *entries(prefix) {
      const start = name(prefix)
      for (const key of [...entries.keys()].filter((key) => key.startsWith(start)).sort())
        yield [new Uint8Array(Buffer.from(key, 'latin1')), entries.get(key)!]
    },
    async close() {
      entries.clear()
    },
  })
}

/** After `close`, reading and writing throw CHAIN_CLOSED. */
function guarded(store: Store): Store {
  let closing: Promise<void> | undefined
  const open = (): Store => {
    if (closing !== undefined) throw new NodeError('CHAIN_CLOSED', 'the chain is closed')
    return store
  }
  return {
    get: (key) => open().get(key),
    write: async (batch) => open().write(batch),
    entries: (prefix) => open().entries(prefix),
    close() {
      closing ??= store.close()
      return closing
    },
  }
}

/** Behind every key that starts with the prefix. */
function afterPrefix(prefix: Uint8Array): Uint8Array {
  const end = new Uint8Array(prefix.length + 64).fill(0xff)
  end.set(prefix)
  return end
}
