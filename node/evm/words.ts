/** Words of 256 bits as they lie in memory, in storage and in keys. Addresses are unprefixed hex of 20 bytes, slots of 32. */

const ADDRESS_MASK = (1n << 160n) - 1n
const ADDRESS_DIGITS = 40
const WORD_DIGITS = 64

/** The low 160 bits. */
export const addressOf = (word: bigint): string => (word & ADDRESS_MASK).toString(16).padStart(ADDRESS_DIGITS, '0')

export const slotOf = (word: bigint): string => word.toString(16).padStart(WORD_DIGITS, '0')

export const wordOfHex = (digits: string): bigint => BigInt(`0x${digits}`)

export function hexOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** Big-endian, up to 32 bytes; none are 0. */
export function wordOfBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  if (bytes.length === 1) return BigInt(bytes[0]!)
  if (bytes.length === 32) return wordAt(new DataView(bytes.buffer, bytes.byteOffset), 0)
  return wordOfHex(hexOfBytes(bytes))
}

/** 32 bytes. */
export function bytesOfWord(word: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  putWord(new DataView(bytes.buffer), 0, word)
  return bytes
}

/** As storage keeps them: without leading zeros, empty for 0. */
export function trimmedBytesOfWord(word: bigint): Uint8Array {
  if (word === 0n) return EMPTY
  const digits = word.toString(16)
  return new Uint8Array(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
}

export const EMPTY = new Uint8Array(0)

export function wordAt(view: DataView, offset: number): bigint {
  const high = (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8)
  const low = (view.getBigUint64(offset + 16) << 64n) | view.getBigUint64(offset + 24)
  return high === 0n ? low : (high << 128n) | low
}

export function putWord(view: DataView, offset: number, word: bigint): void {
  for (let at = offset + 24, rest = word; at >= offset; at -= 8, rest >>= 64n) view.setBigUint64(at, rest)
}
