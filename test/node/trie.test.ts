/** The node's own tries against those of @ethereumjs/mpt: the same roots, nodes and proofs, whatever comes in what order. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { hexToBytes } from '@ethereumjs/util'
import fc from 'fast-check'
import { EMPTY_ROOT, entriesFrom, lookUp, openTrie, proveKey, rootOf, type Trie, updateTrie } from '../../node/state/trie.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A trie, and the store that its nodes go to. */
function storedTrie() {
  const nodes = new Map<string, Uint8Array>()
  const read = (hash: Uint8Array) => {
    const rlp = nodes.get(hex(hash))
    if (rlp === undefined) throw new Error(`no node ${hex(hash)}`)
    return rlp
  }
  const emit = (hash: Uint8Array, rlp: Uint8Array) => void nodes.set(hex(hash), rlp)
  return { nodes, read, emit, open: (root: Uint8Array) => openTrie(root, read) }
}

// Few digits and few lengths of values, so that paths share beginnings, branches collapse and nodes are small enough to lie in their parents.
const key = fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0xff), { minLength: 4, maxLength: 4 }).map((bytes) => Uint8Array.from(bytes))
const value = fc.uint8Array({ minLength: 1, maxLength: 40 })
const batch = fc.array(fc.tuple(key, fc.option(value, { nil: undefined })), { maxLength: 12 })

test('batches of puts and removals give the roots of the library, and every value can be read again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
      const store = storedTrie()
      const theirs = await createMPT()
      const model = new Map<string, Uint8Array>()
      let trie: Trie = store.open(EMPTY_ROOT)
      for (const changes of batches) {
        for (const [key, value] of changes) {
          if (value === undefined) await theirs.del(key)
          else await theirs.put(key, value)
          if (value === undefined) model.delete(hex(key))
          else model.set(hex(key), value)
        }
        trie = updateTrie(
          trie,
          changes.map(([key, value]) => [hex(key), value] as const),
          store.emit,
        )
        assert.equal(hex(trie.root), hex(theirs.root()))
        for (const reread of [trie, store.open(trie.root)]) {
          for (const [key, value] of model) assert.deepEqual(Buffer.from(lookUp(reread, key)!), Buffer.from(value))
          assert.equal(lookUp(reread, '22222222'), undefined)
          assert.deepEqual(
            Array.from(entriesFrom(reread, '10'), ([key]) => key),
            [...model.keys()].filter((key) => key >= '10').sort(),
          )
        }
      }
      assert.equal(hex(rootOf([...model])), hex(trie.root))
    }),
    { numRuns: 150 },
  )
})

test('an older trie stays as it was', () => {
  const store = storedTrie()
  const words = Array.from(
    { length: 300 },
    (_, index) => [hex(hexToBytes(`0x${(index * 7919).toString(16).padStart(8, '0')}`)), Uint8Array.of(index, 1)] as const,
  )
  const first = updateTrie(store.open(EMPTY_ROOT), words, store.emit)
  const second = updateTrie(
    first,
    [...words.slice(0, 200).map(([key]) => [key, undefined] as const), ['ffffffff', Uint8Array.of(9)]],
    store.emit,
  )
  for (const [index, [key, value]] of words.entries()) {
    assert.deepEqual(lookUp(first, key), value)
    assert.deepEqual(lookUp(second, key), index < 200 ? undefined : value)
  }
  assert.equal(hex(updateTrie(second, [['ffffffff', undefined], ...words], store.emit).root), hex(first.root))
  assert.equal(
    updateTrie(first, words, () => assert.fail('nothing is new')),
    first,
  )
})

test('proofs of presence and absence are those of the library', async () => {
  const store = storedTrie()
  const theirs = await createMPT()
  const words = Array.from({ length: 200 }, (_, index) => hexToBytes(`0x${(index * 104729).toString(16).padStart(8, '0')}`))
  const long = new Uint8Array(40).fill(7)
  for (const key of words) await theirs.put(key, long)
  const trie = updateTrie(
    store.open(EMPTY_ROOT),
    words.map((key) => [hex(key), long] as const),
    store.emit,
  )
  for (const key of [...words.slice(0, 50), hexToBytes('0x01020304')]) {
    const expected = await createMerkleProof(theirs, key)
    assert.deepEqual(proveKey(store.open(trie.root), hex(key)).map(hex), expected.map(hex))
  }
  assert.deepEqual(proveKey(store.open(EMPTY_ROOT), '00'), [])
})

test('a list longer than 128 items has the root of the library', async () => {
  const theirs = await createMPT()
  const items = Array.from({ length: 300 }, (_, index) => new Uint8Array(50 + (index % 300)).fill(index))
  for (const [index, item] of items.entries()) await theirs.put(RLP.encode(index), item)
  assert.equal(hex(rootOf(items.map((item, index) => [hex(RLP.encode(index)), item] as const))), hex(theirs.root()))
})
