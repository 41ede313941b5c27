/**
 * The state that a machine runs on: a view, and over it the changes that are not sealed yet. Implements what ethereumjs asks of a state
 * manager; every change is noted with its undoing, so that a checkpoint is the length of a list.
 */

import type { AccountFields, StateManagerInterface } from '@ethereumjs/common'
import { Account, type Address, KECCAK256_NULL } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'
import { EMPTY_ROOT } from './trie.ts'
import {
  type AccountRecord,
  hexOf,
  type SealedState,
  type StateChanges,
  type StateView,
  type StorageChange,
  type StoredSlot,
} from './views.ts'

/** The state without waiting. Addresses and slots are unprefixed hex, values come without leading zeros. */
export interface DirectState {
  account(address: string): AccountRecord | undefined
  putAccount(address: string, account: AccountRecord): void
  deleteAccount(address: string): void
  /** Makes the account where there is none; 0 changes nothing. */
  addBalance(address: string, wei: bigint): void
  /** Makes the account where there is none. */
  countNonce(address: string): void
  /** EIP-161. */
  isEmpty(account: AccountRecord): boolean
  code(address: string): Uint8Array
  putCode(address: string, code: Uint8Array): void
  slot(address: string, slot: string): Uint8Array
  putSlot(address: string, slot: string, value: Uint8Array): void
  clearStorage(address: string): void
  /** A place in the history of changes, to go back to. */
  mark(): number
  revertTo(mark: number): void
  /** Nobody goes back any more, but for checkpoints that are open. */
  keep(): void
  /** Adds a change of somebody else's to the history. */
  note(undo: () => void): void
}

export interface MachineState extends StateManagerInterface {
  readonly direct: DirectState
  /** Drops all changes and checkpoints, and goes on from this view. */
  rebase(view: StateView): void
  /** Root and new nodes of the view with the changes made. The state goes on as it is. */
  seal(): SealedState
  /** Slots of an account in the order of their hashes, from a hash on, as `debug_storageRangeAt` walks them. */
  storageFrom(address: string, startHash: string, limit: number): StoredSlot[]
}

