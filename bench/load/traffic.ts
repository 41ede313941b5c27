/** What the clients of a load do: each in turn one of these, chosen by chance, and what must be true of the answer. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encodeFunctionData } from 'viem/utils'
import { WebSocket } from 'ws'
import { connect } from '../../node/cli/clients.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { createHost } from '../../runtime/host/host.ts'
import { loadModule } from '../../runtime/host/load-module.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import type { RunningPeer } from '../node/nodes.ts'
import { type Rpc, receiptOf } from '../node/rpc.ts'
import { furnish, tokenCall, type Workplace } from '../node/work.ts'

export type Client = { readonly rpc: Rpc; readonly account: number; random(): number }

export type Deed = {
  readonly name: string
  /** How often, beside the others. */
  readonly weight: number
  run(place: Site, client: Client): Promise<unknown>
}

/** A workplace with a model on it. */
export type Site = Workplace & {
  readonly model: `0x${string}`
  readonly input: string
  readonly output: string
  readonly inference: string
}

type Receipt = { status: string; blockNumber: string; logs: unknown[] }

const hex = (bytes: Uint8Array): `0x${string}` => `0x${Buffer.from(bytes).toString('hex')}`
const balanceOf = ({ token, accounts }: Site) => ({ to: token, data: hex(tokenCall('balanceOf', [accounts[0]])) })

export const deeds: readonly Deed[] = [
  { name: 'eth_call of balanceOf', weight: 10, run: (place, { rpc }) => rpc.call('eth_call', balanceOf(place), 'latest') },
  { name: 'transfer with its receipt', weight: 6, run: (place, client) => mined(client, place.transfer(client.account), 0) },
  { name: 'ERC-20 transfer with its receipt', weight: 6, run: (place, client) => mined(client, place.tokenTransfer(client.account), 1) },
  {
    name: 'batch of ten transfers',
    weight: 2,
    async run(place, { rpc, account }) {
      const sent = await rpc.batch(
        'eth_sendRawTransaction',
        Array.from({ length: 10 }, () => [place.transfer(account)]),
      )
      assert.equal(new Set(sent).size, 10)
    },
  },
  {
    name: 'inference by eth_call',
    weight: 4,
    async run({ inference, output }, { rpc }) {
      const answer = await rpc.call('eth_call', { to: addresses.inference, data: inference }, 'latest')
      assert.ok(answer.includes(output.slice(2)), `the output was ${output}, the answer is ${answer}`)
    },
  },
  {
    name: 'infer_run',
    weight: 2,
    run: async ({ model, input, output }, { rpc }) =>
      assert.equal((await rpc.call<{ output: string }>('infer_run', model, input)).output, output),
  },
  { name: 'eth_estimateGas', weight: 2, run: (place, { rpc }) => rpc.call('eth_estimateGas', balanceOf(place)) },
  {
    name: 'block with its transactions',
    weight: 2,
    async run(_place, { rpc }) {
      const block = await rpc.call<{ hash: string; transactions: { blockHash: string }[] }>('eth_getBlockByNumber', 'latest', true)
      assert.ok(block.transactions.every(({ blockHash }) => blockHash === block.hash))
    },
  },
  {
    name: 'logs of the last ten blocks',
    weight: 2,
    async run({ token }, { rpc }) {
      const head = Number(await rpc.call('eth_blockNumber'))
      const range = { fromBlock: `0x${Math.max(0, head - 10).toString(16)}`, toBlock: `0x${head.toString(16)}` }
      const logs = await rpc.call<{ address: string }[]>('eth_getLogs', { ...range, address: token })
      assert.ok(logs.every(({ address }) => address === token))
    },
  },
  {
    name: 'filter of the own transfer',
    weight: 1,
    async run(place, client) {
      const { rpc } = client
      const filter = await rpc.call('eth_newFilter', { address: place.token })
      await mined(client, place.tokenTransfer(client.account), 1)
      assert.ok((await rpc.call<unknown[]>('eth_getFilterChanges', filter)).length > 0)
      await rpc.call('eth_uninstallFilter', filter)
    },
  },
  {
    name: 'trace of the own transfer',
    weight: 1,
    async run(place, client) {
      const hash = await client.rpc.call('eth_sendRawTransaction', place.tokenTransfer(client.account))
      const { gasUsed } = await receiptOf<{ gasUsed: string }>(client.rpc, hash)
      const trace = await client.rpc.call<{ gasUsed: string }>('debug_traceTransaction', hash, { tracer: 'callTracer' })
      assert.equal(trace.gasUsed, gasUsed)
    },
  },
  {
    name: 'proof of an account',
    weight: 1,
    run: ({ accounts }, { rpc, account }) => rpc.call('eth_getProof', accounts[account]!, [], 'latest'),
  },
]

async function mined({ rpc }: Client, raw: string, logs: number): Promise<void> {
  const receipt = await receiptOf<Receipt>(rpc, await rpc.call('eth_sendRawTransaction', raw))
  assert.equal(receipt.status, '0x1')
  assert.equal(receipt.logs.length, logs)
}

const lots = deeds.flatMap((deed) => Array<Deed>(deed.weight).fill(deed))

export function chooseDeed({ random }: Client): Deed {
  return lots[Math.floor(random() * lots.length)]!
}

/** Deploys the digits model and asks for one answer, which all others must equal. */
export async function settle(peer: RunningPeer): Promise<Site> {
  const url = `http://127.0.0.1:${peer.port}`
  const { writer } = await connect(url)
  const file = fileURLToPath(new URL('../../examples/digits/digits.tflite', import.meta.url))
  const { id, bytes: artifact } = importTflite(readFileSync(file), { rounding: 'fp32' })
  await deployModel(writer, { artifact })
  const { inputBytes } = createHost({ wasm: loadModule() }).open(artifact)
  const input = hex(Uint8Array.from({ length: inputBytes }, (_, index) => (index * 37) & 0xff))
  // After the deployment, whose transactions count as well.
  const place = await furnish(peer)
  const { output } = await place.rpc.call<{ output: string }>('infer_run', id, input)
  const inference = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, input] })
  return { ...place, model: id, input, output, inference }
}

export type Subscriber = { readonly heads: () => number; close(): void }

/** Hears of all heads and logs; `onError` where a block is missing. */
export async function subscribe(port: number, onError: (problem: string) => void): Promise<Subscriber> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  let heads = 0
  let last: number | undefined
  socket.on('message', (message: Buffer) => {
    const { result } = (JSON.parse(message.toString()).params ?? {}) as { result?: { number?: string } }
    if (result?.number === undefined) return
    const number = Number(result.number)
    if (last !== undefined && number !== last + 1) onError(`a subscriber heard of block ${number} after block ${last}`)
    last = number
    heads++
  })
  socket.on('error', (error) => onError(`a subscriber was cut off: ${error.message}`))
  for (const [id, kind] of ['newHeads', 'logs'].entries())
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_subscribe', params: kind === 'logs' ? [kind, {}] : [kind] }))
  return { heads: () => heads, close: () => socket.terminate() }
}
