/** The JSON-RPC envelope and the server, with a method table of their own: no chain is needed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { NodeError } from '../../node/errors.ts'
import type { RpcContext } from '../../node/rpc/context.ts'
import { createDispatcher } from '../../node/rpc/dispatch.ts'
import { defineMethod } from '../../node/rpc/method.ts'
import { address, optional, quantity } from '../../node/rpc/params.ts'
import { defaultServerOptions, ListenError, type RunningServer, type ServerOptions, startServer } from '../../node/server.ts'

const order: string[] = []
const faults: string[] = []

const methods = [
  defineMethod({ name: 'test_echo', summary: '', params: { value: z.unknown() }, run: (_, { value }) => value }),
  defineMethod({
    name: 'test_typed',
    summary: '',
    params: { owner: address, amount: optional(quantity) },
    run: (_, { owner, amount }) => ({ owner, amount: amount === undefined ? 'none' : amount.toString() }),
  }),
  defineMethod({
    name: 'test_slow',
    summary: '',
    params: { name: z.string(), milliseconds: z.number() },
    run: async (_, { name, milliseconds }) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      order.push(name)
      return name
    },
  }),
  defineMethod({
    name: 'test_revert',
    summary: '',
    params: {},
    run: () => {
      // Error("no"), as Solidity encodes it.
      const data = Buffer.from(`08c379a0${'20'.padStart(64, '0')}${'2'.padStart(64, '0')}${'6e6f'.padEnd(64, '0')}`, 'hex')
      throw new NodeError('EXECUTION_REVERTED', 'reverted', { data })
    },
  }),
  defineMethod({
    name: 'test_refuse',
    summary: '',
    params: {},
    run: () => {
      throw new NodeError('NONCE_TOO_LOW', 'nonce too low: got 1, wanted 2')
    },
  }),
  defineMethod({
    name: 'test_fault',
    summary: '',
    params: {},
    run: () => {
      throw new TypeError('x is not a function')
    },
  }),
  defineMethod({ name: 'test_bigint', summary: '', params: {}, run: () => 1n }),
  defineMethod({
    name: 'test_subscribe',
    summary: '',
    params: {},
    run: (_, __, connection) => {
      connection.afterReply(() => connection.notify?.('0x1', 'first'))
      return '0x1'
    },
  }),
]

const dispatcher = createDispatcher(methods, {} as RpcContext, {
  maxBatchEntries: 10,
  onFault: (method) => faults.push(method),
  onRequest: () => {},
})

const options: ServerOptions = { ...defaultServerOptions, port: 0, maxBodyBytes: 10_000 }
let server: RunningServer
before(async () => {
  server = await startServer(dispatcher, options)
})
after(() => server.close())

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** `fetch` neither sends a foreign Host nor an Origin of our choice. */
function http(body: string | Buffer, headers: Record<string, string> = {}, method = 'POST', port = server.port): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, headers }, async (response) => {
      const pieces: Buffer[] = []
      for await (const piece of response) pieces.push(piece)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces).toString() })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const post = async (value: unknown) => JSON.parse((await http(JSON.stringify(value))).body)
const call = (method: string, params: unknown = [], id: unknown = 1) => post({ jsonrpc: '2.0', id, method, params })

test('answers a request with its id, whatever JSON type the id has', async () => {
  for (const id of [1, 'a', null, 1.5]) {
    assert.deepEqual(await call('test_echo', [{ a: [1, null] }], id), { jsonrpc: '2.0', id, result: { a: [1, null] } })
  }
})

test('answers null where a method has nothing to say', async () => {
  assert.deepEqual(await call('test_echo'), { jsonrpc: '2.0', id: 1, result: null })
})

test('refuses text that is no JSON with -32700, bytes that are no UTF-8 too', async () => {
  for (const body of ['{', '', Buffer.from([0xff, 0xfe])]) {
    const answer = JSON.parse((await http(body)).body)
    assert.equal(answer.error.code, -32700)
    assert.equal(answer.id, null)
  }
})

