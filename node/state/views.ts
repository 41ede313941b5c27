/**
 * States as they stand at a root. A state never changes, so what is read of one is true for ever: a view keeps it decoded, everybody who
 * reads at that root shares the view, and nothing can be stale. A block, a development change or a return to a snapshot leads to another
 * root and so to another view; the next block's view takes over what the block has left alone.
 */

import { RLP } from '@ethereumjs/rlp'
import { bigIntToUnpaddedBytes, bytesToBigInt, KECCAK256_NULL } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'
import { NodeError } from '../errors.ts'
import { codeKey, type NewNode, type NodeStore } from './nodes.ts'
import { EMPTY_ROOT, entriesFrom, lookUp, openTrie, proveKey, type ReadNode, type Trie, type TrieChange, updateTrie } from './trie.ts'

/** Views that are kept: the head's, and those of the blocks that clients read beside it. */
const KEPT_VIEWS = 8
/** Accounts, slots and trie nodes that one view keeps before it starts afresh. */
const KEPT_ENTRIES = 100_000

/** Never changed in place. */
export interface AccountRecord {
  readonly nonce: bigint
  readonly balance: bigint
  readonly storageRoot: Uint8Array
  readonly codeHash: Uint8Array
}

export interface StorageChange {
  /** Everything that was there before is gone. */
  wiped: boolean
  /** Slot to value without leading zeros: empty for 0. */
  slots: Map<string, Uint8Array>
}

/** What is different from a view. Addresses and slots are unprefixed hex; an account that is undefined does not exist any more. */
export interface StateChanges {
  accounts: Map<string, AccountRecord | undefined>
  storage: Map<string, StorageChange>
  /** New code by its hash. */
  codes: Map<string, Uint8Array>
}

/** A view's changes with their root. Not stored yet. */
export interface SealedState {
  readonly root: Uint8Array
  readonly nodes: readonly NewNode[]
  readonly base: StateView
  readonly accounts: Trie
  readonly changes: StateChanges
  /** Of the accounts whose storage has changed. */
  readonly storageTries: ReadonlyMap<string, Trie>
  storageFrom(address: string, startHash: string, limit: number): StoredSlot[]
}

/** The key is the hash of the slot: which slot it is can not be told from a trie. */
export interface StoredSlot {
  readonly hash: string
  readonly value: Uint8Array
}

export interface StateView {
  readonly root: Uint8Array
  account(address: string): AccountRecord | undefined
  /** Value without leading zeros. */
  slot(address: string, slot: string): Uint8Array
  code(codeHash: Uint8Array): Uint8Array
  proveAccount(address: string): Uint8Array[]
  proveSlot(address: string, slot: string): Uint8Array[]
  seal(changes: StateChanges): SealedState
}

/**
 * What a forked chain finds where it has changed nothing: the state of another. Over it a trie holds what is different, what is gone included:
 * a deleted account is an empty one, a slot of 0 is an empty value, and storage of which nothing is left has a mark.
 */
export interface RemoteState {
  account(address: string): AccountRecord | undefined
  /** Value without leading zeros. */
  slot(address: string, slot: string): Uint8Array
  code(codeHash: Uint8Array): Uint8Array | undefined
}

export interface States {
  /** Forgets all views: what lies under them is another. */
  forget(): void
  /** @throws NodeError NODE_FAULT when the state is not stored */
  at(root: Uint8Array): StateView
  /** The view of a sealed state whose nodes are durable. */
  adopt(sealed: SealedState): StateView
}

export function createStates(nodes: NodeStore, remote?: RemoteState): States {
  const source = createSource(nodes, remote)
  const views = new Map<string, View>()
  const keep = (view: View): View => {
    const name = hexOf(view.root)
    views.delete(name)
    views.set(name, view)
    if (views.size > KEPT_VIEWS) views.delete(views.keys().next().value as string)
    return view
  }
  return {
    forget: () => views.clear(),
    at(root) {
      const known = views.get(hexOf(root))
      return keep(known ?? new View(source, root))
    },
    adopt(sealed) {
      nodes.remember(sealed.nodes)
      return keep((sealed.base as View).advance(sealed))
    },
  }
}

interface Source {
  readonly nodes: NodeStore
  readonly remote: RemoteState | undefined
  readonly read: ReadNode
  /** Trie nodes read and made so far, by all views: each stays decoded in the tries of some view. */
  decodedNodes: number
}

function createSource(nodes: NodeStore, remote: RemoteState | undefined): Source {
  const source: Source = {
    nodes,
    remote,
    decodedNodes: 0,
    read(hash) {
      source.decodedNodes++
      const rlp = nodes.get(hash)
      if (rlp === undefined) throw new NodeError('NODE_FAULT', `the database holds no state node 0x${hexOf(hash)}`)
      return rlp
    },
  }
  return source
}

