/** debug_*: traces in geth's callTracer form, and raw chain data. */
import { z } from 'zod'
import type { BlockTag, StoredBlock, TracerOptions } from '../chain/types.ts'
import type { RpcContext } from './context.ts'
import { RpcError } from './errors.ts'
import { callFrameJson } from './format.ts'
import { toHex } from './hex.ts'
import { defineMethod } from './method.ts'
import { block, blockOrLatest, blockOverrides, hash, optional, stateOverrides, transactionRequest } from './params.ts'

const tracer = {
  tracer: z.literal('callTracer', {
    error: ({ input }) => `wanted "callTracer", the only tracer here, got ${JSON.stringify(input) ?? 'none'}`,
  }),
  tracerConfig: optional(z.object({ onlyTopCall: optional(z.boolean()), withLog: optional(z.boolean()) })),
}

const tracing = z.object(tracer)
const callTracing = z.object({ ...tracer, stateOverrides: optional(stateOverrides), blockOverrides: optional(blockOverrides) })

const tracerOptions = ({ tracerConfig }: z.output<typeof tracing>): TracerOptions => ({
  onlyTopCall: tracerConfig?.onlyTopCall ?? false,
  withLog: tracerConfig?.withLog ?? false,
})

async function blockAt({ chain }: RpcContext, tag: BlockTag): Promise<StoredBlock> {
  const stored = await chain.block(tag)
  if (!stored) throw new RpcError('server', 'block not found')
  return stored
}

async function traceBlock(context: RpcContext, tag: BlockTag, options: TracerOptions) {
  const { receipts } = await blockAt(context, tag)
  const traces: unknown[] = []
  for (const { transactionHash } of receipts) {
    traces.push({ txHash: transactionHash, result: callFrameJson(await context.chain.traceTransaction(transactionHash, options)) })
  }
  return traces
}

export const debugMethods = [
  defineMethod({
    name: 'debug_traceTransaction',
    summary: 'The calls of a mined transaction, run again on the state it found. `{ tracer: "callTracer" }` is needed.',
    params: { transactionHash: hash, tracing },
    run: async ({ chain }, { transactionHash, tracing }) =>
      callFrameJson(await chain.traceTransaction(transactionHash, tracerOptions(tracing))),
  }),
  defineMethod({
    name: 'debug_traceCall',
    summary: 'The calls that a call would make. `{ tracer: "callTracer" }` is needed.',
    params: { call: transactionRequest, block: blockOrLatest, tracing: callTracing },
    run: async ({ chain }, { call, block, tracing }) => {
      const overrides = {
        ...(tracing.stateOverrides ? { state: tracing.stateOverrides } : {}),
        ...(tracing.blockOverrides ? { block: tracing.blockOverrides } : {}),
      }
      return callFrameJson(await chain.traceCall(call, block, tracerOptions(tracing), overrides))
    },
  }),
  defineMethod({
    name: 'debug_traceBlockByNumber',
    summary: 'The traces of all transactions of a block.',
    params: { block, tracing },
    run: (context, { block, tracing }) => traceBlock(context, block, tracerOptions(tracing)),
  }),
  defineMethod({
    name: 'debug_traceBlockByHash',
    summary: 'The traces of all transactions of a block.',
    params: { blockHash: hash, tracing },
    run: (context, { blockHash, tracing }) => traceBlock(context, { blockHash }, tracerOptions(tracing)),
  }),
  defineMethod({
    name: 'debug_getRawHeader',
    summary: 'A block’s header in RLP.',
    params: { block },
    run: async (context, { block }) => toHex((await blockAt(context, block)).block.header.serialize()),
  }),
  defineMethod({
    name: 'debug_getRawBlock',
    summary: 'A block in RLP.',
    params: { block },
    run: async (context, { block }) => toHex((await blockAt(context, block)).block.serialize()),
  }),
  defineMethod({
    name: 'debug_getRawTransaction',
    summary: 'A transaction as it was signed, or null.',
    params: { transactionHash: hash },
    run: async ({ chain }, { transactionHash }) => {
      const found = await chain.transaction(transactionHash)
      return found ? toHex(found.tx.serialize()) : null
    },
  }),
]
