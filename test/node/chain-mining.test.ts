import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Hex } from '../../node/chain/chain.ts'
import { createClock } from '../../node/chain/clock.ts'
import { createChainCommon } from '../../node/chain/common.ts'
import { createMempool } from '../../node/chain/mempool.ts'
import { decodeTransaction, executionView, minimumGasLimit, unsignedTransaction } from '../../node/chain/transactions.ts'
import { config, openChain, signed } from './harness.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'

test('automine can be turned off and on; turning it on mines what waits', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  chain.setAutomine(false)
  await chain.submit(signed(from, { to: NOBODY, nonce: 0n }))
  await chain.submit(signed(from, { to: NOBODY, nonce: 1n }))
  assert.equal(chain.head().block.header.number, 0n)
  assert.equal(await chain.pendingNonce(from), 2n)
  chain.setAutomine(true)
  await chain.mine(0)
  assert.equal(chain.head().block.header.number, 2n)
})

test('without mining, a block is made when asked for and takes all that waits', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const arrivals: string[] = []
  chain.events.on('pendingTransaction', (hash) => arrivals.push(hash))
  for (const from of chain.accounts) await chain.submit(signed(from, { to: NOBODY, value: 1n }))
  await chain.mine()
  assert.equal(chain.head().block.header.number, 1n)
  assert.deepEqual(
    chain.head().receipts.map(({ transactionHash }) => transactionHash),
    arrivals,
  )
})

test('interval mining makes blocks, several a second, whose timestamps may repeat and never fall', async (t) => {
  const chain = await openChain(t, { blockTime: 0.05 })
  const hash = await chain.submit(signed(chain.accounts[0]!, { to: NOBODY }))
  const stamps: bigint[] = []
  while (stamps.length < 8) {
    const [stored] = await once(chain.events, 'block')
    stamps.push(stored.block.header.timestamp)
  }
  chain.setIntervalMining(0)
  assert.ok(stamps.every((stamp, index) => index === 0 || stamp >= stamps[index - 1]!))
  assert.ok(new Set(stamps).size < stamps.length)
  assert.notEqual((await chain.transaction(hash))?.block, undefined)
  for (let number = 1n; number <= chain.head().block.header.number; number++) await chain.verify(number)
})

test('timestamps can be set, shifted and spaced', async (t) => {
  const chain = await openChain(t)
  const stamp = () => chain.head().block.header.timestamp
  chain.setNextBlockTimestamp(5_000_000_000n)
  await chain.mine()
  assert.equal(stamp(), 5_000_000_000n)
  assert.throws(() => chain.setNextBlockTimestamp(4_999_999_999n), { code: 'TIMESTAMP_TOO_LOW' })
  chain.increaseTime(3600n)
  await chain.mine()
  assert.ok(stamp() >= 5_000_003_600n && stamp() < 5_000_003_700n)
  await chain.mine(3, { timestamp: 6_000_000_000n, interval: 12n })
  assert.equal(stamp(), 6_000_000_024n)
  await chain.mine()
  assert.ok(stamp() >= 6_000_000_024n)
})

test('a clock goes on from a timestamp that was set', () => {
  let now = 100n
  const clock = createClock(() => now)
  clock.setNext(500n, 0n)
  assert.equal(clock.peek(0n), 500n)
  clock.mined(500n)
  now += 7n
  assert.equal(clock.peek(500n), 507n)
  now = 1n
  assert.equal(clock.peek(507n), 507n, 'never before the parent, even if the machine’s clock falls back')
})

test('the mempool mines by arrival across senders and by nonce within one', () => {
  const common = createChainCommon(config())
  const pool = createMempool()
  const accounts: Hex[] = ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8']
  const add = (account: number, nonce: bigint) => {
    const sender = accounts[account]!
    const tx = decodeTransaction(signed(sender, { to: NOBODY, nonce }), common)
    pool.add({ hash: `0x${account}${nonce}`, sender, tx }, 0n)
  }
  const order = () => pool.executable().map(({ hash }) => hash)
  add(0, 1n)
  add(1, 0n)
  assert.deepEqual(order(), ['0x10'])
  add(0, 0n)
  add(1, 1n)
  assert.deepEqual(order(), ['0x10', '0x00', '0x01', '0x11'])
  assert.equal(pool.first(0n)?.hash, '0x10')
  assert.equal(pool.nextNonce(accounts[0]!), 2n)
  pool.remove('0x00')
  assert.equal(pool.nextNonce(accounts[0]!), 0n)
  assert.deepEqual(order(), ['0x10', '0x11'])
  assert.deepEqual(
    pool.setStateNonce(accounts[1]!, 1n).map(({ hash }) => hash),
    ['0x10'],
  )
  assert.deepEqual(pool.setStateNonce(accounts[0]!, 1n), [])
  assert.deepEqual(order(), ['0x01', '0x11'])
  assert.equal(pool.size, 2)
})

test('a dropped transaction is gone', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const hash = await chain.submit(signed(chain.accounts[0]!, { to: NOBODY }))
  assert.equal(await chain.dropTransaction(hash), true)
  assert.equal(await chain.dropTransaction(hash), false)
  assert.equal(await chain.transaction(hash), undefined)
})

test('a closed chain refuses transactions instead of losing them', async (t) => {
  const chain = await openChain(t)
  await chain.close()
  await assert.rejects(chain.submit(signed(chain.accounts[0]!, { to: NOBODY })), { code: 'CHAIN_CLOSED' })
})

test('the least gas limit is the library’s, for calls, creations and lists of all sizes', () => {
  const common = createChainCommon(config())
  const accessList = [{ address: NOBODY, storageKeys: [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] }] as const
  for (const length of [0, 1, 31, 32, 33, 1000, 30_000])
    for (const fill of [0, 1])
      for (const to of [NOBODY, undefined] as const)
        for (const list of [[], accessList]) {
          const data = new Uint8Array(length).map((_, index) => (index % 3 === 0 ? 0 : fill))
          const fields = {
            gas: 10_000_000n,
            nonce: 0n,
            data,
            accessList: list.map((entry) => ({ ...entry, storageKeys: [...entry.storageKeys] })),
          }
          const tx = unsignedTransaction(to === undefined ? fields : { ...fields, to }, 10_000_000n, common)
          assert.equal(minimumGasLimit(tx), tx.getMinimumGasLimit())
          assert.equal(executionView(tx, NOBODY, true).getIntrinsicGas(), tx.getIntrinsicGas())
        }
})

test('a listener that fails does not take the block from who sent it', async (t) => {
  const chain = await openChain(t)
  const faults: unknown[] = []
  chain.events.on('fault', (error) => faults.push(error))
  chain.events.once('block', () => {
    throw new Error('listener')
  })
  await chain.submit(signed(chain.accounts[0]!, { to: NOBODY }))
  assert.equal(chain.head().block.header.number, 1n)
  assert.equal(faults.length, 1)
})