test('refuses what is no request with -32600 and says what is wrong', async () => {
  const cases: [unknown, RegExp, unknown][] = [
    [1, /not an object/, null],
    [{ id: 7, method: 'test_echo' }, /"jsonrpc" must be "2.0"/, 7],
    [{ jsonrpc: '2.0', id: 7 }, /"method" must be a string/, 7],
    [{ jsonrpc: '2.0', id: {}, method: 'test_echo' }, /"id" must be/, null],
    [{ jsonrpc: '2.0', id: 7, method: 'test_echo', params: 'x' }, /"params" must be/, 7],
    [[], /empty batch/, null],
    [Array(11).fill({}), /11 entries, at most 10/, null],
  ]
  for (const [body, message, id] of cases) {
    const answer = await post(body)
    assert.equal(answer.error.code, -32600)
    assert.match(answer.error.message, message)
    assert.equal(answer.id, id)
  }
})

test('refuses an unknown method with -32601, names of object members included', async () => {
  for (const method of ['test_none', 'constructor', '__proto__', '']) {
    assert.equal((await call(method)).error.code, -32601)
  }
})

test('refuses bad parameters with -32602 and names the parameter', async () => {
  const owner = `0x${'Aa'.repeat(20)}`
  const cases: [unknown, RegExp][] = [
    [[], /parameter 1 "owner": missing/],
    [['0x12'], /parameter 1 "owner": wanted an address \(0x and 40 hex digits\), got "0x12"/],
    [[owner, '12'], /parameter 2 "amount": wanted a quantity .*, got "12"/],
    [[owner, '0x1', 3], /wanted at most 2 \(owner, amount\), got 3/],
    [{ owner, sum: 1 }, /no parameter "sum", only owner, amount/],
  ]
  for (const [params, message] of cases) {
    const { error } = await call('test_typed', params)
    assert.equal(error.code, -32602)
    assert.match(error.message, message)
  }
})

test('takes parameters by position and by name; null counts as absent', async () => {
  const owner = `0x${'Aa'.repeat(20)}`
  assert.deepEqual((await call('test_typed', [owner, null])).result, { owner: owner.toLowerCase(), amount: 'none' })
  assert.deepEqual((await call('test_typed', { amount: '0x10', owner })).result, { owner: owner.toLowerCase(), amount: '16' })
})

test('answers a revert with code 3, the reason and the data', async () => {
  const { error } = await call('test_revert')
  assert.equal(error.code, 3)
  assert.equal(error.message, 'execution reverted: no')
  assert.match(error.data, /^0x08c379a0/)
})

test('answers errors of the node with -32000 and their stable code', async () => {
  assert.deepEqual((await call('test_refuse')).error, {
    code: -32000,
    message: 'nonce too low: got 1, wanted 2',
    data: { code: 'NONCE_TOO_LOW' },
  })
})

test('answers a fault with -32603 and reports it', async () => {
  faults.length = 0
  assert.equal((await call('test_fault')).error.code, -32603)
  assert.equal((await call('test_bigint')).error.code, -32603)
  assert.deepEqual(faults, ['test_fault', 'test_bigint'])
})

test('runs a batch in order and answers every entry but notifications', async () => {
  order.length = 0
  const answers = await post([
    { jsonrpc: '2.0', id: 1, method: 'test_slow', params: ['first', 20] },
    { jsonrpc: '2.0', method: 'test_slow', params: ['silent', 0] },
    7,
    { jsonrpc: '2.0', id: 2, method: 'test_slow', params: ['last', 0] },
  ])
  assert.deepEqual(order, ['first', 'silent', 'last'])
  assert.deepEqual(
    answers.map((answer: { id: unknown; result?: unknown; error?: { code: number } }) => [answer.id, answer.result ?? answer.error?.code]),
    [
      [1, 'first'],
      [null, -32600],
      [2, 'last'],
    ],
  )
})

test('answers notifications alone with no content', async () => {
  const answer = await http(JSON.stringify({ jsonrpc: '2.0', method: 'test_echo' }))
  assert.equal(answer.status, 204)
  assert.equal(answer.body, '')
})

