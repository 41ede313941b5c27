/**
 * Merkle Patricia tries (Yellow Paper, appendix D) over nodes that are stored by hash. Everything is synchronous, a whole batch of changes is
 * hashed once, and what has been read stays decoded.
 *
 * A trie is never changed: `updateTrie` gives another one that shares what stayed the same. Keys are hex digits, one for each nibble, and none
 * is the beginning of another, so that branches hold no values.
 */

import { hexToBytes } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'

/** RLP of the node with this hash. Throws where there is none. */
export type ReadNode = (hash: Uint8Array) => Uint8Array

/** Takes each new node: its hash and its RLP. */
export type EmitNode = (hash: Uint8Array, rlp: Uint8Array) => void

/** Undefined removes the key. */
export type TrieChange = readonly [key: string, value: Uint8Array | undefined]

export interface Trie {
  readonly root: Uint8Array
  readonly read: ReadNode
  /** Undefined until it is read; null in an empty trie. */
  node: Node | null | undefined
}

/** keccak256(0x80) */
export const EMPTY_ROOT = hexToBytes('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')

/**
 * How the parent refers to a node: 0xa0 and its hash or, below 32 bytes, the node itself. Undefined in a node that is still being made, which
 * belongs to that update alone and may be changed in place.
 */
type Reference = Uint8Array | undefined

interface Leaf {
  kind: 'leaf'
  reference: Reference
  path: string
  value: Uint8Array
}

interface Extension {
  kind: 'extension'
  reference: Reference
  path: string
  /** Undefined until it is read from `rlp`. */
  child: Node | undefined
  rlp: Uint8Array | undefined
}

interface Branch {
  kind: 'branch'
  reference: Reference
  /** 16; undefined ones stand in `rlp`, null is no child. */
  children: (Node | null | undefined)[]
  rlp: Uint8Array | undefined
}

type Node = Leaf | Extension | Branch

const EMPTY_STRING = 0x80
const HASH_STRING = 0xa0
const HASH_REFERENCE_BYTES = 33
const HEX = '0123456789abcdef'
const NO_CHILD = Uint8Array.of(EMPTY_STRING)
const nothing = () => {}

export function openTrie(root: Uint8Array, read: ReadNode): Trie {
  return { root, read, node: Buffer.compare(root, EMPTY_ROOT) === 0 ? null : undefined }
}

export function lookUp(trie: Trie, key: string): Uint8Array | undefined {
  let node = rootNode(trie)
  let depth = 0
  while (node !== null) {
    if (node.kind === 'leaf') return node.path.length === key.length - depth && key.endsWith(node.path) ? node.value : undefined
    if (node.kind === 'extension') {
      if (!key.startsWith(node.path, depth)) return undefined
      depth += node.path.length
      node = extended(node, trie.read)
    } else node = childAt(node, digitAt(key, depth++), trie.read)
  }
  return undefined
}

export function updateTrie(trie: Trie, changes: Iterable<TrieChange>, emit: EmitNode): Trie {
  const before = rootNode(trie)
  let node = before
  for (const [key, value] of changes) node = value === undefined ? remove(node, key, 0, trie.read) : insert(node, key, 0, value, trie.read)
  return node === before ? trie : { root: sealRoot(node, emit), read: trie.read, node }
}

/** All keys not below this one, in order. */
export function* entriesFrom(trie: Trie, start: string): Generator<readonly [key: string, value: Uint8Array]> {
  const root = rootNode(trie)
  if (root !== null) yield* entriesBelow(root, '', start, trie.read)
}

function* entriesBelow(node: Node, path: string, start: string, read: ReadNode): Generator<readonly [key: string, value: Uint8Array]> {
  if (node.kind === 'branch') {
    for (let digit = 0; digit < 16; digit++) {
      const below = path + HEX[digit]
      const child = below < start.slice(0, below.length) ? null : childAt(node, digit, read)
      if (child !== null) yield* entriesBelow(child, below, start, read)
    }
    return
  }
  const below = path + node.path
  if (node.kind === 'extension') yield* entriesBelow(extended(node, read), below, start, read)
  else if (below >= start) yield [below, node.value]
}

