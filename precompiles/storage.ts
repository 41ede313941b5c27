/** Storage slots as solc lays them out, so that a contract or a foreign tool finds the same values. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bigIntToWord, wordToBigInt } from './abi.ts'

/** The 32 bytes of a slot's number. */
export function slotAt(slot: bigint): Uint8Array {
  return bigIntToWord(slot)
}

/** Where the value of `key` begins in a mapping that is declared at `slot`. */
export function mappingSlot(key: Uint8Array, slot: bigint): bigint {
  const preimage = new Uint8Array(64)
  preimage.set(key)
  preimage.set(bigIntToWord(slot), 32)
  return wordToBigInt(keccak_256(preimage))
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
  const packed = wordToBigInt(word)
  return Array.from({ length: 256 / bits }, (_, index) => BigInt.asUintN(bits, packed >> BigInt(bits * index)))
}
