/**
 * The node's door: JSON-RPC by HTTP POST and by WebSocket on one port.
 *
 * A page in a browser must not reach a node through a rebound DNS name: requests whose Host header is a name other than localhost,
 * or one that the configuration allows, are refused. Addresses cannot be rebound and are accepted.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection } from './rpc/context.ts'
import type { Dispatcher } from './rpc/dispatch.ts'

// Imported, it would load all of fetch for its WebSocket: a tenth of the node's start.
const { createServer } = process.getBuiltinModule('node:http')

export interface ServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Origins that pages may call from: `*`, or a list of `https://name[:port]`. */
  readonly allowedOrigins: readonly string[]
  /** Names that the Host header may carry besides localhost and addresses; `*` allows any. */
  readonly allowedHosts: readonly string[]
  /** Longest request body or WebSocket message. */
  readonly maxBodyBytes: number
  /** A WebSocket that reads so slowly that more than this waits to be sent is cut off. */
  readonly maxUnsentBytes: number
  /** What answers by HTTP at other paths than JSON-RPC, by path. */
  readonly routes: ReadonlyMap<string, HttpRoute>
  /** How long running requests get to finish when the server closes. */
  readonly closeTimeoutMs: number
}

/** Answers one request, whose Host and Origin have been let in. */
export type HttpRoute = (request: HttpRequest) => Promise<HttpAnswer>

export interface HttpRequest {
  readonly method: string
  /** With the path and the query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly client: string
  readonly body: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const defaultServerOptions = {
  host: '127.0.0.1',
  port: 8545,
  allowedOrigins: ['*'],
  allowedHosts: [],
  maxBodyBytes: 32 * 1024 * 1024,
  maxUnsentBytes: 64 * 1024 * 1024,
  routes: new Map(),
  closeTimeoutMs: 2000,
} as const satisfies ServerOptions

export interface RunningServer {
  readonly host: string
  /** The port in use, also where 0 was asked for. */
  readonly port: number
  /** Lets the process end although the server listens; a request that runs keeps it alive on the asking side. */
  unref(): void
  /** Finishes what runs, closes every connection and frees the port. Repeated calls wait for the first. */
  close(): Promise<void>
}

/** The address cannot be listened on. Codes: PORT_IN_USE, PORT_NOT_ALLOWED, ADDRESS_NOT_AVAILABLE, LISTEN_FAILED. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export async function startServer(dispatcher: Dispatcher, options: ServerOptions): Promise<RunningServer> {
  const { routes, maxBodyBytes } = options
  const gate = createGate(options)
  const server = createServer((request, response) => {
    void answerHttp(request, response, { dispatcher, gate, routes, maxBodyBytes, isClosing: () => !server.listening })
  })
  // Clients keep connections open between requests; a server that gives up first resets a request on its way.
  server.keepAliveTimeout = 65_000
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxBodyBytes, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy())
    const refusal = gate.refusal(request)
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${refusal}\n`)
    sockets.handleUpgrade(request, socket, head, (client) => serveSocket(client, clientOf(request), dispatcher, options))
  })
  await listen(server, options)
  let closing: Promise<void> | undefined
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    unref() {
      server.unref()
      server.on('connection', (socket) => socket.unref())
    },
    close() {
      closing ??= close(server, sockets, options.closeTimeoutMs)
      return closing
    },
  }
}

interface Gate {
  /** Why the request is not let in; undefined where it is. */
  refusal(request: IncomingMessage): string | undefined
  /** The value of Access-Control-Allow-Origin for this request. */
  allowOrigin(request: IncomingMessage): string | undefined
}

function createGate({ host, allowedOrigins, allowedHosts }: ServerOptions): Gate {
  const hosts = new Set(['localhost', host.toLowerCase(), ...allowedHosts.map((name) => name.toLowerCase())])
  const anyOrigin = allowedOrigins.includes('*')
  return {
    refusal({ headers }) {
      const name = hostName(headers.host ?? '')
      if (!hosts.has('*') && !hosts.has(name) && isIP(name) === 0) return `host not allowed: ${JSON.stringify(name)}`
      const { origin } = headers
      if (origin !== undefined && !anyOrigin && !allowedOrigins.includes(origin)) return `origin not allowed: ${JSON.stringify(origin)}`
      return undefined
    },
    allowOrigin: ({ headers }) => (anyOrigin ? '*' : headers.origin),
  }
}

