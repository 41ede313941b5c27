/** What is measured of a node, in this order, on one process from its start to its end. */
import { median } from '../measure.ts'
import { openRpc, type Rpc, receiptOf } from './rpc.ts'
import { type LoopName, tokenCall, type Workplace } from './work.ts'

export type Measure = {
  readonly work: string
  readonly unit: 'ms' | 'µs' | 'tx/s' | 'Mgas/s' | 'MiB'
  measure(place: Workplace): Promise<number>
}

/** Rates are unbiased by how fast a node is: each runs for so long. */
const RATE_SECONDS = 1.5
/** Every node is given as long to get going, whether it compiles as it runs or not. */
const WARM_UP_SECONDS = 1
const CLIENTS = 8
const BATCH = 50
const MINED_AT_ONCE = 2000

type Sign = (place: Workplace, sender: number) => string
const transfer: Sign = (place, sender) => place.transfer(sender)
const tokenTransfer: Sign = (place, sender) => place.tokenTransfer(sender)

export const measures: readonly Measure[] = [
  { work: 'start to eth_chainId', unit: 'ms', measure: async ({ startMs }) => startMs },
  { work: 'memory after the start', unit: 'MiB', measure: async ({ rssMiB }) => rssMiB() },
  { work: 'eth_blockNumber, p50', unit: 'µs', measure: ({ rpc }) => latency(() => rpc.call('eth_blockNumber'), 1500, 0.5) },
  { work: 'eth_blockNumber, p99', unit: 'µs', measure: ({ rpc }) => latency(() => rpc.call('eth_blockNumber'), 1500, 0.99) },
  { work: 'eth_call of balanceOf, p50', unit: 'µs', measure: (place) => latency(balanceOf(place), 600, 0.5) },
  { work: 'eth_call of balanceOf, p99', unit: 'µs', measure: (place) => latency(balanceOf(place), 600, 0.99) },
  ...loopMeasures({ arithmetic: 'arithmetic', keccak: 'KECCAK256', memory: 'MLOAD and MSTORE', calls: 'CALL' }),
  { work: 'transfers, automine, 1 client', unit: 'tx/s', measure: (place) => automined(place, 1, transfer) },
  { work: `transfers, automine, ${CLIENTS} clients`, unit: 'tx/s', measure: (place) => automined(place, CLIENTS, transfer) },
  { work: 'ERC-20 transfers, automine, 1 client', unit: 'tx/s', measure: (place) => automined(place, 1, tokenTransfer) },
  { work: `ERC-20 transfers, automine, ${CLIENTS} clients`, unit: 'tx/s', measure: (place) => automined(place, CLIENTS, tokenTransfer) },
  {
    work: `transfers, ${MINED_AT_ONCE} sent by ${CLIENTS} clients, then mined`,
    unit: 'tx/s',
    measure: (place) => minedAtOnce(place, 1, transfer),
  },
  { work: `transfers, the same in batches of ${BATCH}`, unit: 'tx/s', measure: (place) => minedAtOnce(place, BATCH, transfer) },
  {
    work: `ERC-20 transfers in batches of ${BATCH}, then mined`,
    unit: 'tx/s',
    measure: (place) => minedAtOnce(place, BATCH, tokenTransfer),
  },
  { work: `transfers, ${MINED_AT_ONCE} unawaited, automine`, unit: 'tx/s', measure: unawaited },
  { work: 'a transaction with 1 MB of calldata', unit: 'ms', measure: megabyte },
]

