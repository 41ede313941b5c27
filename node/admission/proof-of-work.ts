/**
 * Gas for work, as SKALE grants it: of a transaction's sender, nonce and offered price follows how much gas it has for free.
 *
 *   grant = ⌊ (2²⁵⁶ − 1) / difficulty / (H(sender) ⊕ H(nonce) ⊕ H(price)) ⌋
 *
 * H is keccak256, of the 20 bytes of the address and of the 32 big-endian bytes of nonce and price. Sender and nonce being what they are,
 * only a search for the price makes the divisor small: gas · difficulty tries on average. A stamp is good for one nonce of one sender.
 */

import { keccak256 } from '../chain/crypto.ts'
import { NodeError } from '../errors.ts'

type Hex = `0x${string}`

export interface Stamp {
  sender: Hex
  nonce: bigint
  /** Gas limit of the transaction. */
  gas: bigint
  /** Hashes for one gas, as the node's configuration says. */
  difficulty: bigint
}

const MAX_UINT256 = (1n << 256n) - 1n
/** Prices that are tried start below this, so that price · gas fits into 256 bits (the limit of a transaction). */
const PRICE_BITS = 128n

/** Gas that a transaction has for the work in its price (`gasPrice`, or `maxFeePerGas`). */
export function grantedGas(sender: Hex, nonce: bigint, price: bigint, difficulty: bigint): bigint {
  if (difficulty === 0n) return 0n
  const divisor = toBigInt(keccak256(hexBytes(sender))) ^ toBigInt(keccak256(word(nonce))) ^ toBigInt(keccak256(word(price)))
  return divisor === 0n ? MAX_UINT256 : MAX_UINT256 / difficulty / divisor
}

/**
 * Searches for a price that grants the gas. About a million tries a second.
 * @param start where the search begins: a random number below 2^64, so that two searches find different stamps
 */
export function findStamp({ sender, nonce, gas, difficulty }: Stamp, start: bigint): { price: bigint; tries: number } {
  if (gas <= 0n || difficulty <= 0n)
    throw new NodeError('CALL_INVALID', `a stamp needs positive gas and difficulty, got gas ${gas} and difficulty ${difficulty}`)
  const target = MAX_UINT256 / difficulty / gas
  const fixed = word(toBigInt(keccak256(hexBytes(sender))) ^ toBigInt(keccak256(word(nonce))))
  // Nearly every try is decided by the first 8 bytes.
  const fixedHigh = viewOf(fixed).getBigUint64(0)
  const targetHigh = target >> 192n
  const candidate = word(start % (1n << PRICE_BITS))
  const low = viewOf(candidate)
  let counter = low.getBigUint64(24)
  for (let tries = 1; ; tries++) {
    low.setBigUint64(24, counter)
    const hash = keccak256(candidate)
    if ((viewOf(hash).getBigUint64(0) ^ fixedHigh) <= targetHigh) {
      const price = toBigInt(candidate)
      if (grantedGas(sender, nonce, price, difficulty) >= gas) return { price, tries }
    }
    counter = BigInt.asUintN(64, counter + 1n)
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const hexBytes = (text: Hex): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), 'hex'))
const word = (value: bigint): Uint8Array => hexBytes(`0x${value.toString(16).padStart(64, '0')}`)
const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`)