/** The nodes from the root towards a key, in RLP, as EIP-1186 proves a value or its absence. */
export function proveKey(trie: Trie, key: string): Uint8Array[] {
  const proof: Uint8Array[] = []
  let node = rootNode(trie)
  let depth = 0
  if (node !== null) proof.push(trie.read(trie.root))
  while (node !== null && node.kind !== 'leaf') {
    if (node.kind === 'extension') {
      if (!key.startsWith(node.path, depth)) break
      depth += node.path.length
      node = extended(node, trie.read)
    } else node = childAt(node, digitAt(key, depth++), trie.read)
    const reference = node?.reference
    if (reference?.length === HASH_REFERENCE_BYTES) proof.push(trie.read(reference.subarray(1)))
  }
  return proof
}

/** Root of the trie of these values, as blocks have one over their transactions and one over their receipts. */
export function rootOf(entries: Iterable<readonly [key: string, value: Uint8Array]>): Uint8Array {
  let node: Node | null = null
  const read = () => {
    throw new Error('a new trie has no stored nodes')
  }
  for (const [key, value] of entries) node = insert(node, key, 0, value, read)
  return sealRoot(node, nothing)
}

function rootNode(trie: Trie): Node | null {
  if (trie.node === undefined) {
    const rlp = trie.read(trie.root)
    trie.node = decodeNode(rlp, rlp.length < 32 ? rlp : hashReference(trie.root))
  }
  return trie.node
}

// Changing

function insert(node: Node | null, key: string, depth: number, value: Uint8Array, read: ReadNode): Node {
  if (node === null) return leaf(key.slice(depth), value)
  if (node.kind === 'branch') {
    const digit = digitAt(key, depth)
    const child = childAt(node, digit, read)
    const changed = insert(child, key, depth + 1, value, read)
    return changed === child ? node : withChild(node, digit, changed)
  }
  const common = commonLength(node.path, key, depth)
  if (node.kind === 'leaf' && common === node.path.length) return sameBytes(node.value, value) ? node : leaf(node.path, value)
  if (node.kind === 'extension' && common === node.path.length) {
    const child = extended(node, read)
    const changed = insert(child, key, depth + common, value, read)
    return changed === child ? node : extension(node.path, changed)
  }
  const rest = node.path.slice(common + 1)
  const branch: Branch = { kind: 'branch', reference: undefined, children: Array(16).fill(null), rlp: undefined }
  branch.children[digitAt(node.path, common)] = node.kind === 'leaf' ? leaf(rest, node.value) : joined(rest, extended(node, read))
  branch.children[digitAt(key, depth + common)] = leaf(key.slice(depth + common + 1), value)
  return common === 0 ? branch : extension(node.path.slice(0, common), branch)
}

function remove(node: Node | null, key: string, depth: number, read: ReadNode): Node | null {
  if (node === null) return null
  if (node.kind === 'leaf') return key.length - depth === node.path.length && key.endsWith(node.path) ? null : node
  if (node.kind === 'extension') {
    if (!key.startsWith(node.path, depth)) return node
    const child = extended(node, read)
    const changed = remove(child, key, depth + node.path.length, read)
    // A branch has at least two children, so something is left of it.
    return changed === child ? node : joined(node.path, changed!)
  }
  const digit = digitAt(key, depth)
  const child = childAt(node, digit, read)
  const changed = remove(child, key, depth + 1, read)
  if (changed === child) return node
  if (changed !== null) return withChild(node, digit, changed)
  let last = -1
  for (let other = 0; other < 16; other++)
    if (other !== digit && childAt(node, other, read) !== null) {
      if (last >= 0) return withChild(node, digit, null)
      last = other
    }
  return joined(HEX[last]!, childAt(node, last, read)!)
}

/** A node below a path: leaves and extensions take the path into their own. */
function joined(path: string, node: Node): Node {
  if (path === '') return node
  if (node.kind === 'leaf') return leaf(path + node.path, node.value)
  if (node.kind === 'branch') return extension(path, node)
  return { kind: 'extension', reference: undefined, path: path + node.path, child: node.child, rlp: node.rlp }
}

function withChild(branch: Branch, digit: number, child: Node | null): Branch {
  const own: Branch =
    branch.reference === undefined ? branch : { kind: 'branch', reference: undefined, children: branch.children.slice(), rlp: branch.rlp }
  own.children[digit] = child
  return own
}

