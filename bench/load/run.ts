/**
 * npm run load [-- --minutes 10] [--transactions N] [--in-memory]
 *
 * Eight clients and two subscribers with mixed traffic on a node of its own, from the package as it is published: no answer may be wrong, no
 * latency may grow, no memory may leak. With a number of transactions, transfers alone until so many are mined. Exit code 1 where something
 * was wrong.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from '../measure.ts'
import { infernode, infernodeOnDisk, type RunningPeer, startPeer } from '../node/nodes.ts'
import { openRpc } from '../node/rpc.ts'
import { type Client, chooseDeed, type Site, settle, subscribe } from './traffic.ts'

const CLIENTS = 8
const SUBSCRIBERS = 2
/** Windows of a run, which are compared with each other; the first warms up. */
const WINDOWS = 8
/** How much slower, and how much larger, the last quarter may be than the second. */
const MAX_GROWTH = 1.5
const BATCH = 100

type Window = { latencies: number[]; rssMiB: number; deeds: number }

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    transactions: { type: 'string' },
    'in-memory': { type: 'boolean', default: false },
  },
})

const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return (seed >>> 8) / 2 ** 24
}

/** Mixed traffic for so many minutes. */
async function mixed(site: Site, minutes: number, problems: string[]): Promise<Window[]> {
  const windows: Window[] = []
  const open = () => windows.push({ latencies: [], rssMiB: 0, deeds: 0 })
  open()
  const begin = performance.now()
  const lengthMs = (minutes * 60_000) / WINDOWS
  const isOver = () => performance.now() - begin > minutes * 60_000 || problems.length > 20
  const subscribers = await Promise.all(
    Array.from({ length: SUBSCRIBERS }, () => subscribe(site.port, (problem) => problems.push(problem))),
  )
  const clock = setInterval(() => {
    const window = windows.at(-1)!
    window.rssMiB = site.rssMiB()
    tell(windows.length, window)
    if (windows.length === WINDOWS) clearInterval(clock)
    else open()
  }, lengthMs)
  const clients = Array.from({ length: CLIENTS }, (_, account): Client => ({ rpc: openRpc(site.port), account, random: seeded(account) }))
  await Promise.all(
    clients.map(async (client) => {
      while (!isOver()) {
        const deed = chooseDeed(client)
        const start = performance.now()
        try {
          await deed.run(site, client)
        } catch (error) {
          problems.push(`${deed.name}: ${(error as Error).message}`)
          return
        }
        const window = windows.at(-1)!
        window.deeds++
        if (deed.name === 'eth_call of balanceOf') window.latencies.push(performance.now() - start)
      }
    }),
  )
  clearInterval(clock)
  windows.at(-1)!.rssMiB ||= site.rssMiB()
  for (const { heads, close } of subscribers) {
    if (heads() === 0) problems.push('a subscriber heard of no block')
    close()
  }
  for (const { rpc } of clients) rpc.close()
  return windows
}

/** Transfers until so many are mined, in blocks of their batches. */
async function transfers(site: Site, count: number, problems: string[]): Promise<Window[]> {
  const windows: Window[] = []
  const { rpc } = site
  await rpc.call('evm_setAutomine', false)
  for (let window = 0; window < WINDOWS; window++) {
    const latencies: number[] = []
    const batches = Math.ceil(count / WINDOWS / BATCH)
    for (let index = 0; index < batches; index++) {
      const start = performance.now()
      await rpc.batch(
        'eth_sendRawTransaction',
        Array.from({ length: BATCH }, () => [site.transfer(index % CLIENTS)]),
      )
      await rpc.call('evm_mine')
      latencies.push(performance.now() - start)
    }
    windows.push({ latencies, rssMiB: site.rssMiB(), deeds: batches })
    tell(windows.length, windows.at(-1)!)
  }
  const { transactions } = await rpc.call<{ transactions: string[] }>('eth_getBlockByNumber', 'latest', false)
  if (transactions.length !== BATCH) problems.push(`the last block has ${transactions.length} transactions`)
  return windows
}

function tell(number: number, { latencies, rssMiB, deeds }: Window): void {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (quantile: number) => (sorted[Math.floor(sorted.length * quantile)] ?? Number.NaN).toFixed(1)
  console.log(`window ${number} of ${WINDOWS}: ${deeds} deeds, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, RSS ${rssMiB.toFixed(0)} MiB`)
}

/** The last quarter against the second. */
function growth(windows: readonly Window[], of: (window: Window) => number): number {
  const quarter = Math.floor(windows.length / 4)
  const mean = (some: readonly Window[]) => median(some.map(of))
  return mean(windows.slice(-quarter)) / mean(windows.slice(quarter, 2 * quarter))
}

async function main(): Promise<number> {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('../../scripts/dist.ts', import.meta.url))], { stdio: 'inherit' })
  if (status !== 0) throw new Error('dist could not be built')
  const peer: RunningPeer = await startPeer(options['in-memory'] ? infernode : infernodeOnDisk)
  const problems: string[] = []
  try {
    const site = await settle(peer)
    const windows = await (options.transactions === undefined
      ? mixed(site, Number(options.minutes), problems)
      : transfers(site, Number(options.transactions), problems))
    const slower = growth(windows, ({ latencies }) => (latencies.length === 0 ? Number.NaN : median(latencies)))
    const larger = growth(windows, ({ rssMiB }) => rssMiB)
    const mined = Number(await site.rpc.call('eth_blockNumber'))
    console.log(
      `${windows.reduce((sum, { deeds }) => sum + deeds, 0)} deeds, ${mined} blocks; last quarter against the second: latency × ${slower.toFixed(2)}, memory × ${larger.toFixed(2)}`,
    )
    if (slower > MAX_GROWTH) problems.push(`latency grew by ${slower.toFixed(2)}`)
    // A chain in memory grows with its blocks.
    if (larger > MAX_GROWTH && !options['in-memory']) problems.push(`memory grew by ${larger.toFixed(2)}`)
  } finally {
    await peer.stop()
  }
  for (const problem of problems) console.error(problem)
  return problems.length === 0 ? 0 : 1
}

process.exit(await main())
