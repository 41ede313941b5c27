/** The blocks of the canonical chain in the database, with the last few kept decoded. */

import { bytesToHex, hexToBytes } from '@ethereumjs/util'
import { keys } from '../state/keys.ts'
import type { Store, StoreWrite } from '../state/store.ts'
import { decodeStoredBlock, encodeBlock, encodeReceipts } from './codec.ts'
import type { Forks } from './common.ts'
import { transactionHash } from './transactions.ts'
import type { Hex, StoredBlock } from './types.ts'

/** Blocks and transactions together: a decoded transaction takes some 4 KB. */
const DECODED_ITEMS = 2048

export interface BlockArchive {
  byHash(hash: Hex): StoredBlock | undefined
  byNumber(number: bigint): StoredBlock | undefined
  hashOf(number: bigint): Uint8Array | undefined
  /** 256 bytes; undefined when the block has no logs. */
  bloomOf(number: bigint): Uint8Array | undefined
  /** Where a mined transaction is. */
  locate(hash: Hex): { block: StoredBlock; index: number } | undefined
  /** State root after a block, development changes on top of it included. */
  stateRootAfter(block: StoredBlock): Uint8Array
  /** The randomness that the node was told to take for a block; undefined where it took its own. */
  prevRandaoOf(block: StoredBlock): Uint8Array | undefined
  /** Everything that makes this block the head, for one batch; call `remember` once it is durable. */
  appendWrites(block: StoredBlock, prevRandao?: Uint8Array): StoreWrite[]
  remember(block: StoredBlock): void
  /** Takes these blocks, the head first, off the chain and makes `head` the head. */
  rewindWrites(removed: StoredBlock[], head: StoredBlock): StoreWrite[]
  forget(removed: StoredBlock[]): void
}

export function createBlockArchive(store: Store, forks: Forks, freeGas: boolean): BlockArchive {
  const decoded = new Map<Hex, StoredBlock>()
  let decodedItems = 0

  const drop = (hash: Hex): void => {
    const block = decoded.get(hash)
    if (decoded.delete(hash)) decodedItems -= itemsOf(block!)
  }
  const remember = (block: StoredBlock) => {
    drop(block.hash)
    decoded.set(block.hash, block)
    decodedItems += itemsOf(block)
    // One block stays, however large it is.
    while (decodedItems > DECODED_ITEMS && decoded.size > 1) drop(decoded.keys().next().value as Hex)
  }
  const byHash = (hash: Hex): StoredBlock | undefined => {
    const known = decoded.get(hash)
    if (known !== undefined) return known
    const key = hexToBytes(hash)
    const block = store.get(keys.block(key))
    const receipts = store.get(keys.receipts(key))
    if (block === undefined || receipts === undefined) return undefined
    const stored = decodeStoredBlock(block, receipts, forks, freeGas)
    remember(stored)
    return stored
  }
  const hashOf = (number: bigint) => (number < 0n ? undefined : store.get(keys.canonicalHash(number)))

  return {
    byHash,
    hashOf,
    remember,
    byNumber(number) {
      const hash = hashOf(number)
      return hash === undefined ? undefined : byHash(bytesToHex(hash))
    },
    bloomOf: (number) => store.get(keys.bloom(number)),
    locate(hash) {
      const place = store.get(keys.transaction(hexToBytes(hash)))
      if (place === undefined) return undefined
      const block = byHash(bytesToHex(place.subarray(0, 32)))
      if (block === undefined) return undefined
      return { block, index: new DataView(place.buffer, place.byteOffset).getUint32(32) }
    },
    stateRootAfter: ({ block }) => store.get(keys.stateOverride(block.header.number)) ?? block.header.stateRoot,
    prevRandaoOf: ({ block }) => store.get(keys.prevRandao(block.header.number)),
    appendWrites(stored, prevRandao) {
      const { block, receipts } = stored
      const hash = hexToBytes(stored.hash)
      const { number } = block.header
      const writes: StoreWrite[] = [
        { key: keys.block(hash), value: encodeBlock(block) },
        { key: keys.receipts(hash), value: encodeReceipts(receipts) },
        { key: keys.canonicalHash(number), value: hash },
        { key: keys.meta('head'), value: hash },
      ]
      if (prevRandao !== undefined) writes.push({ key: keys.prevRandao(number), value: prevRandao })
      if (receipts.some(({ logs }) => logs.length > 0)) writes.push({ key: keys.bloom(number), value: block.header.logsBloom })
      for (const [index, tx] of block.transactions.entries()) {
        const place = new Uint8Array(36)
        place.set(hash)
        new DataView(place.buffer).setUint32(32, index)
        writes.push({ key: keys.transaction(tx.hash()), value: place })
      }
      return writes
    },
    rewindWrites(removed, head) {
      const gone = removed.flatMap(({ hash, block }) => [
        keys.block(hexToBytes(hash)),
        keys.receipts(hexToBytes(hash)),
        keys.canonicalHash(block.header.number),
        keys.bloom(block.header.number),
        keys.stateOverride(block.header.number),
        keys.prevRandao(block.header.number),
        ...block.transactions.map((tx) => keys.transaction(hexToBytes(transactionHash(tx)))),
      ])
      return [...gone.map((key) => ({ key, value: undefined })), { key: keys.meta('head'), value: hexToBytes(head.hash) }]
    },
    forget(removed) {
      for (const { hash } of removed) drop(hash)
    },
  }
}

const itemsOf = ({ receipts }: StoredBlock) => 1 + receipts.length