const leaf = (path: string, value: Uint8Array): Leaf => ({ kind: 'leaf', reference: undefined, path, value })
const extension = (path: string, child: Node): Extension => ({ kind: 'extension', reference: undefined, path, child, rlp: undefined })

function digitAt(key: string, depth: number): number {
  const code = key.charCodeAt(depth)
  return code < 58 ? code - 48 : code - 87
}

function commonLength(path: string, key: string, depth: number): number {
  let length = 0
  while (length < path.length && path.charCodeAt(length) === key.charCodeAt(depth + length)) length++
  return length
}

const sameBytes = (a: Uint8Array, b: Uint8Array) => a.length === b.length && Buffer.compare(a, b) === 0

// Reading

function childAt(branch: Branch, digit: number, read: ReadNode): Node | null {
  const known = branch.children[digit]
  if (known !== undefined) return known
  const rlp = branch.rlp!
  let at = listStart(rlp)
  for (let index = 0; index < digit; index++) at += itemBytes(rlp, at)
  const child = rlp[at] === EMPTY_STRING ? null : referredNode(rlp.subarray(at, at + itemBytes(rlp, at)), read)
  branch.children[digit] = child
  return child
}

function extended(node: Extension, read: ReadNode): Node {
  if (node.child === undefined) {
    const rlp = node.rlp!
    const at = listStart(rlp)
    node.child = referredNode(rlp.subarray(at + itemBytes(rlp, at)), read)
  }
  return node.child
}

function referredNode(reference: Uint8Array, read: ReadNode): Node {
  return decodeNode(reference[0] === HASH_STRING ? read(reference.subarray(1)) : reference, reference)
}

function decodeNode(rlp: Uint8Array, reference: Reference): Node {
  const first = listStart(rlp)
  const second = first + itemBytes(rlp, first)
  if (second + itemBytes(rlp, second) < rlp.length) return { kind: 'branch', reference, children: Array(16).fill(undefined), rlp }
  const compact = stringAt(rlp, first)
  // Yellow Paper, appendix C: bit 5 of the first byte marks a leaf, bit 4 an odd number of digits.
  const digits = Buffer.from(compact.buffer, compact.byteOffset, compact.length).toString('hex')
  const path = digits.slice((compact[0]! & 0x10) === 0 ? 2 : 1)
  if ((compact[0]! & 0x20) !== 0) return { kind: 'leaf', reference, path, value: stringAt(rlp, second) }
  return { kind: 'extension', reference, path, child: undefined, rlp }
}

// RLP, as far as nodes need it (Yellow Paper, appendix B)

const isLong = (head: number, base: number) => head > base + 55

function lengthAt(rlp: Uint8Array, at: number, base: number): number {
  const head = rlp[at]!
  if (!isLong(head, base)) return head - base
  let length = 0
  for (let index = 1; index <= head - base - 55; index++) length = length * 256 + rlp[at + index]!
  return length
}

const headBytes = (rlp: Uint8Array, at: number, base: number) => (isLong(rlp[at]!, base) ? rlp[at]! - base - 54 : 1)

const listStart = (rlp: Uint8Array) => headBytes(rlp, 0, 0xc0)

function itemBytes(rlp: Uint8Array, at: number): number {
  const head = rlp[at]!
  if (head < 0x80) return 1
  const base = head < 0xc0 ? 0x80 : 0xc0
  return headBytes(rlp, at, base) + lengthAt(rlp, at, base)
}

function stringAt(rlp: Uint8Array, at: number): Uint8Array {
  if (rlp[at]! < 0x80) return rlp.subarray(at, at + 1)
  const start = at + headBytes(rlp, at, 0x80)
  return rlp.subarray(start, start + lengthAt(rlp, at, 0x80))
}

/** Writes what precedes so many bytes; gives where they begin. */
function putHead(target: Uint8Array, at: number, length: number, base: number): number {
  if (length <= 55) {
    target[at] = base + length
    return at + 1
  }
  const bytes = headLength(length) - 1
  target[at] = base + 55 + bytes
  for (let index = 0; index < bytes; index++) target[at + 1 + index] = Math.floor(length / 256 ** (bytes - 1 - index)) % 256
  return at + 1 + bytes
}

const headLength = (length: number) => (length <= 55 ? 1 : length < 256 ? 2 : length < 65_536 ? 3 : length < 16_777_216 ? 4 : 5)
const stringLength = (bytes: Uint8Array) => (bytes.length === 1 && bytes[0]! < 0x80 ? 1 : headLength(bytes.length) + bytes.length)