/** `localhost:8545` → `localhost`, `[::1]:8545` → `::1`. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(header)
  return (bracketed ? bracketed[1]! : header.replace(/:\d*$/, '')).toLowerCase()
}

const textOf = new TextDecoder('utf-8', { fatal: true })

interface HttpContext {
  readonly dispatcher: Dispatcher
  readonly gate: Gate
  readonly routes: ReadonlyMap<string, HttpRoute>
  readonly maxBodyBytes: number
  readonly isClosing: () => boolean
}

async function answerHttp(request: IncomingMessage, response: ServerResponse, context: HttpContext): Promise<void> {
  const { dispatcher, gate, routes, maxBodyBytes, isClosing } = context
  const send = (status: number, body = '', type = 'text/plain; charset=utf-8') => {
    if (isClosing()) response.setHeader('connection', 'close')
    if (body === '') response.writeHead(status).end()
    else response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  }
  const refusal = gate.refusal(request)
  if (refusal !== undefined) return send(403, `${refusal}\n`)
  const origin = gate.allowOrigin(request)
  if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
  if (origin !== undefined && origin !== '*') response.setHeader('vary', 'origin')
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'POST, GET')
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? 'content-type')
    response.setHeader('access-control-max-age', '86400')
    return send(204)
  }
  const route = routes.get(pathOf(request))
  if (route === undefined && request.method !== 'POST') {
    response.setHeader('allow', 'POST, OPTIONS')
    return send(405, 'This is a JSON-RPC endpoint: send requests by POST or by WebSocket.\n')
  }
  const body = await readBody(request, maxBodyBytes).catch(() => 'lost' as const)
  if (body === 'lost') return
  if (body === 'too long') {
    response.setHeader('connection', 'close')
    return send(413, `The request is longer than ${maxBodyBytes} bytes.\n`)
  }
  if (route !== undefined) {
    const { method = '', url = '', headers } = request
    const answer = await route({ method, url, headers, client: clientOf(request), body: decode(body) })
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
    return response.destroyed ? undefined : send(answer.status, answer.body, answer.headers['content-type'])
  }
  const reply = await dispatcher.answer(decode(body), httpConnection(clientOf(request)))
  if (response.destroyed) return
  if (reply === undefined) send(204)
  else send(200, reply, 'application/json')
}

/** Rejects where the client goes away before the end. Events, because iterating over a stream costs a small request a third of its time. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too long'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too long')
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > maxBytes) {
        request.removeAllListeners('data').pause()
        resolve('too long')
      } else pieces.push(piece)
    })
    request.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the client went away')))
  })
}

/** Bytes that are no UTF-8 become text that is no JSON, so that the answer is a parse error. */
function decode(body: Buffer): string {
  try {
    return textOf.decode(body)
  } catch {
    return '�'
  }
}

/** Without the query. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.replace(/\?.*$/s, '')

const clientOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? ''

const httpConnection = (client: string): Connection => ({
  client,
  notify: undefined,
  subscriptions: new Map(),
  afterReply: (action) => action(),
})

/** A client that sends faster than it is answered is not read from meanwhile. */
const MAX_WAITING_REQUESTS = 256

function serveSocket(client: WebSocket, address: string, dispatcher: Dispatcher, { maxUnsentBytes }: ServerOptions): void {
  const send = (message: string) => {
    if (client.readyState !== client.OPEN) return
    client.send(message)
    if (client.bufferedAmount > maxUnsentBytes) client.terminate()
  }
  let afterReply: (() => void)[] = []
  const connection: Connection = {
    client: address,
    notify: (subscription, result) =>
      send(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params: { subscription, result } })),
    subscriptions: new Map(),
    afterReply: (action) => void afterReply.push(action),
  }
  const handle = async (message: Buffer) => {
    const reply = await dispatcher.answer(decode(message), connection)
    if (reply !== undefined) send(reply)
    const actions = afterReply
    afterReply = []
    for (const action of actions) action()
    if (client.readyState !== client.OPEN) unsubscribe()
  }
  const unsubscribe = () => {
    for (const end of connection.subscriptions.values()) end()
    connection.subscriptions.clear()
  }
  // One request at a time: answers come in the order of the requests, and a subscription's id before its first event.
  let queue = Promise.resolve()
  let waiting = 0
  client.on('message', (message: Buffer) => {
    waiting += 1
    if (waiting >= MAX_WAITING_REQUESTS) client.pause()
    queue = queue.then(async () => {
      await handle(message)
      waiting -= 1
      if (client.isPaused && waiting < MAX_WAITING_REQUESTS) client.resume()
    })
  })
  client.on('error', () => client.terminate())
  client.on('close', unsubscribe)
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port }, () => resolve())
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError('PORT_IN_USE', `port ${port} on ${host} is in use: stop what listens there or choose another with --port`)
    case 'EACCES':
      return new ListenError('PORT_NOT_ALLOWED', `port ${port} may not be opened by this user: choose one above 1023 with --port`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError('ADDRESS_NOT_AVAILABLE', `this machine has no address ${host}: choose another with --host`)
    default:
      return new ListenError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${error.message}`)
  }
}

async function close(server: Server, sockets: WebSocketServer, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const client of sockets.clients) client.close(1001, 'the node is shutting down')
  server.closeIdleConnections()
  const cutOff = setTimeout(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
  }, timeoutMs)
  await closed
  clearTimeout(cutOff)
  sockets.close()
}