async function latency(task: () => Promise<unknown>, times: number, quantile: number): Promise<number> {
  for (let index = 0; index < times / 5; index++) await task()
  const microseconds: number[] = []
  for (let index = 0; index < times; index++) {
    const begin = performance.now()
    await task()
    microseconds.push((performance.now() - begin) * 1000)
  }
  return microseconds.toSorted((a, b) => a - b)[Math.floor(times * quantile)]!
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`

function balanceOf({ rpc, token, accounts }: Workplace): () => Promise<unknown> {
  const data = hex(tokenCall('balanceOf', [accounts[0]]))
  return () => rpc.call('eth_call', { to: token, data }, 'latest')
}

function loopMeasures(names: Readonly<Record<LoopName, string>>): Measure[] {
  return (Object.keys(names) as LoopName[]).map((name) => ({
    work: `eth_call of a loop of ${names[name]}`,
    unit: 'Mgas/s',
    measure: ({ rpc, loops }) => gasRate(rpc, loops[name]),
  }))
}

/** The loops end by using up their gas, which every node reports as an error. */
async function gasRate(rpc: Rpc, to: string): Promise<number> {
  const rate = async (gas: number) => {
    const begin = performance.now()
    await rpc.call('eth_call', { to, gas: `0x${gas.toString(16)}` }, 'latest').catch(() => {})
    return gas / (performance.now() - begin) / 1000
  }
  let gas = 500_000
  let estimate = await rate(gas)
  estimate = Math.max(estimate, await rate(gas))
  // A quarter of a second, as far as blocks allow.
  gas = Math.min(30_000_000, Math.round(estimate * 250_000))
  const rates: number[] = []
  for (let index = 0; index < 5; index++) rates.push(await rate(gas))
  return median(rates)
}

/** Each client has an account of its own, and awaits its receipt before it sends the next. */
async function automined(place: Workplace, clients: number, sign: Sign): Promise<number> {
  let mined = 0
  const begin = performance.now() + WARM_UP_SECONDS * 1000
  const isOver = () => performance.now() - begin > RATE_SECONDS * 1000
  await withClients(place, clients, async (rpc, sender) => {
    while (!isOver()) {
      const hash = await rpc.call('eth_sendRawTransaction', sign(place, sender))
      await receiptOf(rpc, hash)
      if (performance.now() >= begin) mined++
    }
  })
  return (mined / (performance.now() - begin)) * 1000
}

/** Automine off, all sent, then blocks until none waits. Signing is not timed. */
async function minedAtOnce(place: Workplace, perRequest: number, sign: Sign): Promise<number> {
  const { rpc } = place
  const share = MINED_AT_ONCE / CLIENTS
  const raw = Array.from({ length: CLIENTS }, (_, sender) => Array.from({ length: share }, () => sign(place, sender)))
  const before = Number(await rpc.call('eth_getTransactionCount', place.accounts[0], 'latest'))
  await setAutomine(rpc, false)
  const begin = performance.now()
  await withClients(place, CLIENTS, async (client, sender) => {
    for (let index = 0; index < share; index += perRequest) {
      const sent = raw[sender]!.slice(index, index + perRequest)
      if (perRequest === 1) await client.call('eth_sendRawTransaction', sent[0])
      else
        await client.batch(
          'eth_sendRawTransaction',
          sent.map((transaction) => [transaction]),
        )
    }
  })
  do await rpc.call('evm_mine')
  while (Number(await rpc.call('eth_getTransactionCount', place.accounts[0], 'latest')) < before + share)
  const seconds = (performance.now() - begin) / 1000
  // The last account may be a block behind the first.
  for (const account of place.accounts.slice(0, CLIENTS)) {
    const [waiting, done] = [
      await rpc.call('eth_getTransactionCount', account, 'pending'),
      await rpc.call('eth_getTransactionCount', account, 'latest'),
    ]
    if (waiting !== done) await rpc.call('evm_mine')
  }
  await setAutomine(rpc, true)
  return MINED_AT_ONCE / seconds
}

/** ganache calls it mining. */
async function setAutomine({ call }: Rpc, on: boolean): Promise<void> {
  await call('evm_setAutomine', on).catch(() => (on ? call('miner_start') : call('miner_stop')))
}

/** One account, all sent at once over many connections, until the last is mined. */
async function unawaited(place: Workplace): Promise<number> {
  const { rpc, accounts } = place
  const raw = Array.from({ length: MINED_AT_ONCE }, () => place.transfer(9))
  const wanted = Number(await rpc.call('eth_getTransactionCount', accounts[9], 'latest')) + raw.length
  const clients = Array.from({ length: CLIENTS }, () => openRpc(place.port))
  const begin = performance.now()
  const sent = raw.map((transaction, index) => clients[index % CLIENTS]!.call('eth_sendRawTransaction', transaction))
  const deadline = begin + 60_000
  await Promise.race([Promise.allSettled(sent), new Promise((resolve) => setTimeout(resolve, 60_000).unref())])
  while (Number(await rpc.call('eth_getTransactionCount', accounts[9], 'latest')) < wanted) {
    if (performance.now() > deadline) return Number.NaN
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const seconds = (performance.now() - begin) / 1000
  for (const client of clients) client.close()
  return raw.length / seconds
}

async function megabyte(place: Workplace): Promise<number> {
  // Zeros, whose gas stays within EIP-7825 on the nodes that keep it.
  const data = new Uint8Array(1024 * 1024)
  const raw = place.sign(8, { to: '0x00000000000000000000000000000000000000aa', data, gas: 12_000_000n })
  const begin = performance.now()
  const hash = await place.rpc.call('eth_sendRawTransaction', raw)
  await receiptOf(place.rpc, hash)
  return performance.now() - begin
}

async function withClients(place: Workplace, count: number, task: (rpc: Rpc, sender: number) => Promise<void>): Promise<void> {
  const clients = Array.from({ length: count }, () => openRpc(place.port))
  await Promise.all(clients.map(task))
  for (const client of clients) client.close()
}
