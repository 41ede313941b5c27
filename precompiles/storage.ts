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
