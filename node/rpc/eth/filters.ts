/** eth_*: logs, filters to poll, and subscriptions over WebSocket. */
import { z } from 'zod'
import type { ChainEvents, Hex, StoredBlock } from '../../chain/types.ts'
import type { Connection, RpcContext } from '../context.ts'
import { RpcError } from '../errors.ts'
import { matchingLogs, toLogQuery } from '../filters.ts'
import { headerJson, logJson, removedLogJson, transactionJson } from '../format.ts'
import { defineMethod } from '../method.ts'
import { filterId, logFilter, optional } from '../params.ts'

export const filterMethods = [
  defineMethod({
    name: 'eth_getLogs',
    summary: 'Logs of a range of blocks, or of one block, by address and topics.',
    params: { filter: logFilter },
    run: async ({ chain }, { filter }) => (await chain.logs(toLogQuery(filter))).map(logJson),
  }),
  defineMethod({
    name: 'eth_newFilter',
    summary: 'A filter that collects matching logs of new blocks; returns its id.',
    params: { filter: logFilter },
    run: ({ filters }, { filter }) => filters.addLogs(toLogQuery(filter)),
  }),
  defineMethod({
    name: 'eth_newBlockFilter',
    summary: 'A filter that collects hashes of new blocks; returns its id.',
    params: {},
    run: ({ filters }) => filters.addBlocks(),
  }),
  defineMethod({
    name: 'eth_newPendingTransactionFilter',
    summary: 'A filter that collects hashes of arriving transactions; returns its id.',
    params: {},
    run: ({ filters }) => filters.addTransactions(),
  }),
  defineMethod({
    name: 'eth_getFilterChanges',
    summary: 'What a filter has collected since it was asked last. A filter not asked for 5 minutes is forgotten.',
    params: { filterId },
    run: ({ filters }, { filterId }) => filters.changes(filterId),
  }),
  defineMethod({
    name: 'eth_getFilterLogs',
    summary: 'All logs that a log filter matches.',
    params: { filterId },
    run: async ({ chain, filters }, { filterId }) => (await chain.logs(filters.query(filterId))).map(logJson),
  }),
  defineMethod({
    name: 'eth_uninstallFilter',
    summary: 'Forgets a filter; false where there is none.',
    params: { filterId },
    run: ({ filters }, { filterId }) => filters.remove(filterId),
  }),
  defineMethod({
    name: 'eth_subscribe',
    summary: 'Over WebSocket: sends `newHeads`, `logs` or `newPendingTransactions` as they happen; returns the subscription’s id.',
    params: {
      kind: z.enum(['newHeads', 'logs', 'newPendingTransactions'], 'wanted newHeads, logs or newPendingTransactions'),
      options: optional(z.union([logFilter, z.boolean()], 'wanted a log filter for logs, true or false for newPendingTransactions')),
    },
    run: (context, { kind, options }, connection) => subscribe(context, connection, kind, options),
  }),
  defineMethod({
    name: 'eth_unsubscribe',
    summary: 'Ends a subscription of this connection; false where there is none.',
    params: { subscriptionId: filterId },
    run: (_, { subscriptionId }, { subscriptions }) => {
      subscriptions.get(subscriptionId)?.()
      return subscriptions.delete(subscriptionId)
    },
  }),
]

/** As many as a client with a reason opens; each costs work at every block. */
const MAX_SUBSCRIPTIONS = 1000

function subscribe(
  context: RpcContext,
  connection: Connection,
  kind: 'newHeads' | 'logs' | 'newPendingTransactions',
  options: z.output<typeof logFilter> | boolean | undefined,
): Hex {
  const { notify, subscriptions, afterReply } = connection
  if (!notify) throw new RpcError('methodNotFound', 'subscriptions need a WebSocket connection; over HTTP use eth_newFilter')
  if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
    throw new RpcError('server', `too many subscriptions: ${subscriptions.size} are open on this connection`)
  }
  const id: Hex = `0x${crypto.randomUUID().replaceAll('-', '')}`
  let waiting: unknown[] | undefined = []
  const send = (result: unknown) => void (waiting ? waiting.push(result) : notify(id, result))
  subscriptions.set(id, listen(context, kind, options, send))
  afterReply(() => {
    for (const result of waiting ?? []) notify(id, result)
    waiting = undefined
  })
  return id
}

/** Starts listening; the returned function ends it. */
function listen(
  { chain }: RpcContext,
  kind: 'newHeads' | 'logs' | 'newPendingTransactions',
  options: z.output<typeof logFilter> | boolean | undefined,
  send: (result: unknown) => void,
): () => void {
  const { events } = chain
  switch (kind) {
    case 'newHeads': {
      const onBlock = ({ block, hash }: StoredBlock) => send(headerJson(block.header, hash))
      events.on('block', onBlock)
      return () => void events.off('block', onBlock)
    }
    case 'logs': {
      const query = toLogQuery(typeof options === 'object' ? options : logFilter.parse({}))
      const onBlock = (block: StoredBlock) => matchingLogs(query, [block]).map(logJson).forEach(send)
      const onRemoved = (blocks: StoredBlock[]) => matchingLogs(query, blocks).map(removedLogJson).forEach(send)
      events.on('block', onBlock)
      events.on('removed', onRemoved)
      return () => {
        events.off('block', onBlock)
        events.off('removed', onRemoved)
      }
    }
    case 'newPendingTransactions': {
      const onTransaction = (...[hash]: ChainEvents['pendingTransaction']) => {
        if (options !== true) return send(hash)
        void chain.transaction(hash).then((found) => found && send(transactionJson(found.tx, hash, found.sender)))
      }
      events.on('pendingTransaction', onTransaction)
      return () => void events.off('pendingTransaction', onTransaction)
    }
  }
}