/** Its functions use no `this`: a copy with another function in it is a state manager over the same state. */
export function createState(initial: StateView): MachineState {
  let view = initial
  let changes = noChanges()
  let undo: (() => void)[] = []
  let marks: number[] = []
  let originals = new Map<string, Uint8Array>()

  const record = (address: string): AccountRecord | undefined => {
    const changed = changes.accounts.get(address)
    return changed !== undefined || changes.accounts.has(address) ? changed : view.account(address)
  }
  const setRecord = (address: string, next: AccountRecord | undefined): void => {
    const { accounts } = changes
    const before = accounts.get(address)
    const isNew = before === undefined && !accounts.has(address)
    undo.push(() => void (isNew ? accounts.delete(address) : accounts.set(address, before)))
    accounts.set(address, next)
  }
  const wipeStorage = (address: string): void => {
    const { storage } = changes
    const before = storage.get(address)
    undo.push(() => void (before === undefined ? storage.delete(address) : storage.set(address, before)))
    storage.set(address, { wiped: true, slots: new Map() })
  }
  const setSlot = (address: string, slot: string, value: Uint8Array): void => {
    const { slots } = storageChange(changes, address)
    const before = slots.get(slot)
    undo.push(() => void (before === undefined ? slots.delete(slot) : slots.set(slot, before)))
    slots.set(slot, value)
  }
  const slotValue = (address: string, slot: string): Uint8Array => {
    const account = record(address)
    if (account === undefined) return ZERO
    const change = changes.storage.get(address)
    const changed = change?.slots.get(slot)
    if (changed !== undefined) return changed
    return change?.wiped === true ? ZERO : view.slot(address, slot)
  }
  const codeOf = (address: string): Uint8Array => {
    const account = record(address)
    return account === undefined ? ZERO : (changes.codes.get(hexOf(account.codeHash)) ?? view.code(account.codeHash))
  }
  const putRecord = (address: string, account: Account): void => {
    const { nonce, balance, storageRoot, codeHash } = account
    setRecord(address, { nonce, balance, storageRoot, codeHash })
  }
  const revertTo = (mark: number): void => {
    while (undo.length > mark) undo.pop()!()
  }
  const direct: DirectState = {
    account: record,
    putAccount: setRecord,
    deleteAccount(address) {
      setRecord(address, undefined)
      wipeStorage(address)
    },
    addBalance(address, wei) {
      if (wei === 0n) return
      const account = record(address) ?? emptyRecord
      setRecord(address, { ...account, balance: account.balance + wei })
    },
    countNonce(address) {
      const account = record(address) ?? emptyRecord
      setRecord(address, { ...account, nonce: account.nonce + 1n })
    },
    isEmpty: ({ nonce, balance, codeHash }) => nonce === 0n && balance === 0n && Buffer.compare(codeHash, KECCAK256_NULL) === 0,
    code: codeOf,
    putCode(address, code) {
      const codeHash = keccak256(code)
      changes.codes.set(hexOf(codeHash), code.slice())
      setRecord(address, { ...(record(address) ?? emptyRecord), codeHash })
    },
    slot: slotValue,
    putSlot: setSlot,
    clearStorage(address) {
      setRecord(address, { ...(record(address) ?? emptyRecord), storageRoot: EMPTY_ROOT })
      wipeStorage(address)
    },
    mark: () => undo.length,
    revertTo,
    keep() {
      if (marks.length === 0) undo = []
    },
    note: (entry) => void undo.push(entry),
  }
  const clear = (): void => {
    changes = noChanges()
    undo = []
    marks = []
    originals = new Map()
  }

  const state: MachineState = {
    direct,
    rebase(next) {
      view = next
      clear()
    },
    seal: () => view.seal(changes),
    storageFrom: (address, startHash, limit) => view.seal(changes).storageFrom(address, startHash, limit),

    getAccount: async (address) => toAccount(record(hexOf(address.bytes))),
    async putAccount(address, account) {
      if (account === undefined) return state.deleteAccount(address)
      putRecord(hexOf(address.bytes), account)
    },
    async deleteAccount(address) {
      direct.deleteAccount(hexOf(address.bytes))
    },
    modifyAccountFields: async (address, fields) => modify(hexOf(address.bytes), fields),

    async putCode(address, code) {
      direct.putCode(hexOf(address.bytes), code)
    },
    getCode: async (address) => codeOf(hexOf(address.bytes)),
    getCodeSize: async (address) => codeOf(hexOf(address.bytes)).length,

    getStorage: async (address, slot) => slotValue(hexOf(address.bytes), slotKey(slot)),
    async putStorage(address, slot, value) {
      const key = hexOf(address.bytes)
      if (value.length > 32) throw new TypeError(`a storage value has ${value.length} bytes, wanted at most 32`)
      if (record(key) === undefined) throw new TypeError(`the account ${address} does not exist and has no storage`)
      setSlot(key, slotKey(slot), withoutLeadingZeros(value))
    },
    async clearStorage(address) {
      direct.clearStorage(hexOf(address.bytes))
    },

    async checkpoint() {
      marks.push(undo.length)
    },
    async commit() {
      marks.pop()
      direct.keep()
    },
    async revert() {
      revertTo(marks.pop() ?? 0)
    },

    getStateRoot: async () => view.seal(changes).root,
    setStateRoot: async () => {
      throw new TypeError('a machine changes to another state by rebase')
    },
    hasStateRoot: async (root) => Buffer.compare(root, view.root) === 0,
    originalStorageCache: {
      async get(address: Address, slot: Uint8Array) {
        const key = hexOf(address.bytes)
        const name = key + slotKey(slot)
        const known = originals.get(name)
        if (known !== undefined) return known
        const value = slotValue(key, slotKey(slot))
        originals.set(name, value)
        return value
      },
      clear() {
        if (originals.size > 0) originals = new Map()
      },
    },
    clearCaches() {},
    shallowCopy: () => createState(view),
  }
  const modify = (address: string, fields: AccountFields): void => {
    const account = toAccount(record(address)) ?? new Account()
    putRecord(address, Object.assign(account, fields))
  }
  return state
}

const ZERO = new Uint8Array(0)
const emptyRecord: AccountRecord = { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: KECCAK256_NULL }

const noChanges = (): StateChanges => ({ accounts: new Map(), storage: new Map(), codes: new Map() })

const toAccount = (record: AccountRecord | undefined): Account | undefined =>
  record === undefined ? undefined : new Account(record.nonce, record.balance, record.storageRoot, record.codeHash)

function storageChange(changes: StateChanges, address: string): StorageChange {
  let change = changes.storage.get(address)
  if (change === undefined) {
    change = { wiped: false, slots: new Map() }
    changes.storage.set(address, change)
  }
  return change
}

function slotKey(slot: Uint8Array): string {
  if (slot.length !== 32) throw new TypeError(`a storage slot has ${slot.length} bytes, wanted 32`)
  return hexOf(slot)
}

/** A copy: the value may lie in the memory of a running contract. */
function withoutLeadingZeros(value: Uint8Array): Uint8Array {
  let start = 0
  while (start < value.length && value[start] === 0) start++
  return value.slice(start)
}