class View implements StateView {
  readonly root: Uint8Array
  readonly #source: Source
  #accounts: Trie
  #records = new Map<string, AccountRecord | undefined>()
  #slots = new Map<string, Map<string, Uint8Array>>()
  #tries = new Map<string, Trie>()
  #entries = 0
  #nodesBefore: number

  constructor(source: Source, root: Uint8Array) {
    this.root = root
    this.#source = source
    this.#accounts = openTrie(root, source.read)
    this.#nodesBefore = source.decodedNodes
  }

  account(address: string): AccountRecord | undefined {
    const known = this.#records.get(address)
    if (known !== undefined || this.#records.has(address)) return known
    this.#makeRoom()
    const own = this.#ownRecord(address)
    const { remote } = this.#source
    const record = remote === undefined ? own : own === undefined ? remote.account(address) : isGone(own) ? undefined : own
    this.#records.set(address, record)
    this.#entries++
    return record
  }

  slot(address: string, slot: string): Uint8Array {
    const known = this.#slots.get(address)?.get(slot)
    if (known !== undefined) return known
    const account = this.account(address)
    if (account === undefined) return ZERO
    this.#makeRoom()
    const trie = this.#trieOf(address, account.storageRoot)
    const rlp = lookUp(trie, hashedKey(slot))
    const { remote } = this.#source
    const isRemote = rlp === undefined && remote !== undefined && lookUp(trie, WIPED) === undefined
    const value = isRemote ? remote.slot(address, slot) : rlp === undefined ? ZERO : (RLP.decode(rlp) as Uint8Array)
    slotsOf(this.#slots, address).set(slot, value)
    this.#entries++
    return value
  }

  code(codeHash: Uint8Array): Uint8Array {
    if (Buffer.compare(codeHash, KECCAK256_NULL) === 0) return ZERO
    const code = this.#source.nodes.get(codeKey(codeHash)) ?? this.#source.remote?.code(codeHash)
    if (code === undefined) throw new NodeError('NODE_FAULT', `the database holds no code with the hash 0x${hexOf(codeHash)}`)
    return code
  }

  proveAccount(address: string): Uint8Array[] {
    return proveKey(this.#accounts, hashedKey(address))
  }

  proveSlot(address: string, slot: string): Uint8Array[] {
    return proveKey(this.#trieOf(address, this.account(address)?.storageRoot ?? EMPTY_ROOT), hashedKey(slot))
  }

  seal(changes: StateChanges): SealedState {
    const nodes: NewNode[] = []
    const emit = (key: Uint8Array, value: Uint8Array) => {
      this.#source.decodedNodes++
      nodes.push({ key, value })
    }
    const isForked = this.#source.remote !== undefined
    const storageTries = new Map<string, Trie>()
    for (const [address, { wiped, slots }] of changes.storage) {
      const storageRoot = wiped ? EMPTY_ROOT : (this.#ownRecord(address)?.storageRoot ?? EMPTY_ROOT)
      const before = wiped ? openTrie(EMPTY_ROOT, this.#source.read) : this.#trieOf(address, storageRoot)
      if (isForked || changes.accounts.get(address) !== undefined || !changes.accounts.has(address))
        storageTries.set(address, updateTrie(before, slotChanges(slots, isForked, isForked && wiped), emit))
    }
    const accounts = new Map<string, AccountRecord | undefined>()
    const gone = new Map<string, AccountRecord>()
    for (const address of new Set([...changes.accounts.keys(), ...storageTries.keys()])) {
      const before = this.account(address)
      const record = changes.accounts.has(address) ? changes.accounts.get(address) : before
      const storageRoot = storageTries.get(address)?.root ?? (isForked ? this.#ownRecord(address) : before)?.storageRoot ?? EMPTY_ROOT
      accounts.set(address, record === undefined ? undefined : { ...record, storageRoot })
      if (isForked && record === undefined) gone.set(address, { ...NO_ACCOUNT, storageRoot })
      const code = record === undefined ? undefined : changes.codes.get(hexOf(record.codeHash))
      if (code !== undefined) emit(codeKey(record!.codeHash), code)
    }
    const trie = updateTrie(this.#accounts, accountChanges(accounts, gone), emit)
    const storageFrom = (address: string, startHash: string, limit: number): StoredSlot[] => {
      const record = accounts.has(address) ? accounts.get(address) : this.account(address)
      if (record === undefined) return []
      const found: StoredSlot[] = []
      for (const [hash, value] of entriesFrom(storageTries.get(address) ?? this.#trieOf(address, record.storageRoot), startHash)) {
        if (found.length === limit) break
        found.push({ hash, value: RLP.decode(value) as Uint8Array })
      }
      return found
    }
    return { root: trie.root, nodes, base: this, accounts: trie, changes: { ...changes, accounts }, storageTries, storageFrom }
  }

  /** Hands what is decoded here over to the next view, where it is still true. This view reads anew what it is asked. */
  advance({ root, accounts, changes, storageTries }: SealedState): View {
    const next = new View(this.#source, root)
    if (this.#isFull()) return next
    next.#accounts = accounts
    next.#records = this.#records
    next.#slots = this.#slots
    next.#tries = this.#tries
    next.#entries = this.#entries
    next.#nodesBefore = this.#nodesBefore
    this.#records = new Map()
    this.#slots = new Map()
    this.#tries = new Map()
    for (const [address, record] of changes.accounts) {
      next.#records.set(address, record)
      if (record === undefined) {
        next.#slots.delete(address)
        next.#tries.delete(address)
      }
    }
    for (const [address, { wiped, slots }] of changes.storage) {
      const trie = storageTries.get(address)
      if (trie === undefined) continue
      if (wiped) next.#slots.delete(address)
      next.#tries.set(address, trie)
      const known = slotsOf(next.#slots, address)
      for (const [slot, value] of slots) known.set(slot, value)
      next.#entries += slots.size
    }
    next.#entries += changes.accounts.size
    return next
  }

  /** As it stands in the trie. */
  #ownRecord(address: string): AccountRecord | undefined {
    const rlp = lookUp(this.#accounts, hashedKey(address))
    return rlp === undefined ? undefined : decodeAccount(rlp)
  }

  #trieOf(address: string, storageRoot: Uint8Array): Trie {
    const known = this.#tries.get(address)
    if (known !== undefined) return known
    const trie = openTrie(storageRoot, this.#source.read)
    this.#tries.set(address, trie)
    return trie
  }

  #isFull(): boolean {
    return this.#entries + this.#source.decodedNodes - this.#nodesBefore > KEPT_ENTRIES
  }

  #makeRoom(): void {
    if (!this.#isFull()) return
    this.#accounts = openTrie(this.root, this.#source.read)
    this.#records = new Map()
    this.#slots = new Map()
    this.#tries = new Map()
    this.#entries = 0
    this.#nodesBefore = this.#source.decodedNodes
  }
}

const ZERO = new Uint8Array(0)

/** Tries are keyed by the hash of an address or slot (Yellow Paper, 4.1), here in hex. */
const hashedKey = (hex: string): string => hexOf(keccak256(Buffer.from(hex, 'hex')))

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

function slotsOf(slots: Map<string, Map<string, Uint8Array>>, address: string): Map<string, Uint8Array> {
  let own = slots.get(address)
  if (own === undefined) {
    own = new Map()
    slots.set(address, own)
  }
  return own
}

/** In a storage trie over that of another chain: nothing shows through. No slot has this hash. */
const WIPED = 'f'.repeat(64)
const NO_ACCOUNT: AccountRecord = { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: KECCAK256_NULL }

const isGone = ({ nonce, balance, codeHash }: AccountRecord): boolean =>
  nonce === 0n && balance === 0n && Buffer.compare(codeHash, KECCAK256_NULL) === 0

function* slotChanges(slots: Map<string, Uint8Array>, keepsZeros: boolean, marksWiped: boolean): Generator<TrieChange> {
  if (marksWiped) yield [WIPED, RLP.encode(Uint8Array.of(1))]
  for (const [slot, value] of slots) yield [hashedKey(slot), value.length === 0 && !keepsZeros ? undefined : RLP.encode(value)]
}

function* accountChanges(
  accounts: Map<string, AccountRecord | undefined>,
  gone: ReadonlyMap<string, AccountRecord>,
): Generator<TrieChange> {
  for (const [address, record] of accounts) {
    const kept = record ?? gone.get(address)
    yield [hashedKey(address), kept === undefined ? undefined : encodeAccount(kept)]
  }
}

const encodeAccount = ({ nonce, balance, storageRoot, codeHash }: AccountRecord): Uint8Array =>
  RLP.encode([bigIntToUnpaddedBytes(nonce), bigIntToUnpaddedBytes(balance), storageRoot, codeHash])

function decodeAccount(rlp: Uint8Array): AccountRecord {
  const [nonce, balance, storageRoot, codeHash] = RLP.decode(rlp) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  return { nonce: bytesToBigInt(nonce), balance: bytesToBigInt(balance), storageRoot, codeHash }
}
