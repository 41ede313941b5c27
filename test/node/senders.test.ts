/** Senders recovered together, on other threads, are those that are recovered alone; so are the refusals. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLegacyTx } from '@ethereumjs/tx'
import { Address, hexToBytes } from '@ethereumjs/util'
import { createChainCommon } from '../../node/chain/common.ts'
import { createSenders, type Senders } from '../../node/chain/senders.ts'
import { createWallet } from '../../node/chain/wallet.ts'
import { config, openChain, signed } from './harness.ts'

const common = createChainCommon(config())
const wallet = createWallet(config().mnemonic, 10)
const NOBODY = '0x00000000000000000000000000000000000000aa'

function openSenders(t: TestContext, threads: number): Senders {
  const senders = createSenders(() => common, threads, 2)
  t.after(() => senders.close())
  return senders
}

/** Two that come together start the threads; they are at work some time later. */
async function warm(senders: Senders): Promise<void> {
  const some = (nonce: number) => senders.open(signed(wallet.addresses[0]!, { to: NOBODY, nonce: BigInt(nonce) }))
  await Promise.all([some(0), some(1)])
  await sleep(500)
}

const transfers = wallet.addresses.flatMap((address) => [
  signed(address, { to: NOBODY, gasPrice: 1n }),
  signed(address, { to: NOBODY, maxFeePerGas: 2n }),
  signed(address, { to: NOBODY, gasPrice: 1n, accessList: [] }),
])

for (const threads of [0, 1, 2])
  test(`with ${threads} threads each transaction has its sender`, async (t) => {
    const senders = openSenders(t, threads)
    await warm(senders)
    for (let round = 0; round < 3; round++) {
      const opened = await Promise.all(transfers.map((raw) => senders.open(raw)))
      assert.deepEqual(
        opened.map(({ sender }) => sender),
        wallet.addresses.flatMap((address) => [address, address, address]),
      )
      for (const [index, { tx }] of opened.entries()) assert.deepEqual(tx.serialize(), transfers[index])
    }
  })

test('a transaction without replay protection (EIP-155) has its sender too', async (t) => {
  const senders = openSenders(t, 1)
  await warm(senders)
  const unprotected = createLegacyTx({ to: new Address(hexToBytes(NOBODY)), gasLimit: 21_000n }, { common: oldCommon() })
  const raw = unprotected.sign(wallet.privateKey(wallet.addresses[3]!)).serialize()
  const opened = await Promise.all([senders.open(raw), senders.open(transfers[0]!)])
  assert.deepEqual(
    opened.map(({ sender }) => sender),
    [wallet.addresses[3], wallet.addresses[0]],
  )
})

/** Of a chain before EIP-155, whose signatures have v = 27 or 28. */
const oldCommon = () =>
  Object.assign(Object.create(common), { gteHardfork: (fork: string) => fork !== 'spuriousDragon' && common.gteHardfork(fork) })

test('a broken signature is refused alike alone and among others, and the others are not held up', async (t) => {
  const senders = openSenders(t, 1)
  await warm(senders)
  const broken = transfers[1]!.slice()
  // r is no point of the curve: most are not.
  broken.fill(0xff, broken.length - 65, broken.length - 34)
  const alone = await senders.open(broken).catch((error: { code: string; message: string }) => error)
  const [among, good] = await Promise.all([senders.open(broken).catch((error) => error), senders.open(transfers[0]!)])
  assert.equal((alone as { code: string }).code, 'TRANSACTION_MALFORMED')
  assert.deepEqual([among.code, among.message], [(alone as { code: string }).code, (alone as { message: string }).message])
  assert.equal(good.sender, wallet.addresses[0])
})

test('what was foreseen is opened once, and what never comes does no harm', async (t) => {
  const senders = openSenders(t, 1)
  senders.foresee([...transfers, Uint8Array.of(0x02, 0x01)])
  const opened = await Promise.all(transfers.map((raw) => senders.open(raw)))
  assert.equal(opened[4]!.sender, wallet.addresses[1])
  await assert.rejects(senders.open(Uint8Array.of(0x02, 0x01)), { code: 'TRANSACTION_MALFORMED' })
  assert.notEqual((await senders.open(transfers[0]!)).tx, opened[0]!.tx)
})

test('threads that end leave their work to this one', async () => {
  const senders = createSenders(() => common, 1)
  await warm(senders)
  const pending = Promise.all(transfers.map((raw) => senders.open(raw)))
  await new Promise((resolve) => setImmediate(resolve))
  await senders.close()
  assert.equal((await pending)[3]!.sender, wallet.addresses[1])
  assert.equal((await Promise.all([senders.open(transfers[0]!), senders.open(transfers[3]!)]))[1]!.sender, wallet.addresses[1])
})

test('two thousand unawaited transactions of eight senders are all mined', async (t) => {
  const chain = await openChain(t)
  const raws = Array.from({ length: 2000 }, (_, index) =>
    signed(chain.accounts[index % 8]!, { to: NOBODY, value: 1n, nonce: BigInt(Math.floor(index / 8)) }),
  )
  await Promise.all(raws.map((raw) => chain.submit(raw)))
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 2000n)
  assert.equal(chain.pending().pending.length + chain.pending().queued.length, 0)
})
