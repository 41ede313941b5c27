/**
 * Which accounts and slots there are. The tries hold them by their hashes, from which no name can be told: each name is stored beside them
 * when it is written, so that a state can be listed.
 */

import { keys } from './keys.ts'
import type { Store, StoreWrite } from './store.ts'
import type { StateChanges } from './views.ts'

const NOTHING = new Uint8Array(0)
const ADDRESS_BYTES = 20

export function nameWrites({ accounts, storage }: StateChanges): StoreWrite[] {
  const names: Uint8Array[] = []
  for (const address of accounts.keys()) names.push(keys.address(Buffer.from(address, 'hex')))
  for (const [address, { slots }] of storage) for (const slot of slots.keys()) names.push(keys.slot(Buffer.from(address + slot, 'hex')))
  return names.map((key) => ({ key, value: NOTHING }))
}

/** Every address that has ever been in the state, unprefixed hex. */
export async function* namedAccounts(store: Store): AsyncGenerator<string> {
  for await (const [key] of store.entries(keys.address(NOTHING))) yield Buffer.from(key.subarray(1)).toString('hex')
}

/** Every slot of an account that has ever been written, unprefixed hex. */
export async function* namedSlots(store: Store, address: string): AsyncGenerator<string> {
  for await (const [key] of store.entries(keys.slot(Buffer.from(address, 'hex'))))
    yield Buffer.from(key.subarray(1 + ADDRESS_BYTES)).toString('hex')
}