test('refuses a longer body with 413, announced or streamed', async () => {
  assert.equal((await http(Buffer.alloc(10_001))).status, 413)
  assert.equal((await http(Buffer.alloc(10_001), { 'transfer-encoding': 'chunked' })).status, 413)
  assert.equal((await http(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_echo' }))).status, 200)
})

test('answers other HTTP methods with 405', async () => {
  assert.equal((await http('', {}, 'GET')).status, 405)
})

test('refuses Host headers that a rebound name would bring', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_echo' })
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8545', '[::1]:8545', '192.168.0.9']) {
    assert.equal((await http(body, { host })).status, 200, host)
  }
  for (const host of ['evil.example', 'localhost.evil.example:8545', 'x']) {
    assert.equal((await http(body, { host })).status, 403, host)
  }
})

test('lets pages of any origin in unless the configuration names origins', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_echo' })
  const open = await http(body, { origin: 'https://app.example' })
  assert.equal(open.headers['access-control-allow-origin'], '*')
  const preflight = await http('', { origin: 'https://app.example', 'access-control-request-headers': 'content-type' }, 'OPTIONS')
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers['access-control-allow-headers'], 'content-type')

  const strict = await startServer(dispatcher, { ...options, allowedOrigins: ['https://app.example'] })
  try {
    assert.equal((await http(body, { origin: 'https://evil.example' }, 'POST', strict.port)).status, 403)
    const allowed = await http(body, { origin: 'https://app.example' }, 'POST', strict.port)
    assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example')
    assert.equal((await http(body, {}, 'POST', strict.port)).status, 200)
    const socket = new WebSocket(`ws://127.0.0.1:${strict.port}`, { origin: 'https://evil.example' })
    const [error] = await once(socket, 'error')
    assert.match(error.message, /403/)
  } finally {
    await strict.close()
  }
})

test('over WebSocket answers in order, and never lets a notification overtake its subscription', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(socket, 'open')
  const messages: string[] = []
  const done = new Promise<void>((resolve) => {
    socket.on('message', (message) => messages.push(String(message)) === 4 && resolve())
  })
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_slow', params: ['a', 20] }))
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'test_subscribe' }))
  socket.send('{')
  await done
  const [slow, subscribed, notified, broken] = messages.map((message) => JSON.parse(message))
  assert.equal(slow.id, 1)
  assert.deepEqual(subscribed, { jsonrpc: '2.0', id: 2, result: '0x1' })
  assert.deepEqual(notified, { jsonrpc: '2.0', method: 'eth_subscription', params: { subscription: '0x1', result: 'first' } })
  assert.equal(broken.error.code, -32700)
  socket.close()
})

test('a WebSocket that sends a thousand requests at once gets a thousand answers in order', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(socket, 'open')
  const ids: number[] = []
  const done = new Promise<void>((resolve) => {
    socket.on('message', (message) => ids.push(JSON.parse(String(message)).id) === 1000 && resolve())
  })
  for (let id = 0; id < 1000; id++) socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'test_slow', params: ['', 0] }))
  await done
  assert.deepEqual(
    ids,
    Array.from({ length: 1000 }, (_, id) => id),
  )
  socket.close()
})

test('says clearly that a port is in use', async () => {
  await assert.rejects(startServer(dispatcher, { ...options, port: server.port }), (error: unknown) => {
    assert.ok(error instanceof ListenError)
    assert.equal(error.code, 'PORT_IN_USE')
    assert.match(error.message, new RegExp(`port ${server.port}`))
    return true
  })
})

test('closes with open sockets and requests on their way, and frees the port', async () => {
  const closing = await startServer(dispatcher, options)
  const socket = new WebSocket(`ws://127.0.0.1:${closing.port}`)
  await once(socket, 'open')
  const pending = http(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_slow', params: ['z', 50] }),
    { connection: 'keep-alive' },
    'POST',
    closing.port,
  )
  await new Promise((resolve) => setTimeout(resolve, 10))
  const socketClosed = once(socket, 'close')
  await closing.close()
  assert.equal((await pending).status, 200)
  assert.equal((await socketClosed)[0], 1001)
  const again = await startServer(dispatcher, { ...options, port: closing.port })
  await again.close()
})
