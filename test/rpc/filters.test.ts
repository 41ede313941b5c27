/** Filters and subscriptions over a chain that goes back, and what they leave behind. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import type { ChainEvents, Hex } from '../../node/chain/types.ts'
import { createFilterStore, matchesLog } from '../../node/rpc/filters.ts'
import { startTestNode, type TestNode } from './support.ts'

let node: TestNode
before(async () => {
  node = await startTestNode()
  await call('anvil_setCode', [logger, '0x60075f5fa100'])
})
after(() => node.close())

let lastId = 0
async function call<T = string>(method: string, params: unknown[] = []): Promise<T> {
  lastId += 1
  const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })
  const answer = (await (await fetch(node.url, { method: 'POST', body })).json()) as { result: T; error?: unknown }
  assert.equal(answer.error, undefined, JSON.stringify(answer.error))
  return answer.result
}

/** Runtime code that emits one log with topic 7: PUSH1 7 PUSH0 PUSH0 LOG1 STOP. */
const logger: Hex = '0x00000000000000000000000000000000000000c0'
const topic = `0x${'7'.padStart(64, '0')}`
const emitLog = async () => {
  const [from] = await call<Hex[]>('eth_accounts')
  return call('eth_sendTransaction', [{ from, to: logger }])
}

test('a revert brings the logs of the blocks taken away again, marked as removed', async () => {
  const filter = await call('eth_newFilter', [{ address: logger, topics: [topic] }])
  const snapshot = await call('evm_snapshot')
  const hash = await emitLog()
  await call('evm_revert', [snapshot])
  const changes = await call<{ transactionHash: Hex; removed: boolean }[]>('eth_getFilterChanges', [filter])
  assert.deepEqual(
    changes.map((log) => [log.transactionHash, log.removed]),
    [
      [hash, false],
      [hash, true],
    ],
  )
  assert.deepEqual(await call('eth_getFilterLogs', [filter]), [])
})

interface Message {
  id?: number
  result?: unknown
  method?: string
  params?: { subscription: string; result: Record<string, unknown> }
}

test('subscriptions end with eth_unsubscribe and with their connection, and leave no listener', async () => {
  const { events } = node.chain
  const listeners = () => (['block', 'removed', 'pendingTransaction'] as const).map((name) => events.listenerCount(name))
  const start = listeners()
  const socket = new WebSocket(node.wsUrl)
  await once(socket, 'open')
  const received: Message[] = []
  socket.on('message', (text) => received.push(JSON.parse(String(text))))
  const answer = async (method: string, params: unknown[]) => {
    lastId += 1
    const id = lastId
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    for (;;) {
      const found = received.find((message) => message.id === id)
      if (found) return found.result
      await once(socket, 'message')
    }
  }
  const logs = await answer('eth_subscribe', ['logs', { address: logger }])
  await answer('eth_subscribe', ['newHeads'])
  await answer('eth_subscribe', ['newPendingTransactions', true])
  assert.deepEqual(
    listeners().map((count, index) => count - start[index]!),
    [2, 1, 1],
  )
  const hash = await emitLog()
  const notices = () => received.flatMap((message) => (message.method === 'eth_subscription' && message.params ? [message.params] : []))
  while (notices().length < 3) await once(socket, 'message')
  const log = notices().find((notice) => notice.subscription === logs)
  assert.deepEqual([log?.result.transactionHash, log?.result.topics], [hash, [topic]])
  assert.ok(notices().some((notice) => notice.result.hash === hash && notice.result.input === '0x'))
  assert.ok(notices().some((notice) => notice.result.parentHash !== undefined && notice.result.transactions === undefined))
  assert.equal(await answer('eth_unsubscribe', [logs]), true)
  assert.equal(await answer('eth_unsubscribe', [logs]), false)
  assert.equal(events.listenerCount('removed'), start[1])
  socket.close()
  await once(socket, 'close')
  while (listeners().some((count, index) => count !== start[index])) await new Promise((resolve) => setImmediate(resolve))
})

test('a subscription over HTTP is refused with -32601', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] })
  const answer = (await (await fetch(node.url, { method: 'POST', body })).json()) as { error: { code: number } }
  assert.equal(answer.error.code, -32601)
})

test('a filter that nobody asks is forgotten, and there are only so many', () => {
  const events = new EventEmitter<ChainEvents>()
  let time = 0
  const store = createFilterStore(events, { idleMs: 1000, maxFilters: 2 }, () => time)
  const old = store.addTransactions()
  time = 900
  const asked = store.addTransactions()
  assert.throws(() => store.addBlocks(), /too many filters/)
  events.emit('pendingTransaction', '0x01')
  time = 1800
  assert.deepEqual(store.changes(asked), ['0x01'])
  assert.throws(() => store.changes(old), /filter not found/)
  time = 3000
  assert.throws(() => store.changes(asked), /filter not found/)
  store.close()
  assert.equal(events.listenerCount('pendingTransaction'), 0)
})

test('topics match by position: any, one of several, and never past the end of the log', () => {
  const word = (digit: string): Hex => `0x${digit.repeat(64)}`
  const log = { address: logger, topics: [word('1'), word('2')] } as Parameters<typeof matchesLog>[1]
  const matches = (topics: (Hex[] | null)[], addresses: Hex[] = []) => matchesLog({ addresses, topics }, log)
  assert.ok(matches([]))
  assert.ok(matches([null, [word('3'), word('2')]]))
  assert.ok(matches([], [logger]))
  assert.ok(!matches([[word('2')]]))
  assert.ok(!matches([null, null, null]))
  assert.ok(!matches([], [word('1')]))
})
