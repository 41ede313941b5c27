/** Clients that no node wants: slow, broken and malicious ones. Each goes on until it is stopped. */

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

export interface HostileClient {
  readonly name: string
  /** One attack; called again and again. */
  attack(port: number, signal: AbortSignal): Promise<void>
}

const head = (length: number) => `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

/** Writes to a connection of its own and waits for an answer, the end or a while. */
async function write(port: number, pieces: readonly string[], waitMs = 50): Promise<void> {
  const socket = await open(port)
  for (const piece of pieces) socket.write(piece)
  await Promise.race([new Promise((resolve) => socket.once('data', resolve).once('close', resolve)), sleep(waitMs)])
  socket.destroy()
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

const post = (port: number, body: string) => write(port, [head(Buffer.byteLength(body)), body], 500)
const call = (method: string, params: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })

export const hostileClients: readonly HostileClient[] = [
  { name: 'half a request, and silence', attack: (port) => write(port, [head(1000), '{"jsonrpc":'], 200) },
  { name: 'half a header, and silence', attack: (port) => write(port, ['POST / HTTP/1.1\r\nhost: loc'], 200) },
  { name: 'no HTTP at all', attack: (port) => write(port, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.repeat(20)]) },
  { name: 'a request and no ear for the answer', attack: (port) => write(port, [head(49), call('eth_chainId', [])], 0) },
  {
    name: 'fifty connections at once',
    async attack(port) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => open(port)))
      await sleep(100)
      for (const socket of sockets) socket.destroy()
    },
  },
  {
    name: 'a batch that is too long',
    attack: (port) => post(port, `[${Array(50_000).fill(call('eth_blockNumber', [])).join(',')}]`),
  },
  { name: 'deep JSON', attack: (port) => post(port, '['.repeat(200_000) + ']'.repeat(200_000)) },
  {
    name: 'deep parameters',
    attack: (port) => post(port, call('eth_call', []).replace('[]', `${'[{"to":'.repeat(50_000)}1${'}]'.repeat(50_000)}`)),
  },
  {
    name: 'wrong types',
    async attack(port) {
      const methods = ['eth_call', 'eth_getLogs', 'eth_sendRawTransaction', 'debug_traceCall', 'eth_simulateV1', '__proto__', 7]
      const wrong = [null, 7, 'latest', {}, [[]], [{ to: 7 }], [{ to: '0x', data: {} }], [{ toString: 1 }, '__proto__']]
      for (const [index, params] of wrong.entries()) await post(port, call(methods[index % methods.length] as string, params))
    },
  },
  { name: 'broken bytes', attack: (port) => write(port, [head(4), '\xff\xfe\xfd\xfc']) },
  {
    // PUSH1 1 between JUMPDEST and JUMP, until the gas or the time is used up.
    name: 'an endless loop',
    attack: (port) =>
      post(
        port,
        call('eth_call', [
          { to: `0x${'ab'.repeat(20)}`, gas: '0x7fffffff' },
          'latest',
          { [`0x${'ab'.repeat(20)}`]: { code: '0x5b600150600056' } },
        ]),
      ),
  },
  {
    name: 'logs of everything',
    attack: (port) => post(port, call('eth_getLogs', [{ fromBlock: 'earliest', toBlock: 'latest' }])),
  },
  {
    name: 'filters that nobody asks',
    async attack(port) {
      for (let index = 0; index < 20; index++) await post(port, call('eth_newFilter', [{}]))
    },
  },
  {
    name: 'a subscriber that does not read',
    async attack(port, signal) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`)
      await new Promise((resolve) => socket.once('open', resolve).once('error', resolve))
      if (socket.readyState !== socket.OPEN) return
      for (const kind of ['newHeads', 'logs', 'newPendingTransactions'])
        socket.send(call('eth_subscribe', kind === 'logs' ? [kind, {}] : [kind]))
      socket.pause()
      await Promise.race([sleep(1000), new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
      socket.terminate()
    },
  },
  {
    name: 'broken frames by WebSocket',
    async attack(port) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`)
      await new Promise((resolve) => socket.once('open', resolve).once('error', resolve))
      socket.on('error', () => {})
      if (socket.readyState !== socket.OPEN) return
      socket.send('{"jsonrpc"')
      socket.send(Buffer.alloc(100_000, 0xff))
      socket.send('[')
      await sleep(50)
      socket.terminate()
    },
  },
]

/** All of them at once, until the signal; what they suffer is their own. */
export async function harass(port: number, signal: AbortSignal, onAttack: (name: string) => void = () => {}): Promise<void> {
  await Promise.all(
    hostileClients.map(async ({ name, attack }) => {
      while (!signal.aborted) {
        await attack(port, signal).catch(() => {})
        onAttack(name)
        await sleep(5)
      }
    }),
  )
}
