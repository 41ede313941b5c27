/** The node's errors: one class, one stable code each. Only the RPC server maps codes to JSON-RPC numbers. */

export type NodeErrorCode =
  // Start-up and storage
  | 'CONFIG_INVALID'
  | 'GENESIS_MISMATCH'
  | 'MODULE_MISMATCH'
  | 'DATA_DIR_LOCKED'
  | 'DATA_DIR_CORRUPT'
  // Transactions refused at the door, in geth's words
  | 'TRANSACTION_MALFORMED'
  | 'TRANSACTION_TYPE_UNSUPPORTED'
  | 'CHAIN_ID_MISMATCH'
  | 'NONCE_TOO_LOW'
  | 'NONCE_TOO_HIGH'
  | 'ALREADY_KNOWN'
  | 'REPLACEMENT_UNDERPRICED'
  | 'INSUFFICIENT_FUNDS'
  | 'EXCEEDS_BLOCK_GAS_LIMIT'
  | 'INTRINSIC_GAS_TOO_LOW'
  | 'TRANSACTION_GAS_TOO_HIGH'
  | 'SENDER_NOT_EOA'
  | 'MEMPOOL_FULL'
  | 'UNDERPRICED'
  | 'DEPLOYER_NOT_ALLOWED'
  | 'SENDER_QUEUE_FULL'
  | 'FREE_GAS_SPENT'
  | 'UNKNOWN_ACCOUNT'
  // Calls
  | 'EXECUTION_REVERTED'
  | 'EXECUTION_FAILED'
  | 'GAS_ALLOWANCE_EXCEEDED'
  | 'CALL_INVALID'
  | 'TRACE_TOO_LARGE'
  | 'CALL_TIMEOUT'
  | 'BASE_FEE_TOO_LOW'
  | 'BLOCK_GAS_LIMIT_REACHED'
  | 'BLOCK_NUMBER_NOT_INCREASING'
  | 'BLOCK_TIMESTAMP_NOT_INCREASING'
  | 'INIT_CODE_TOO_LARGE'
  | 'NOT_A_PRECOMPILE'
  | 'PRECOMPILE_MOVE_INVALID'
  | 'SIMULATION_TOO_LARGE'
  // Look-ups and block production
  | 'BLOCK_NOT_FOUND'
  | 'BLOCK_RANGE_INVALID'
  | 'TRANSACTION_NOT_FOUND'
  | 'TIMESTAMP_TOO_LOW'
  | 'STATE_FILE_INVALID'
  | 'BLOCK_INVALID'
  | 'CHAIN_FILE_INVALID'
  | 'FORK_UNREACHABLE'
  | 'NOT_FORKED'
  // Other nodes, and blocks of IPFS
  | 'FOLLOWING'
  | 'FOLLOW_FAILED'
  | 'STORAGE_OFF'
  | 'BLOCK_REFUSED'
  | 'NODE_FAULT'
  | 'CHAIN_CLOSED'

export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: NodeErrorCode
  /** Revert data of EXECUTION_REVERTED. */
  readonly data: Uint8Array | undefined

  constructor(code: NodeErrorCode, message: string, options: { data?: Uint8Array; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.data = options.data
  }
}
