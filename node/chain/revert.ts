/** Why a call reverted, read from its revert data (Solidity documentation, "Control Structures: Panic via assert and Error via require"). */

/** Selectors of the errors that Solidity itself raises. */
const ERROR_SELECTOR = '08c379a0'
const PANIC_SELECTOR = '4e487b71'

/** The texts are geth's. */
const panicReasons: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assert(false)'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'enum overflow'],
  [0x22n, 'invalid encoded storage byte array accessed'],
  [0x31n, 'out-of-bounds array access; popping on an empty array'],
  [0x32n, 'out-of-bounds access of an array or bytesN'],
  [0x41n, 'out of memory'],
  [0x51n, 'uninitialized function'],
])

/** The message of JSON-RPC error 3. */
export function revertMessage(data: Uint8Array): string {
  const reason = revertReason(data)
  return reason === undefined ? 'execution reverted' : `execution reverted: ${reason}`
}

/** The text of `Error(string)` or the meaning of `Panic(uint256)`; undefined for anything else, or where the encoding is broken. */
export function revertReason(data: Uint8Array): string | undefined {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const selector = view.toString('hex', 0, 4)
  if (selector === PANIC_SELECTOR && view.length === 36) {
    const code = wordAt(view, 4)
    return panicReasons.get(code) ?? `unknown panic code: 0x${code.toString(16)}`
  }
  if (selector !== ERROR_SELECTOR || view.length < 68) return undefined
  const length = wordAt(view, 36)
  if (wordAt(view, 4) !== 32n || length > BigInt(view.length - 68)) return undefined
  return view.toString('utf8', 68, 68 + Number(length))
}

const wordAt = (bytes: Buffer, offset: number): bigint => BigInt(`0x${bytes.toString('hex', offset, offset + 32)}`)
