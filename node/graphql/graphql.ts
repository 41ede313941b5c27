/**
 * GraphQL over HTTP at /graphql (EIP-1767; graphql-over-http for the transport): queries by GET and POST, `sendRawTransaction` by POST.
 */

import { bigIntMin } from '@ethereumjs/util'
import { buildSchema, execute, GraphQLError, parse } from 'graphql'
import { createHandler } from 'graphql-http'
import type { Chain } from '../chain/types.ts'
import { NodeError } from '../errors.ts'
import { RpcError } from '../rpc/errors.ts'
import { quantity } from '../rpc/hex.ts'
import type { ModelDirectory } from '../rpc/models.ts'
import { bytes, hash, optional } from '../rpc/params.ts'
import type { HttpRoute } from '../server.ts'
import { stateFields } from './accounts.ts'
import { argument, createGraphContext, type GraphContext, whole } from './context.ts'
import { blockNode, logCriteria, logNodes, modelNode, transactionNode, waitingNode } from './nodes.ts'
import { schemaText } from './schema.ts'

export interface GraphqlOptions {
  readonly chain: Chain
  readonly models: ModelDirectory
  /** Called for faults of the node itself. */
  readonly onFault: (error: unknown) => void
}

/** Words of a query, so that none is slow to read. */
const MAX_TOKENS = 5000
/** Blocks of one `blocks`. */
const MAX_BLOCKS = 1000n

export function createGraphql({ chain, models, onFault }: GraphqlOptions): HttpRoute {
  const handler = createHandler({
    schema: buildSchema(schemaText),
    parse: (source, options) => parse(source, { ...options, maxTokens: MAX_TOKENS }),
    // Each request has a context of its own: it counts what the request reaches.
    execute: (args) => execute({ ...args, rootValue: rootOf(createGraphContext(chain, models)) }),
    formatError: (error) => described(error, onFault),
  })
  return async ({ method, url, headers, body }) => {
    const [text, { status, headers: answerHeaders }] = await handler({ method, url, headers, body, raw: undefined, context: undefined })
    return { status, headers: answerHeaders ?? {}, body: text ?? '' }
  }
}

function rootOf(context: GraphContext) {
  const { chain, models } = context
  return {
    async block({ number, hash: given }: { number?: unknown; hash?: unknown }) {
      const wantedNumber = argument('number', optional(whole), number)
      const wantedHash = argument('hash', optional(hash), given)
      const stored = await chain.block(wantedHash !== undefined ? { blockHash: wantedHash } : (wantedNumber ?? 'latest'))
      return stored && blockNode(context, stored)
    },
    async blocks({ from, to }: { from: unknown; to?: unknown }) {
      const first = argument('from', whole, from)
      const head = chain.head().block.header.number
      const wanted = argument('to', optional(whole), to) ?? head
      const last = bigIntMin(wanted, head)
      if (last - first >= MAX_BLOCKS)
        throw new RpcError('invalidParams', `argument "to": wanted at most ${MAX_BLOCKS} blocks, got ${last - first + 1n}`)
      const blocks: ReturnType<typeof blockNode>[] = []
      for (let number = first; number <= last; number++) blocks.push(blockNode(context, (await chain.block(number))!))
      return blocks
    },
    pending() {
      const { pending, queued } = chain.pending()
      const waiting = [...pending, ...queued]
      return {
        transactionCount: quantity(waiting.length),
        transactions: () => waiting.map(({ tx, hash, sender }) => waitingNode(context, tx, hash, sender)),
        ...stateFields(context, 'pending'),
      }
    },
    transaction: (given: { hash: unknown }) => transactionNode(context, argument('hash', hash, given.hash)),
    async logs({ filter }: { filter: { fromBlock?: unknown; toBlock?: unknown } }) {
      const fromBlock = argument('filter.fromBlock', optional(whole), filter.fromBlock) ?? 'latest'
      const toBlock = argument('filter.toBlock', optional(whole), filter.toBlock) ?? 'latest'
      return logNodes(context, await chain.logs({ fromBlock, toBlock, ...argument('filter', logCriteria, filter) }))
    },
    gasPrice: '0x0',
    maxPriorityFeePerGas: '0x0',
    syncing: null,
    chainID: quantity(chain.config.chainId),
    models: async () => (await models.list()).map((model) => modelNode(context, model)),
    async model({ id }: { id: unknown }) {
      const model = await models.describe(argument('id', hash, id))
      return model && modelNode(context, model)
    },
    sendRawTransaction: ({ data }: { data: unknown }) => chain.submit(argument('data', bytes, data)),
  }
}

/** What clients see of an error: the message, and under `extensions.code` the node's stable name. */
function described(error: Readonly<GraphQLError | Error>, onFault: (error: unknown) => void): GraphQLError | Error {
  if (!(error instanceof GraphQLError) || error.originalError == null) return error
  const { originalError, message, path, nodes } = error
  const code =
    originalError instanceof NodeError ? originalError.code : originalError instanceof RpcError ? 'INVALID_ARGUMENT' : 'NODE_FAULT'
  if (code === 'NODE_FAULT') onFault(originalError)
  return new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions: { code } })
}
