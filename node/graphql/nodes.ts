/**
 * Blocks, transactions, logs, models and inferences: each as the fields that can be told at once, and functions for those that cost more.
 * Inferences are read from traces, as the precompile leaves no event.
 */

import type { TypedTransaction } from '@ethereumjs/tx'
import { z } from 'zod'
import { callTracer } from '../chain/tracers/call.ts'
import type { CallFrame, Hex, StoredBlock, StoredLog } from '../chain/types.ts'
import { callFrameJson } from '../rpc/format.ts'
import { quantity, toHex } from '../rpc/hex.ts'
import type { ModelSummary, TensorDescription } from '../rpc/models.ts'
import { address, hash, optional } from '../rpc/params.ts'
import { accountNode, stateFields } from './accounts.ts'
import { argument, type GraphContext, whole } from './context.ts'

type AtBlock = { block?: unknown }

export const logCriteria = z
  .object({ addresses: optional(z.array(address)), topics: optional(z.array(z.array(hash)).max(4, 'at most 4 topics')) })
  .transform(({ addresses, topics }) => ({
    addresses: addresses ?? [],
    topics: (topics ?? []).map((values) => (values.length === 0 ? null : values)),
  }))

/** An account at the block that an argument names, or else as this block left it. */
const accountAt = (context: GraphContext, account: Hex, { block }: AtBlock, otherwise: bigint) =>
  accountNode(context, account, block === undefined || block === null ? otherwise : argument('block', whole, block))

export function blockNode(context: GraphContext, stored: StoredBlock) {
  context.spend(1)
  const { chain } = context
  const { block, hash: blockHash, receipts } = stored
  const { header } = block
  const { number } = header
  const transactions = () => receipts.map((_, index) => minedNode(context, stored, index))
  return {
    number: quantity(number),
    hash: blockHash,
    async parent() {
      const parent = number === 0n ? undefined : await chain.block(number - 1n)
      return parent && blockNode(context, parent)
    },
    nonce: toHex(header.nonce),
    transactionsRoot: toHex(header.transactionsTrie),
    transactionCount: quantity(receipts.length),
    stateRoot: toHex(header.stateRoot),
    receiptsRoot: toHex(header.receiptTrie),
    miner: (given: AtBlock) => accountAt(context, header.coinbase.toString() as Hex, given, number),
    extraData: toHex(header.extraData),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    baseFeePerGas: header.baseFeePerGas === undefined ? null : quantity(header.baseFeePerGas),
    nextBaseFeePerGas: '0x0',
    timestamp: quantity(header.timestamp),
    logsBloom: toHex(header.logsBloom),
    mixHash: toHex(header.mixHash),
    difficulty: quantity(header.difficulty),
    ommerCount: '0x0',
    ommers: [],
    ommerAt: null,
    ommerHash: toHex(header.uncleHash),
    transactions,
    transactionAt({ index }: { index: unknown }) {
      const at = argument('index', whole, index)
      return at < BigInt(receipts.length) ? minedNode(context, stored, Number(at)) : null
    },
    async logs({ filter }: { filter: unknown }) {
      const criteria = argument('filter', logCriteria, filter)
      return logNodes(context, await chain.logs({ fromBlock: number, toBlock: number, ...criteria }))
    },
    ...stateFields(context, number),
    rawHeader: () => toHex(header.serialize()),
    raw: () => toHex(block.serialize()),
    withdrawalsRoot: header.withdrawalsRoot ? toHex(header.withdrawalsRoot) : null,
    blobGasUsed: header.blobGasUsed === undefined ? null : quantity(header.blobGasUsed),
    excessBlobGas: header.excessBlobGas === undefined ? null : quantity(header.excessBlobGas),
    inferences: () => inferencesOfBlock(context, stored),
  }
}

/** A transaction by its hash, mined or waiting; null where there is none. */
export async function transactionNode(context: GraphContext, transactionHash: Hex) {
  const found = await context.chain.transaction(transactionHash)
  if (found === undefined) return null
  const { tx, sender, block, index } = found
  return block && index !== undefined ? minedNode(context, block, index) : waitingNode(context, tx, transactionHash, sender)
}

export function waitingNode(context: GraphContext, tx: TypedTransaction, transactionHash: Hex, sender: Hex) {
  const head = context.chain.head().block.header.number
  const offered = 'maxFeePerGas' in tx ? tx.maxFeePerGas : tx.gasPrice
  return {
    ...signedFields(context, tx, transactionHash, sender, head),
    index: null,
    gasPrice: quantity(offered),
    block: null,
    logs: null,
    inferences: null,
  }
}

