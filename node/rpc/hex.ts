/** Values as JSON-RPC writes them: quantities without leading zeros, bytes at their full length. */
import type { Hex } from '../chain/types.ts'

/** A quantity: 0 is `0x0`. */
export const quantity = (value: bigint | number): Hex => `0x${value.toString(16)}`

export const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`

/** 32 bytes, as topics and storage keys are written. */
export const toWord = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`

/** Undefined for anything but 0x and whole bytes in hex. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!text.startsWith('0x') || text.length % 2 !== 0) return undefined
  // Buffer stops at the first character that is no digit.
  const bytes = Buffer.from(text.slice(2), 'hex')
  return bytes.length === (text.length - 2) / 2 ? new Uint8Array(bytes) : undefined
}
