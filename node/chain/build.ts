/** Makes a block out of transactions, and checks that a block is what its transactions give. */

import { hash } from 'node:crypto'
import { Block, BlockHeader, genWithdrawalsTrieRoot } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex, type Withdrawal } from '@ethereumjs/util'
import { Bloom, encodeReceipt, type RunTxResult } from '@ethereumjs/vm'
import { addresses, systemAddress } from '../../precompiles/index.ts'
import type { ChainConfig } from '../config.ts'
import { NodeError } from '../errors.ts'
import type { Machine } from '../state/machine.ts'
import { rootOf } from '../state/trie.ts'
import { hexOf, type SealedState } from '../state/views.ts'
import { keccak256 } from './crypto.ts'
import { checkTransaction, createdAddress, executeTransaction, senderState } from './execute.ts'
import { blobGasOf, chargedGasPrice, nextBaseFee, receiptBlobs } from './fees.ts'
import { beginBlock, endBlock, requestsHash } from './system.ts'
import { transactionHash, underRules, withoutBlobs } from './transactions.ts'
import type { Hex, StoredBlock, StoredReceipt } from './types.ts'

/** EIP-7934: bytes of an encoded block, less what its header and framing may take. */
const MAX_TRANSACTION_BYTES = 10 * 1024 * 1024 - 2 * 1024 * 1024 - 4096

export interface Candidate {
  tx: TypedTransaction
  sender: Hex
}

export interface BlockPlan {
  config: Pick<ChainConfig, 'rules' | 'freeGas' | 'depositContract'>
  /** The rules of the block. */
  common: Common
  parent: Block
  timestamp: bigint
  coinbase: Hex
  gasLimit: bigint
  /** Instead of the randomness that follows from the parent. */
  prevRandao?: Uint8Array | undefined
  /** Up to 32 bytes. */
  extraData?: Uint8Array | undefined
  /** Of the beacon chain; none where the node makes its blocks itself. */
  withdrawals?: Withdrawal[] | undefined
  parentBeaconBlockRoot?: Uint8Array | undefined
  /** Of proof of work. */
  uncles?: BlockHeader[] | undefined
  nonce?: Uint8Array | undefined
}

export interface BuiltBlock {
  stored: StoredBlock
  /** The state after the block, not stored yet. */
  sealed: SealedState
  /** Transactions that were not valid on the state they met. */
  refused: { candidate: Candidate; error: NodeError }[]
  /** EIP-7685, each with its type in front. */
  requests: Uint8Array[]
  /** Wei that the fee recipient gets. */
  fees: bigint
}

/** A transaction made the machine itself fail; the machine must be reset and the transaction must not be tried again. */
export class BlockBuildFault extends Error {
  override readonly name = 'BlockBuildFault'
  readonly candidate: Candidate

  constructor(candidate: Candidate, cause: unknown) {
    super(`transaction ${transactionHash(candidate.tx)} could not be executed: ${(cause as Error)?.message ?? cause}`, { cause })
    this.candidate = candidate
  }
}

/**
 * Runs the candidates in order on the machine, which must be at the parent's state, and seals the block; tries are hashed once, at its end.
 * A candidate that no longer fits into the block's gas ends it.
 * @throws BlockBuildFault
 */
