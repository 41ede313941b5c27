/** Makes a block out of transactions, and checks that a block is what its transactions give. */

import { hash } from 'node:crypto'
import { Block, BlockHeader } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex, equalsBytes } from '@ethereumjs/util'
import { Bloom, encodeReceipt, type RunTxResult } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import type { Machine } from '../state/machine.ts'
import { rootOf } from '../state/trie.ts'
import { hexOf, type SealedState } from '../state/views.ts'
import { checkTransaction, createdAddress, executeTransaction, senderState, storeParentHash } from './execute.ts'
import { chargedGasPrice, transactionHash } from './transactions.ts'
import type { Hex, StoredBlock, StoredReceipt } from './types.ts'

/** EIP-7934: bytes of an encoded block, less what its header and framing may take. */
const MAX_TRANSACTION_BYTES = 10 * 1024 * 1024 - 2 * 1024 * 1024 - 4096

export interface Candidate {
  tx: TypedTransaction
  sender: Hex
}

export interface BlockPlan {
  parent: Block
  timestamp: bigint
  coinbase: Hex
  gasLimit: bigint
  freeGas: boolean
  /** Instead of the randomness that follows from the parent. */
  prevRandao?: Uint8Array | undefined
}

export interface BuiltBlock {
  stored: StoredBlock
  /** The state after the block, not stored yet. */
  sealed: SealedState
  /** Transactions that were not valid on the state they met. */
  refused: { candidate: Candidate; error: NodeError }[]
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
export async function buildBlock(machine: Machine, common: Common, plan: BlockPlan, candidates: Candidate[]): Promise<BuiltBlock> {
  const draft = draftBlock(common, plan)
  const included: Candidate[] = []
  const results: RunTxResult[] = []
  const refused: BuiltBlock['refused'] = []
  let gasUsed = 0n
  let transactionBytes = 0

  await storeParentHash(machine, draft)
  for (const candidate of candidates) {
    const { tx, sender } = candidate
    const bytes = tx.data.length + 512
    if (included.length > 0 && (gasUsed + tx.gasLimit > plan.gasLimit || transactionBytes + bytes > MAX_TRANSACTION_BYTES)) break
    try {
      checkTransaction(tx, sender, await senderState(machine, sender), { freeGas: plan.freeGas, blockGasLimit: plan.gasLimit })
    } catch (error) {
      refused.push({ candidate, error: error as NodeError })
      continue
    }
    try {
      results.push(await executeTransaction(machine, draft, tx, sender, { freeGas: plan.freeGas, blockGasUsed: gasUsed }))
    } catch (cause) {
      throw new BlockBuildFault(candidate, cause)
    }
    included.push(candidate)
    gasUsed += results.at(-1)!.totalGasSpent
    transactionBytes += bytes
  }

  const sealed = machine.state.seal()
  const transactions = included.map(({ tx }) => tx)
  const header = new BlockHeader(
    {
      ...headerFields(plan),
      stateRoot: sealed.root,
      transactionsTrie: listRoot(transactions.map((tx) => tx.serialize())),
      receiptTrie: listRoot(results.map(({ receipt }, index) => encodeReceipt(receipt, transactions[index]!.type))),
      logsBloom: unionBloom(common, results),
      gasUsed,
    },
    { common },
  )
  const block = new Block(header, transactions, [], [], { common })
  return { stored: storedBlock(block, included, results, plan.freeGas), sealed, refused }
}

/** The block of a call that sees the state after `parent` as if it were mined next. */
export function draftBlock(common: Common, plan: BlockPlan): Block {
  return new Block(new BlockHeader(headerFields(plan), { common }), [], [], [], { common })
}

/**
 * Executes a block again, on a machine that is at its parent's state.
 * @throws NodeError BLOCK_INVALID naming the first field that does not come out as the header says.
 */
export async function verifyBlock(machine: Machine, common: Common, stored: StoredBlock, parent: Block, freeGas: boolean): Promise<void> {
  const { block, senders, hash: blockHash } = stored
  const { header } = block
  const invalid = (field: string, got: string, wanted: string) =>
    new NodeError('BLOCK_INVALID', `block ${header.number} (${blockHash}): ${field} is ${wanted} in the header, executing it gives ${got}`)
  if (header.number !== parent.header.number + 1n || header.timestamp < parent.header.timestamp)
    throw new NodeError('BLOCK_INVALID', `block ${header.number} (${blockHash}) does not follow block ${parent.header.number}`)
  const plan = {
    parent,
    timestamp: header.timestamp,
    coinbase: header.coinbase.toString() as Hex,
    gasLimit: header.gasLimit,
    freeGas,
    // The producer's to choose.
    prevRandao: header.mixHash,
  }
  const candidates = block.transactions.map((tx, index) => ({ tx, sender: senders[index]! }))
  const { stored: again, refused } = await buildBlock(machine, common, plan, candidates)
  if (refused.length > 0) throw new NodeError('BLOCK_INVALID', `block ${header.number} (${blockHash}): ${refused[0]!.error.message}`)
  for (const field of ['parentHash', 'stateRoot', 'transactionsTrie', 'receiptTrie', 'logsBloom'] as const) {
    if (!equalsBytes(again.block.header[field], header[field]))
      throw invalid(field, bytesToHex(again.block.header[field]), bytesToHex(header[field]))
  }
  if (again.block.header.gasUsed !== header.gasUsed) throw invalid('gasUsed', `${again.block.header.gasUsed}`, `${header.gasUsed}`)
  if (again.hash !== blockHash) throw invalid('hash', again.hash, blockHash)
}

/**
 * The base fee is 0 and stays 0 however full the blocks are. The randomness of a block is the sha256 of its parent's hash:
 * reproducible, and known to its producer.
 */
function headerFields({ parent, timestamp, coinbase, gasLimit, prevRandao }: BlockPlan) {
  const parentHash = parent.hash()
  return {
    parentHash,
    number: parent.header.number + 1n,
    timestamp,
    coinbase,
    gasLimit,
    baseFeePerGas: 0n,
    mixHash: prevRandao ?? hash('sha256', parentHash, 'buffer'),
  }
}

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
    const { totalGasSpent, execResult, bloom } = results[transactionIndex]!
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
      gasUsed: totalGasSpent,
      cumulativeGasUsed,
      contractAddress: createdAddress(tx, sender),
      effectiveGasPrice: chargedGasPrice(tx, freeGas),
      bloom: bloom.bitvector,
      logs,
    }
  })
  return { block, hash: blockHash, receipts, senders: included.map(({ sender }) => sender) }
}
