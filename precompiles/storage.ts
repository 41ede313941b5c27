/** Storage slots as solc lays them out, so that a contract or a foreign tool finds the same values. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bigIntToWord, wordToBigInt } from './abi.ts'

/** The 32 bytes of a slot's number. */
export function slotAt(slot: bigint): Uint8Array {
  return bigIntToWord(slot)
}

/** Places in mappings that have been computed: a run asks for those of its model each time, and they follow from their key alone. */
const knownSlots = new Map<string, bigint>()
const KNOWN_SLOTS = 4096

/** Where the value of `key` begins in a mapping that is declared at `slot`. */
export function mappingSlot(key: Uint8Array, slot: bigint): bigint {
  const preimage = new Uint8Array(64)
  preimage.set(key)
  preimage.set(bigIntToWord(slot), 32)
  const name = Buffer.from(preimage.buffer).toString('latin1')
  const known = knownSlots.get(name)
  if (known !== undefined) return known
  const place = wordToBigInt(keccak_256(preimage))
  if (knownSlots.size >= KNOWN_SLOTS) knownSlots.clear()
  knownSlots.set(name, place)
  return place
}

/** Where the elements of a dynamic array begin whose length is at `slot`. */
export function arraySlot(slot: bigint): bigint {
  return wordToBigInt(keccak_256(bigIntToWord(slot)))
}

/** Storage words of integers with so many bits each, the first in the lowest bits: an array of uint32 or uint64. */
export function packWords(values: readonly bigint[], bits: 32 | 64): Uint8Array[] {
  const perWord = 256 / bits
  return Array.from({ length: Math.ceil(values.length / perWord) }, (_, word) => {
    const held = values.slice(word * perWord, (word + 1) * perWord)
    return bigIntToWord(held.reduce((sum, value, index) => sum | (value << BigInt(bits * index)), 0n))
  })
}

/** The integers of one storage word. */
export function unpackWord(word: Uint8Array, bits: 32 | 64): bigint[] {
  const view = new DataView(word.buffer, word.byteOffset, 32)
  const integers: bigint[] = []
  for (let at = 32 - bits / 8; at >= 0; at -= bits / 8) integers.push(bits === 64 ? view.getBigUint64(at) : BigInt(view.getUint32(at)))
  return integers
}
