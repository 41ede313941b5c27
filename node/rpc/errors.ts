/**
 * JSON-RPC errors: the only place that knows their numbers.
 *
 * A `NodeError` carries a stable string `code`; `toJsonRpcError` finds the number and sends the code along in `data`.
 * Numbers: JSON-RPC 2.0 section 5.1 (-32700 … -32603), EIP-1474 (-32000, -32005), 3 for a revert with its data, as in geth, and those of eth_simulateV1.
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
  limit: -32005,
  revert: 3,
  // execution-apis, eth_simulateV1
  vm: -32015,
  nonceTooLow: -38010,
  nonceTooHigh: -38011,
  baseFeeTooLow: -38012,
  intrinsicGas: -38013,
  insufficientFunds: -38014,
  blockGasLimit: -38015,
  blockNumber: -38020,
  blockTimestamp: -38021,
  precompileMove: -38022,
  initCode: -38025,
  clientLimit: -38026,
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

/** `named`: `data.code` tells the stable name of a refusal. `plain`: it has no data, as in geth, for clients that compare whole answers. */
export type ErrorDialect = 'named' | 'plain'

/**
 * The JSON-RPC error to send for anything thrown. `isInternal` says that the node itself failed, so that the server logs it.
 */
export function toJsonRpcError(error: unknown, dialect: ErrorDialect = 'named'): { error: JsonRpcError; isInternal: boolean } {
  if (error instanceof RpcError) return { error: withData(error.kind, error.message, error.data), isInternal: error.kind === 'internal' }
  if (error instanceof NodeError) {
    const { code, data } = error
    if (code === 'EXECUTION_REVERTED')
      return { error: withData('revert', revertMessage(data ?? none), toHex(data ?? none)), isInternal: false }
    const kind = kindOfCode.get(code) ?? 'server'
    return { error: withData(kind, error.message, dialect === 'named' ? { code } : undefined), isInternal: kind === 'internal' }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { error: { code: errorNumber.internal, message: `internal error: ${message}` }, isInternal: true }
}

const none = new Uint8Array()

/** The node's codes that are not plain `server` errors. */
const kindOfCode: ReadonlyMap<NodeErrorCode, ErrorKind> = new Map([
  ['NODE_FAULT', 'internal'],
  ['BLOCK_INVALID', 'internal'],
  ['BLOCK_RANGE_INVALID', 'invalidParams'],
])

/** In `eth_simulateV1` the same refusals have numbers of their own. */
const simulationKinds: ReadonlyMap<NodeErrorCode, ErrorKind> = new Map([
  ['NONCE_TOO_LOW', 'nonceTooLow'],
  ['NONCE_TOO_HIGH', 'nonceTooHigh'],
  ['BASE_FEE_TOO_LOW', 'baseFeeTooLow'],
  ['INTRINSIC_GAS_TOO_LOW', 'intrinsicGas'],
  ['INSUFFICIENT_FUNDS', 'insufficientFunds'],
  ['BLOCK_GAS_LIMIT_REACHED', 'blockGasLimit'],
  ['BLOCK_NUMBER_NOT_INCREASING', 'blockNumber'],
  ['BLOCK_TIMESTAMP_NOT_INCREASING', 'blockTimestamp'],
  ['PRECOMPILE_MOVE_INVALID', 'precompileMove'],
  ['INIT_CODE_TOO_LARGE', 'initCode'],
  ['SIMULATION_TOO_LARGE', 'clientLimit'],
])

/** What `eth_simulateV1` throws for a refusal of the chain; anything else comes back as it is. */
export function simulationError(error: unknown): unknown {
  const kind = error instanceof NodeError ? simulationKinds.get(error.code) : undefined
  return kind === undefined ? error : new RpcError(kind, (error as NodeError).message)
}

const withData = (kind: ErrorKind, message: string, data: unknown): JsonRpcError =>
  data === undefined ? { code: errorNumber[kind], message } : { code: errorNumber[kind], message, data }