export async function buildBlock(machine: Machine, plan: BlockPlan, candidates: Candidate[]): Promise<BuiltBlock> {
  const { common, config, gasLimit, uncles = [] } = plan
  const draft = draftBlock(plan)
  const { header, withdrawals } = draft
  const admittance = {
    config,
    blockGasLimit: gasLimit,
    baseFee: header.baseFeePerGas ?? 0n,
    blobBaseFee: header.excessBlobGas === undefined ? undefined : header.getBlobGasPrice(),
  }
  const mostBlobGas = common.isActivatedEIP(4844) ? common.getBlobGasSchedule().maxBlobGasPerBlock : 0n
  const included: Candidate[] = []
  const results: RunTxResult[] = []
  const refused: BuiltBlock['refused'] = []
  let gasUsed = 0n
  let blobGasUsed = 0n
  let transactionBytes = 0

  await beginBlock(machine, draft)
  for (const candidate of candidates) {
    const { sender } = candidate
    const tx = underRules(withoutBlobs(candidate.tx), common)
    const bytes = tx.data.length + 512
    if (included.length > 0 && (gasUsed + tx.gasLimit > gasLimit || transactionBytes + bytes > MAX_TRANSACTION_BYTES)) break
    if (blobGasUsed + blobGasOf(tx) > mostBlobGas && blobGasOf(tx) > 0n) continue
    try {
      checkTransaction(tx, sender, await senderState(machine, sender), admittance)
    } catch (error) {
      refused.push({ candidate, error: error as NodeError })
      continue
    }
    try {
      results.push(await executeTransaction(machine, draft, tx, sender, { freeGas: config.freeGas, blockGasUsed: gasUsed }))
    } catch (cause) {
      throw new BlockBuildFault(candidate, cause)
    }
    included.push({ tx, sender })
    gasUsed += results.at(-1)!.totalGasSpent
    blobGasUsed += blobGasOf(tx)
    transactionBytes += bytes
  }
  const requests = await endBlock(machine, draft, results, config.depositContract)

  const sealed = machine.state.seal()
  const transactions = included.map(({ tx }) => tx)
  const block = assemble(
    plan,
    {
      stateRoot: sealed.root,
      transactionsTrie: listRoot(transactions.map((tx) => tx.serialize())),
      receiptTrie: listRoot(results.map(({ receipt }, index) => encodeReceipt(receipt, transactions[index]!.type))),
      logsBloom: unionBloom(common, results),
      gasUsed,
      ...(common.isActivatedEIP(4844) ? { blobGasUsed } : {}),
      ...(requests === undefined ? {} : { requestsHash: requestsHash(requests) }),
      ...(withdrawals === undefined || withdrawals.length === 0 ? {} : { withdrawalsRoot: await genWithdrawalsTrieRoot(withdrawals) }),
      ...(uncles.length === 0 ? {} : { uncleHash: keccak256(RLP.encode(uncles.map((uncle) => uncle.raw()))) }),
    },
    transactions,
  )
  const fees = results.reduce((sum, { minerValue }) => sum + minerValue, 0n)
  return { stored: storedBlock(block, included, results, config.freeGas), sealed, refused, requests: requests ?? [], fees }
}

/** The block of a call that sees the state after `parent` as if it were mined next. */
export function draftBlock(plan: BlockPlan): Block {
  return assemble(plan, {}, [])
}

/**
 * Executes a block again, on a machine that is at its parent's state. The seal of proof of work is not checked.
 * @param prevRandao that the node was told to take for it; undefined: what follows from the parent, or under the rules of Ethereum any
 * @throws NodeError BLOCK_INVALID naming the first field that does not come out as the header says.
 */
export async function verifyBlock(
  machine: Machine,
  config: ChainConfig,
  { block, senders, hash: blockHash }: Pick<StoredBlock, 'block' | 'senders' | 'hash'>,
  parent: Block,
  prevRandao: Uint8Array | undefined,
): Promise<BuiltBlock> {
  const { header } = block
  const invalid = (problem: string) => new NodeError('BLOCK_INVALID', `block ${header.number} (${blockHash}): ${problem}`)
  const mayRepeatTime = config.rules === 'infernode'
  if (
    header.number !== parent.header.number + 1n ||
    header.timestamp < parent.header.timestamp ||
    (header.timestamp === parent.header.timestamp && !mayRepeatTime)
  )
    throw invalid(`it does not follow block ${parent.header.number}`)
  const misplaced = block.transactions.findIndex((tx, index) => senders[index] === systemAddress && !isSystemPlace(tx, senders, index))
  if (misplaced >= 0)
    throw invalid(`transaction ${misplaced} is of the system, which only begins blocks, and only by calls to the registry`)
  const plan: BlockPlan = {
    config,
    common: machine.common,
    parent,
    timestamp: header.timestamp,
    coinbase: header.coinbase.toString() as Hex,
    gasLimit: header.gasLimit,
    prevRandao: config.rules === 'ethereum' ? header.mixHash : prevRandao,
    extraData: config.rules === 'ethereum' ? header.extraData : undefined,
    withdrawals: block.withdrawals,
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    uncles: block.uncleHeaders,
    nonce: header.nonce,
  }
  const candidates = block.transactions.map((tx, index) => ({ tx, sender: senders[index]! }))
  const built = await buildBlock(machine, plan, candidates)
  if (built.refused.length > 0) throw invalid(built.refused[0]!.error.message)
  const again = built.stored.block.header.toJSON() as Record<string, unknown>
  for (const [field, wanted] of Object.entries(header.toJSON()))
    if (again[field] !== wanted) throw invalid(`${field} is ${wanted} in the header, executing it gives ${again[field]}`)
  if (built.stored.hash !== blockHash) throw invalid(`executing it gives the hash ${built.stored.hash}`)
  return built
}

