/**
 * The process that storage-kill.test.ts kills: opens the chain in the given directory and sends as fast as it can, telling each
 * acknowledgement on stdout with a write that has left the process when it returns.
 */

import { writeSync } from 'node:fs'
import { createChain } from '../../node/chain/chain.ts'
import { bytes, config, contracts, deploying, word } from './harness.ts'

const [dataDir, mode] = process.argv.slice(2) as [string, string]
const say = (...words: (string | bigint | number)[]) => writeSync(1, `${words.join(' ')}\n`)

const chain = await createChain(config({ dataDir, noMining: mode === 'blocks' }))
const [owner, ...senders] = chain.accounts
say('ready', chain.head().block.header.number)

async function send(from: `0x${string}`, round: number): Promise<void> {
  const to = `0x${(round % 97).toString(16).padStart(40, 'b')}` as const
  const request =
    round % 3 === 0 ? { data: deploying(contracts.store) } : round % 3 === 1 ? { to, value: 1n } : { to, data: bytes(word(BigInt(round))) }
  const hash = await chain.submitAs({ from, gas: 200_000n, ...request })
  if (mode === 'automine') say('ack', hash)
}

const endlessly = async (work: (round: number) => Promise<void>) => {
  for (let round = 0; ; round++) await work(round)
}

if (mode === 'automine') {
  // State set by hand must be as durable as a block: the balance counts up.
  const target = `0x${'c'.repeat(40)}` as const
  let balance = (await chain.account(target, 'latest')).balance
  const raise = async () => {
    await chain.setBalance(target, balance + 1n)
    say('balance', ++balance)
  }
  await Promise.all([...senders.slice(0, 6).map((from) => endlessly((round) => send(from, round))), endlessly(raise)])
} else {
  chain.events.on('block', ({ hash }) => say('block', hash))
  await endlessly(async (round) => {
    for (const from of [owner!, ...senders]) await send(from, round)
    await chain.mine()
  })
}
