/**
 * What a chain is to the rest of the node: plain data and one interface.
 *
 * Conventions: `Hex` is lower-case, 0x-prefixed; addresses are 20 bytes (never checksummed), hashes 32 bytes.
 * Gas, wei, block numbers and timestamps (seconds) are `bigint`. Byte strings (calldata, code, output) are `Uint8Array`.
 */

import type { EventEmitter } from 'node:events'
import type { Block } from '@ethereumjs/block'
import type { TypedTransaction } from '@ethereumjs/tx'
import type { ChainConfig } from '../config.ts'
import type { Forks } from './common.ts'
import type { Tracer } from './tracers/subject.ts'

export type Hex = `0x${string}`

/** `safe` and `finalized` are the head: a single producer never reorganizes behind a reader's back. */
export type BlockTag = 'latest' | 'earliest' | 'pending' | 'safe' | 'finalized' | bigint | { blockHash: Hex }

export interface StoredLog {
  address: Hex
  topics: Hex[]
  data: Uint8Array
  /** Position within the block, over all its transactions. */
  logIndex: number
  transactionIndex: number
  transactionHash: Hex
  blockNumber: bigint
  blockHash: Hex
  /** Seconds. */
  blockTimestamp: bigint
}

export interface StoredReceipt {
  transactionHash: Hex
  transactionIndex: number
  blockNumber: bigint
  blockHash: Hex
  blockTimestamp: bigint
  from: Hex
  to: Hex | null
  /** EIP-2718 type: 0 legacy, 1 access list, 2 dynamic fee, 3 blob, 4 set code. */
  type: number
  status: 0 | 1
  /** Before Byzantium, where receipts do not tell the status: state root after the transaction. */
  stateRoot?: Uint8Array
  /** EIP-4844, of a transaction with blobs. */
  blobs?: { gasUsed: bigint; gasPrice: bigint }
  gasUsed: bigint
  cumulativeGasUsed: bigint
  contractAddress: Hex | null
  /** Wei per gas that was really charged: 0 on a chain with free gas, whatever the transaction offered. */
  effectiveGasPrice: bigint
  /** 256 bytes. */
  bloom: Uint8Array
  logs: StoredLog[]
}

/** A block of the canonical chain; one receipt per transaction, in order. */
export interface StoredBlock {
  block: Block
  hash: Hex
  receipts: StoredReceipt[]
  /** Sender of each transaction, in order. */
  senders: Hex[]
}

/** A message to run, as in `eth_call` and `eth_sendTransaction`. Absent fields take the chain's defaults. */
export interface CallRequest {
  /** Zero address when absent. */
  from?: Hex
  /** Absent: contract creation. */
  to?: Hex
  data?: Uint8Array
  value?: bigint
  /** Gas limit; the block gas limit when absent. */
  gas?: bigint
  gasPrice?: bigint
  maxFeePerGas?: bigint
  maxPriorityFeePerGas?: bigint
  nonce?: bigint
  accessList?: { address: Hex; storageKeys: Hex[] }[]
  /** EIP-4844: the call sees these, no blobs come with it. */
  blobVersionedHashes?: Hex[]
  maxFeePerBlobGas?: bigint
  /** EIP-7702, signed by their authorities. */
  authorizationList?: Authorization[]
}

export interface Authorization {
  chainId: bigint
  address: Hex
  nonce: bigint
  yParity: bigint
  r: bigint
  s: bigint
}

export interface StateOverride {
  balance?: bigint
  nonce?: bigint
  code?: Uint8Array
  /** Replaces the whole storage. Keys and values are 32 bytes. */
  state?: Record<Hex, Hex>
  /** Replaces single slots. */
  stateDiff?: Record<Hex, Hex>
  /** Where the precompile that is here goes. Simulated blocks alone can move one. */
  movePrecompileTo?: Hex
}

export interface BlockOverride {
  number?: bigint
  timestamp?: bigint
  gasLimit?: bigint
  coinbase?: Hex
  prevRandao?: Hex
  /** Seen by the code; a call that offers no fee is not charged it. */
  baseFeePerGas?: bigint
  blobBaseFee?: bigint
  /** Of simulated blocks alone. */
  withdrawals?: Withdrawal[]
  parentBeaconBlockRoot?: Hex
}

/** EIP-4895. */
export interface Withdrawal {
  index: bigint
  validatorIndex: bigint
  address: Hex
  /** Gwei. */
  amount: bigint
}