/** The system's transactions stand before all others. */
function isSystemPlace(tx: TypedTransaction, senders: readonly Hex[], index: number): boolean {
  return tx.to?.toString() === addresses.modelRegistry && senders.slice(0, index).every((sender) => sender === systemAddress)
}

/** With these fields beside those that the plan decides. */
function assemble(plan: BlockPlan, outcome: Record<string, unknown>, transactions: TypedTransaction[]): Block {
  const { common, parent, uncles, withdrawals } = plan
  const beforeMerge = common.consensusType() === 'pow'
  const header = new BlockHeader(
    { ...headerFields(plan), ...outcome },
    { common, ...(beforeMerge ? { calcDifficultyFromHeader: parent.header } : {}) },
  )
  const paid = common.isActivatedEIP(4895) ? (withdrawals ?? []) : undefined
  return new Block(header, transactions, uncles, paid, { common })
}

/**
 * Under the rules of Infernode the base fee is 0 and stays 0 however full the blocks are. The randomness of a block is the sha256 of its
 * parent's hash: reproducible, and known to its producer.
 */
function headerFields({ config, common, parent, timestamp, coinbase, gasLimit, ...chosen }: BlockPlan) {
  const parentHash = parent.hash()
  const baseFeePerGas = nextBaseFee(parent.header, common, config.rules)
  return {
    parentHash,
    number: parent.header.number + 1n,
    timestamp,
    coinbase,
    gasLimit,
    mixHash: chosen.prevRandao ?? derivedRandao(parentHash),
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
    ...(chosen.extraData === undefined ? {} : { extraData: chosen.extraData }),
    ...(chosen.nonce === undefined ? {} : { nonce: chosen.nonce }),
    ...(common.isActivatedEIP(4844) ? { excessBlobGas: parent.header.calcNextExcessBlobGas(common) } : {}),
    ...(chosen.parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot: chosen.parentBeaconBlockRoot }),
  }
}

const derivedRandao = (parentHash: Uint8Array): Uint8Array => hash('sha256', parentHash, 'buffer')

/** Root of the trie of a list's encoded items by their index (Yellow Paper, 4.3.2). */
export function listRoot(items: readonly Uint8Array[]): Uint8Array {
  return rootOf(items.map((item, index) => [hexOf(RLP.encode(index)), item] as const))
}

export function unionBloom(common: Common, results: RunTxResult[]): Uint8Array {
  const bloom = new Bloom(undefined, common)
  for (const result of results) bloom.or(result.bloom)
  return bloom.bitvector
}

export function storedBlock(block: Block, included: Candidate[], results: RunTxResult[], freeGas: boolean): StoredBlock {
  const blockHash = bytesToHex(block.hash())
  const { number: blockNumber, timestamp: blockTimestamp } = block.header
  let cumulativeGasUsed = 0n
  let logIndex = 0
  const receipts = included.map(({ tx, sender }, transactionIndex): StoredReceipt => {
    const { totalGasSpent, execResult, bloom, receipt } = results[transactionIndex]!
    const blobs = receiptBlobs(tx, block, freeGas)
    const position = { transactionIndex, transactionHash: transactionHash(tx), blockNumber, blockHash, blockTimestamp }
    cumulativeGasUsed += totalGasSpent
    const failed = execResult.exceptionError !== undefined
    const logs = (failed ? [] : (execResult.logs ?? [])).map(([address, topics, data]) => ({
      address: bytesToHex(address),
      topics: topics.map((topic) => bytesToHex(topic)),
      data,
      logIndex: logIndex++,
      ...position,
    }))
    return {
      ...position,
      from: sender,
      to: (tx.to?.toString() as Hex | undefined) ?? null,
      type: tx.type,
      status: failed ? 0 : 1,
      ...('stateRoot' in receipt ? { stateRoot: receipt.stateRoot } : {}),
      gasUsed: totalGasSpent,
      cumulativeGasUsed,
      contractAddress: createdAddress(tx, sender),
      effectiveGasPrice: chargedGasPrice(tx, block.header.baseFeePerGas ?? 0n, freeGas),
      ...(blobs === undefined ? {} : { blobs }),
      bloom: bloom.bitvector,
      logs,
    }
  })
  return { block, hash: blockHash, receipts, senders: included.map(({ sender }) => sender) }
}