function putString(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = bytes.length === 1 && bytes[0]! < 0x80 ? at : putHead(target, at, bytes.length, 0x80)
  target.set(bytes, start)
  return start + bytes.length
}

// Sealing

function sealRoot(node: Node | null, emit: EmitNode): Uint8Array {
  if (node === null) return EMPTY_ROOT
  const reference = seal(node, emit)
  if (reference.length === HASH_REFERENCE_BYTES && reference[0] === HASH_STRING) return reference.subarray(1)
  const root = keccak256(reference)
  emit(root, reference)
  return root
}

/** Hashes what is new at and below a node. */
function seal(node: Node, emit: EmitNode): Uint8Array {
  if (node.reference !== undefined) return node.reference
  const rlp = encodeNode(node, emit)
  if (node.kind !== 'leaf') node.rlp = rlp
  if (rlp.length < 32) node.reference = rlp
  else {
    const hash = keccak256(rlp)
    emit(hash, rlp)
    node.reference = hashReference(hash)
  }
  return node.reference
}

function hashReference(hash: Uint8Array): Uint8Array {
  const reference = new Uint8Array(HASH_REFERENCE_BYTES)
  reference[0] = HASH_STRING
  reference.set(hash, 1)
  return reference
}

function encodeNode(node: Node, emit: EmitNode): Uint8Array {
  if (node.kind === 'branch') return encodeBranch(node, emit)
  const compact = compactPath(node.path, node.kind)
  const tail = node.kind === 'leaf' ? node.value : node.child === undefined ? childReference(node) : seal(node.child, emit)
  const tailBytes = node.kind === 'leaf' ? stringLength(tail) : tail.length
  const length = stringLength(compact) + tailBytes
  const rlp = new Uint8Array(headLength(length) + length)
  const at = putString(rlp, putHead(rlp, 0, length, 0xc0), compact)
  if (node.kind === 'leaf') putString(rlp, at, tail)
  else rlp.set(tail, at)
  return rlp
}

/** Of a child that was never read. */
function childReference({ rlp }: Extension): Uint8Array {
  const at = listStart(rlp!)
  return rlp!.subarray(at + itemBytes(rlp!, at))
}

function encodeBranch(branch: Branch, emit: EmitNode): Uint8Array {
  return patchedBranch(branch, emit) ?? wholeBranch(branch, emit)
}

/** What the branch was, with its changed children written over the old ones; undefined where one of them has another length. */
function patchedBranch({ children, rlp: before }: Branch, emit: EmitNode): Uint8Array | undefined {
  if (before === undefined) return undefined
  const rlp = before.slice()
  let at = listStart(rlp)
  for (const child of children) {
    const bytes = itemBytes(rlp, at)
    if (child !== undefined) {
      const reference = child === null ? NO_CHILD : seal(child, emit)
      if (reference.length !== bytes) return undefined
      rlp.set(reference, at)
    }
    at += bytes
  }
  return rlp
}

function wholeBranch({ children, rlp: before }: Branch, emit: EmitNode): Uint8Array {
  const references: (Uint8Array | undefined)[] = []
  // The empty value at the end.
  let length = 1
  let at = before === undefined ? 0 : listStart(before)
  for (let digit = 0; digit < 16; digit++) {
    const child = children[digit]
    const bytes = before === undefined ? 0 : itemBytes(before, at)
    const reference = child === null ? undefined : child === undefined ? before!.subarray(at, at + bytes) : seal(child, emit)
    references.push(reference)
    length += reference?.length ?? 1
    at += bytes
  }
  const rlp = new Uint8Array(headLength(length) + length)
  at = putHead(rlp, 0, length, 0xc0)
  for (const reference of references) {
    if (reference === undefined) rlp[at++] = EMPTY_STRING
    else {
      rlp.set(reference, at)
      at += reference.length
    }
  }
  rlp[at] = EMPTY_STRING
  return rlp
}

function compactPath(path: string, kind: 'leaf' | 'extension'): Uint8Array {
  const flag = kind === 'leaf' ? 2 : 0
  return Buffer.from(path.length % 2 === 0 ? `${flag}0${path}` : `${flag + 1}${path}`, 'hex')
}