/** Changes that one simulated call sees and nobody else. */
export interface CallOverrides {
  state?: Record<Hex, StateOverride>
  block?: BlockOverride
}

export interface CallResult {
  /** Return data, or revert data when `error` is 'revert'. */
  output: Uint8Array
  /** What the receipt of the same mined transaction says. */
  gasUsed: bigint
  /** Absent on success: 'revert', 'out of gas', 'stack underflow' and the EVM's other reasons. */
  error?: string
}

/** A call that the chain makes by itself, at the start of a block. */
export interface SystemCall {
  to: Hex
  data: Uint8Array
  gas: bigint
}

/** What the chain has to do by itself. */
export interface SystemWork {
  /** What the next block begins with, in order. */
  calls(): SystemCall[]
  /** The call does not succeed on the state at the head, and is in no block. */
  refuse(call: SystemCall): void
}

/** The bytes of models off chain, by id. Whoever stages them has compared their root with the id. */
export interface Artifacts {
  /** Staged, or of a model that a block of this chain has activated. */
  get(id: Hex): Uint8Array | undefined
  has(id: Hex): boolean
  /** Keeps bytes in memory: a block that activates the model takes them into the database. */
  stage(id: Hex, artifact: Uint8Array): void
  unstage(id: Hex): void
}

/** `eth_simulateV1`: what to run on top of a block. */
export interface SimulationRequest {
  blocks: SimulatedBlockRequest[]
  /** Refuse what a block would: nonces, and fees below the base fee. */
  validation: boolean
  /** Show ether transfers as logs. */
  traceTransfers: boolean
}

export interface SimulatedBlockRequest {
  block?: BlockOverride
  state?: Record<Hex, StateOverride>
  calls: CallRequest[]
}

export interface SimulatedBlock {
  stored: StoredBlock
  calls: (CallResult & {
    /** Before refunds. */
    maxUsedGas: bigint
    logs: StoredLog[]
  })[]
}

export type CallType = 'CALL' | 'STATICCALL' | 'DELEGATECALL' | 'CALLCODE' | 'CREATE' | 'CREATE2'

/** One frame of geth's callTracer; the outermost one carries the transaction's gas limit and gas used. */
export interface CallFrame {
  type: CallType
  from: Hex
  /** Absent when a creation failed before it had an address. */
  to?: Hex
  value?: bigint
  gas: bigint
  gasUsed: bigint
  input: Uint8Array
  output?: Uint8Array
  error?: string
  /** Message of a Solidity `Error(string)` revert. */
  revertReason?: string
  calls?: CallFrame[]
  logs?: { address: Hex; topics: Hex[]; data: Uint8Array; position: number }[]
}

/** Part of a contract's storage. */
export interface StorageRange {
  /** `slot` is absent where the node does not know which slot has this hash. Values are 32 bytes. */
  entries: { hash: Hex; slot?: Hex; value: Hex }[]
  /** Hash of the next slot; absent at the end. */
  next?: Hex
}

export interface PendingTransaction {
  hash: Hex
  sender: Hex
  tx: TypedTransaction
}

export interface PendingTransactions {
  /** Executable at the head's state, in the order in which they would be mined. */
  pending: PendingTransaction[]
  /** Waiting for an earlier nonce of their sender. */
  queued: PendingTransaction[]
}

export interface MineOptions {
  /** Timestamp of the first block, seconds; not below the head's. */
  timestamp?: bigint
  /** Seconds between the blocks of one call; 0 when absent. */
  interval?: bigint
}

/** What the next blocks get; development methods change it. */
export interface MiningSettings {
  coinbase: Hex
  gasLimit: bigint
  /** Of the next block alone; undefined: the sha256 of its parent's hash. */
  prevRandao: Hex | undefined
  /** Wei per gas that a transaction must offer to be taken. */
  minGasPrice: bigint
}

export interface AccountState {
  nonce: bigint
  balance: bigint
  code: Uint8Array
}

/** EIP-1186 account proof; `storageProof` holds one entry for each asked slot. */
export interface AccountProof {
  address: Hex
  balance: bigint
  nonce: bigint
  codeHash: Hex
  storageHash: Hex
  accountProof: Uint8Array[]
  storageProof: { key: Hex; value: bigint; proof: Uint8Array[] }[]
}

export interface ChainEvents {
  block: [StoredBlock]
  /** Emitted when `revertTo` has taken blocks away: logs are marked as removed from these. */
  removed: [StoredBlock[]]
  pendingTransaction: [Hex]
  /** A block could not be made on time, as when the disk is full; production goes on. */
  fault: [unknown]
}