export function minedNode(context: GraphContext, stored: StoredBlock, index: number) {
  const receipt = stored.receipts[index]!
  const { blockNumber, contractAddress, effectiveGasPrice } = receipt
  const baseFee = stored.block.header.baseFeePerGas ?? 0n
  return {
    ...signedFields(context, stored.block.transactions[index]!, receipt.transactionHash, stored.senders[index]!, blockNumber),
    index: quantity(index),
    gasPrice: quantity(effectiveGasPrice),
    effectiveTip: quantity(effectiveGasPrice - baseFee),
    block: () => blockNode(context, stored),
    status: quantity(receipt.status),
    gasUsed: quantity(receipt.gasUsed),
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: quantity(effectiveGasPrice),
    createdContract: (given: AtBlock) => contractAddress && accountAt(context, contractAddress, given, blockNumber),
    logs: () => logNodes(context, receipt.logs),
    inferences: () => inferencesOfTransaction(context, stored, index),
  }
}

function signedFields(context: GraphContext, tx: TypedTransaction, transactionHash: Hex, sender: Hex, number: bigint) {
  context.spend(1)
  const to = tx.to?.toString() as Hex | undefined
  const json = tx.toJSON()
  return {
    hash: transactionHash,
    nonce: quantity(tx.nonce),
    from: (given: AtBlock) => accountAt(context, sender, given, number),
    to: (given: AtBlock) => to && accountAt(context, to, given, number),
    value: quantity(tx.value),
    maxFeePerGas: 'maxFeePerGas' in tx ? quantity(tx.maxFeePerGas) : null,
    maxPriorityFeePerGas: 'maxFeePerGas' in tx ? quantity(tx.maxPriorityFeePerGas) : null,
    gas: quantity(tx.gasLimit),
    inputData: () => toHex(tx.data),
    r: quantity(tx.r ?? 0n),
    s: quantity(tx.s ?? 0n),
    v: quantity(tx.v ?? 0n),
    yParity: 'chainId' in tx ? quantity(tx.v ?? 0n) : null,
    type: quantity(tx.type),
    accessList: 'chainId' in tx ? (json.accessList ?? []) : null,
    raw: () => toHex(tx.serialize()),
  }
}

export function logNodes(context: GraphContext, logs: readonly StoredLog[]) {
  context.spend(logs.length)
  return logs.map((log) => ({
    index: quantity(log.logIndex),
    account: (given: AtBlock) => accountAt(context, log.address, given, log.blockNumber),
    topics: log.topics,
    data: toHex(log.data),
    transaction: () => transactionNode(context, log.transactionHash),
  }))
}

/** Finding inferences runs the transaction again: as much work as so many objects. */
const TRACE_OBJECTS = 100

export function modelNode(context: GraphContext, model: ModelSummary) {
  context.spend(1)
  const { chain, models } = context
  const details = async () => (await models.describe(model.id))!
  return {
    id: model.id,
    bytes: model.bytes,
    rounding: model.rounding,
    inputs: model.inputs,
    outputs: model.outputs,
    async activatedAt() {
      const stored = await chain.block(model.activatedAt)
      return stored && blockNode(context, stored)
    },
    layers: async () => (await details()).layers.map(layerNode),
    macs: async () => quantity((await details()).macs),
    gas: async () => quantity((await models.estimateGas(model.id)) ?? 0n),
  }
}

const layerNode = ({ operator, output, macs }: { operator: string; output: TensorDescription; macs: bigint }) => ({
  operator,
  output,
  macs: quantity(macs),
})

export async function inferencesOfTransaction(context: GraphContext, stored: StoredBlock, index: number) {
  context.spend(TRACE_OBJECTS)
  const trace = await context.chain.traceTransaction(stored.receipts[index]!.transactionHash, callTracer())
  return inferenceNodes(context, stored, [trace], index)
}

export async function inferencesOfBlock(context: GraphContext, stored: StoredBlock) {
  context.spend(TRACE_OBJECTS * stored.receipts.length)
  if (stored.receipts.length === 0) return []
  const traces = await context.chain.traceBlock({ blockHash: stored.hash }, callTracer())
  return inferenceNodes(
    context,
    stored,
    traces.map(({ trace }) => trace),
    0,
  )
}

async function inferenceNodes(context: GraphContext, stored: StoredBlock, frames: CallFrame[], first: number) {
  // viem, which decodes them, takes a third of a second to load.
  const { inferencesOf } = await import('../client/actions/get-inferences.ts')
  const blockNumber = stored.block.header.number
  return frames.flatMap((frame, offset) => {
    const index = first + offset
    const { transactionHash } = stored.receipts[index]!
    const found = inferencesOf(callFrameJson(frame) as never, { transactionHash, blockNumber })
    context.spend(found.length)
    return found.map(({ model, caller, input, output, error, isReverted, gasUsed }) => ({
      modelId: model,
      async model() {
        const details = await context.models.describe(model)
        return details && modelNode(context, details)
      },
      caller: () => accountNode(context, caller.toLowerCase() as Hex, blockNumber),
      input,
      output,
      error,
      isReverted,
      gasUsed: quantity(gasUsed),
      transaction: () => minedNode(context, stored, index),
    }))
  })
}
