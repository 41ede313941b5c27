/**
 * JSON-RPC errors: the only place that knows their numbers.
 *
 * A `NodeError` carries a stable string `code`; `toJsonRpcError` finds the number and sends the code along in `data`.
 * Numbers: JSON-RPC 2.0 section 5.1 (-32700 … -32603), EIP-1474 (-32000), and 3 for a revert with its data, as in geth.
 */

import { revertMessage } from '../chain/revert.ts'
import { NodeError, type NodeErrorCode } from '../errors.ts'
import { toHex } from './hex.ts'

export interface JsonRpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export const errorNumber = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  revert: 3,
} as const

export type ErrorKind = keyof typeof errorNumber

/** An error that the RPC layer itself raises: a malformed request, an unknown method, bad parameters, a missing resource. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly kind: ErrorKind
  readonly data: unknown

  constructor(kind: ErrorKind, message: string, data?: unknown) {
    super(message)
    this.kind = kind
    this.data = data
  }
}

/**
 * The JSON-RPC error to send for anything thrown. `isInternal` says that the node itself failed, so that the server logs it.
 */
export function toJsonRpcError(error: unknown): { error: JsonRpcError; isInternal: boolean } {
  if (error instanceof RpcError) return { error: withData(error.kind, error.message, error.data), isInternal: error.kind === 'internal' }
  if (error instanceof NodeError) {
    const { code, data } = error
    if (code === 'EXECUTION_REVERTED')
      return { error: withData('revert', revertMessage(data ?? none), toHex(data ?? none)), isInternal: false }
    const kind = kindOfCode.get(code) ?? 'server'
    return { error: withData(kind, error.message, { code }), isInternal: kind === 'internal' }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { error: { code: errorNumber.internal, message: `internal error: ${message}` }, isInternal: true }
}

const none = new Uint8Array()

/** The node's codes that are not plain `server` errors. */
const kindOfCode: ReadonlyMap<NodeErrorCode, ErrorKind> = new Map([
  ['NODE_FAULT', 'internal'],
  ['BLOCK_INVALID', 'internal'],
])

const withData = (kind: ErrorKind, message: string, data: unknown): JsonRpcError =>
  data === undefined ? { code: errorNumber[kind], message } : { code: errorNumber[kind], message, data }