/** What a block shall be made of (execution-apis, testing_buildBlockV1). */
export interface PayloadRequest {
  parentHash: Hex
  timestamp: bigint
  prevRandao: Hex
  feeRecipient: Hex
  withdrawals?: Withdrawal[]
  parentBeaconBlockRoot?: Hex
  /** Raw, all of them and in this order; absent: those that wait. */
  transactions?: Uint8Array[]
  extraData?: Uint8Array
}

export interface BuiltPayload {
  stored: StoredBlock
  /** EIP-7685. */
  requests: Uint8Array[]
  /** Wei that the fee recipient gets. */
  fees: bigint
  sidecars: { blobs: string[]; commitments: string[]; proofs: string[] }[]
}

/** Errors thrown by any method are `NodeError`s with a stable code; anything else is the node's own fault. */
export interface Chain {
  readonly config: ChainConfig
  readonly forks: Forks
  /** Number of the genesis block, or of the block of another chain that this one goes on from. */
  firstBlock(): bigint
  /** Undefined for a chain of its own. */
  forkedFrom(): { url: string; chainId: number; block: { number: Hex; hash: Hex } } | undefined
  readonly events: EventEmitter<ChainEvents>
  /** Addresses of the ten accounts whose keys the node holds. */
  readonly accounts: Hex[]
  head(): StoredBlock
  /** `pending` gives the head with no pending transactions applied. Undefined when there is no such block. */
  block(tag: BlockTag): Promise<StoredBlock | undefined>
  transaction(hash: Hex): Promise<{ tx: TypedTransaction; sender: Hex; block?: StoredBlock; index?: number } | undefined>
  /** `topics[i]` null or missing: any. Both ends inclusive. */
  logs(filter: { fromBlock: BlockTag; toBlock: BlockTag; addresses: Hex[]; topics: (Hex[] | null)[] }): Promise<StoredLog[]>

  /** Validates and queues; with automine on it resolves after the block that holds it is durable. */
  submit(rawTransaction: Uint8Array): Promise<Hex>
  /** Tells which transactions will be submitted next, so that their senders are already known by then. */
  foresee(rawTransactions: readonly Uint8Array[]): void
  /** Signs with a local account, then as `submit`. */
  submitAs(request: CallRequest): Promise<Hex>
  pending(): PendingTransactions
  /** Next nonce of the account counting its pending transactions. */
  pendingNonce(address: Hex): Promise<bigint>
  /** True when the transaction was waiting and is now gone. */
  dropTransaction(hash: Hex): Promise<boolean>
  /** Signs a message digest (32 bytes) with a local account; 65 bytes r, s, v with v 27 or 28. */
  sign(address: Hex, digest: Uint8Array): Uint8Array
  /** The transaction that `submitAs` would sign: with its nonce, gas and fees, and with a signature of zeros. */
  fillTransaction(request: CallRequest): Promise<{ tx: TypedTransaction; sender: Hex }>
  /** Signs without sending; the raw transaction. */
  signTransaction(request: CallRequest): Promise<Uint8Array>

  call(request: CallRequest, tag: BlockTag, overrides?: CallOverrides): Promise<CallResult>
  simulateBlocks(request: SimulationRequest, tag: BlockTag): Promise<SimulatedBlock[]>
  /** The least gas limit with which the call succeeds. Throws `EXECUTION_REVERTED` with the revert data in `data`. */
  estimateGas(request: CallRequest, tag: BlockTag, overrides?: CallOverrides): Promise<bigint>
  /** EIP-2930 list of what the call touches, with the gas used when the list is sent along. */
  createAccessList(
    request: CallRequest,
    tag: BlockTag,
  ): Promise<{ accessList: { address: Hex; storageKeys: Hex[] }[]; gasUsed: bigint; error?: string }>
  /** Runs a mined transaction again on the state that it found. Tracers: node/chain/tracers. */
  traceTransaction<T>(hash: Hex, tracer: Tracer<T>): Promise<T>
  /** All transactions of a block, in order. */
  traceBlock<T>(tag: BlockTag, tracer: Tracer<T>): Promise<{ hash: Hex; trace: T }[]>
  traceCall<T>(request: CallRequest, tag: BlockTag, tracer: Tracer<T>, overrides?: CallOverrides): Promise<T>
  /** Storage of a contract as the transaction at an index of the block finds it, by the hashes of the slots, from `start` on. */
  storageRange(tag: BlockTag, transactionIndex: number, address: Hex, start: Hex, limit: number): Promise<StorageRange>

