/**
 * kill -9 at random instants loses nothing that was acknowledged and leaves nothing half.
 * INFERNODE_TEST_KILLS sets how often (20).
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Chain, createChain, type Hex } from '../../node/chain/chain.ts'
import { config, temporaryDirectory } from './harness.ts'

const kills = Number(process.env.INFERNODE_TEST_KILLS ?? 20)
const MAX_RUN_MS = 400

interface Witness {
  acknowledged: Hex[]
  blocks: Hex[]
  balance: bigint
}

/** Runs the child, kills it and gives what it had acknowledged. One kill in four comes at any time from the start on. */
async function runAndKill(dataDir: string, mode: string, random: () => number): Promise<Witness> {
  const child = spawn(process.execPath, [new URL('storage-kill-child.ts', import.meta.url).pathname, dataDir, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.includes('ready')) isReady()
  })
  const closed = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)))
  if (random() >= 0.25) await Promise.race([ready, closed])
  await sleep(random() * MAX_RUN_MS)
  child.kill('SIGKILL')
  assert.equal(await closed, 'SIGKILL', 'the child ended by itself')

  const witness: Witness = { acknowledged: [], blocks: [], balance: 0n }
  // A last line without its end was never told.
  for (const line of text.split('\n').slice(0, -1)) {
    const [kind, value] = line.split(' ') as [string, string]
    if (kind === 'ack') witness.acknowledged.push(value as Hex)
    if (kind === 'block') witness.blocks.push(value as Hex)
    if (kind === 'balance') witness.balance = BigInt(value)
  }
  return witness
}

async function check(chain: Chain, { acknowledged, blocks, balance }: Witness, verifiedUpTo: bigint): Promise<void> {
  for (const hash of acknowledged) {
    const found = await chain.transaction(hash)
    assert.notEqual(found?.block, undefined, `${hash} was acknowledged and is lost`)
    assert.equal(found!.block!.receipts[found!.index!]!.transactionHash, hash)
  }
  for (const hash of blocks) assert.notEqual(await chain.block({ blockHash: hash }), undefined, `block ${hash} was announced and is lost`)
  assert.ok((await chain.account(`0x${'c'.repeat(40)}`, 'latest')).balance >= balance, 'state set by hand is lost')
  // Executing a block again reads the state before it and gives the state after it.
  const head = chain.head().block.header.number
  for (let number = verifiedUpTo + 1n; number <= head; number++) {
    const [block, parent] = [await chain.block(number), await chain.block(number - 1n)]
    assert.equal(Buffer.from(block!.block.header.parentHash).toString('hex'), parent!.hash.slice(2))
  }
  for (let number = head > 3n ? head - 3n : 1n; number <= head; number++) await chain.verify(number)
  assert.equal(await chain.block(head + 1n), undefined)
}

for (const mode of ['automine', 'blocks'])
  test(`kill -9 under load, ${mode}: every acknowledged block is there and whole`, async (t) => {
    const seed = Date.now() % 2 ** 31
    let state = seed
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) / 2 ** 24
    }
    t.diagnostic(`seed ${seed}`)
    const dataDir = temporaryDirectory(t)
    let verified = 0n
    let acknowledged = 0
    for (let kill = 0; kill < kills / 2; kill++) {
      const witness = await runAndKill(dataDir, mode, random)
      const chain = await createChain(config({ dataDir, noMining: true }))
      try {
        await check(chain, witness, verified)
        verified = chain.head().block.header.number
      } finally {
        await chain.close()
      }
      acknowledged += witness.acknowledged.length + witness.blocks.length
    }
    assert.ok(acknowledged > 0)
    t.diagnostic(`${Math.ceil(kills / 2)} kills, ${acknowledged} acknowledgements checked, head ${verified}`)
  })