  /** Makes a block and throws it away. */
  buildPayload(request: PayloadRequest): Promise<BuiltPayload>
  /** Wei per gas and per blob gas of the next block, if it is made now, and a tip that is taken. */
  fees(): { baseFee: bigint; blobBaseFee: bigint; tip: bigint }

  /** Executes a block again. @throws NodeError BLOCK_INVALID naming the header field that does not come out. */
  verify(tag: BlockTag): Promise<void>

  account(address: Hex, tag: BlockTag): Promise<AccountState>
  /** 32 bytes. */
  storage(address: Hex, slot: bigint, tag: BlockTag): Promise<Uint8Array>
  proof(address: Hex, slots: Hex[], tag: BlockTag): Promise<AccountProof>

  readonly artifacts: Artifacts
  /** Mines a block for what the chain has to do by itself, if automine is on; otherwise the next block does it. */
  doSystemWork(): Promise<void>
  /** The block of another producer: decoded, and not looked at any closer. @throws NodeError BLOCK_INVALID */
  decodeBlock(raw: Uint8Array): Block
  /** Executes a block of another producer on top of the head and makes it the head. @throws NodeError BLOCK_INVALID */
  append(block: Block): Promise<void>
  mine(count?: number, options?: MineOptions): Promise<void>
  automine(): boolean
  setAutomine(on: boolean): void
  /** Milliseconds between blocks; 0 stops interval mining. */
  setIntervalMining(intervalMs: number): void
  /** Milliseconds; 0: none. */
  intervalMining(): number
  /** Development: changes what the next blocks get. */
  readonly mining: MiningSettings
  /** Development: seconds from each block to the next; undefined ends it. */
  setTimestampInterval(seconds: bigint | undefined): void
  /** Seconds; throws `TIMESTAMP_TOO_LOW` when below the head's. */
  setNextBlockTimestamp(seconds: bigint): void
  /** Shifts the clock of later blocks; returns the total shift in seconds. */
  increaseTime(seconds: bigint): bigint
  /** Sets the clock of later blocks; returns the total shift in seconds. */
  setTime(seconds: bigint): bigint

  /** Development: remembers the head and its state. Snapshots live as long as the process. */
  snapshot(): Promise<Hex>
  /** Development: back to a snapshot; it and later ones are used up. False when unknown. */
  revertTo(id: Hex): Promise<boolean>
  setBalance(address: Hex, balance: bigint): Promise<void>
  setCode(address: Hex, code: Uint8Array): Promise<void>
  setNonce(address: Hex, nonce: bigint): Promise<void>
  /** `value` is 32 bytes. */
  setStorageAt(address: Hex, slot: bigint, value: Uint8Array): Promise<void>
  /** Development: `submitAs` from this address needs no key. */
  impersonate(address: Hex): void
  stopImpersonating(address: Hex): void
  /** Development: whether `submitAs` needs a key from anybody. */
  impersonateAll(on: boolean): void
  /** Development: takes the last blocks away. */
  rollback(blocks: number): Promise<void>
  /**
   * Development: back to the first block and the configuration; a forked chain may go to another block, or to another node of the same chain id.
   * @throws NodeError NOT_FORKED, FORK_UNREACHABLE
   */
  reset(fork?: { url?: string | undefined; blockNumber?: bigint | undefined }): Promise<void>
  /** Drops all waiting transactions, or those of one sender. */
  dropAllTransactions(sender?: Hex): Promise<void>
  /** The whole chain in one file, whose accounts Anvil reads too: node/chain/state-file.ts. */
  dumpState(): Promise<Uint8Array>
  /** Goes to the chain in a file of the same genesis, or takes the accounts of any other file over. @throws NodeError STATE_FILE_INVALID */
  loadState(file: Uint8Array): Promise<void>
  /**
   * Executes the blocks of a file (RLP, one after the other, as geth exports them) and appends those that are new; tells how many. `prepare` is awaited before each, when
   * the one before it is the head.
   * @throws NodeError CHAIN_FILE_INVALID, BLOCK_INVALID; the blocks before the one that is wrong stay
   */
  importBlocks(file: Uint8Array, prepare?: (block: Block) => Promise<void>): Promise<number>
  /** The blocks after genesis in RLP, up to the head or the one given. */
  exportBlocks(last?: bigint): Iterable<Uint8Array>

  close(): Promise<void>
}
