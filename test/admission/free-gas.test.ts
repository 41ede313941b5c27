/** What a chain with free gas grants, and to whom: docs/free-gas.md. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createAllowances } from '../../node/admission/allowance.ts'
import { findStamp, grantedGas } from '../../node/admission/proof-of-work.ts'
import { createRateLimiter } from '../../node/admission/rate.ts'
import type { Chain, Hex } from '../../node/chain/chain.ts'
import { contracts, deploy, deploying, openChain, signed } from '../node/harness.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'
const MILLION = 1_000_000n

const open = (t: TestContext, admission: object, flags: object = {}) => openChain(t, { admission, ...flags })
const transfer = (chain: Chain, sender: Hex, nonce: bigint, fields: object = {}) =>
  chain.submit(signed(sender, { to: NOBODY, nonce, gas: 21_000n, ...fields }))

test('without a bound every sender has all the gas it wants', async (t) => {
  const chain = await open(t, {})
  const [sender] = chain.accounts
  for (let nonce = 0n; nonce < 5n; nonce++) await transfer(chain, sender!, nonce, { gas: 900_000_000n })
})

test('a sender has its allowance, and gets back what its transactions did not use', async (t) => {
  const chain = await open(t, { gasPerWindow: 100_000, proofOfWorkDifficulty: 0 })
  const [sender, other] = chain.accounts
  // Of 90,000 each 21,000 are used.
  await transfer(chain, sender!, 0n, { gas: 90_000n })
  await assert.rejects(transfer(chain, sender!, 1n, { gas: 90_000n }), {
    code: 'FREE_GAS_SPENT',
    message: /has 79000 gas left of 100000 in 3600 s, the transaction may use 90000. Lower its gas limit, wait \d+ s$/,
  })
  for (let nonce = 1n; nonce < 4n; nonce++) await transfer(chain, sender!, nonce)
  await assert.rejects(transfer(chain, sender!, 4n), { code: 'FREE_GAS_SPENT' })
  await transfer(chain, other!, 0n)
})

test('what waits is set aside, and given back when it is dropped or replaced', async (t) => {
  const chain = await open(t, { gasPerWindow: 50_000, proofOfWorkDifficulty: 0 })
  const [sender] = chain.accounts
  chain.setAutomine(false)
  const first = await transfer(chain, sender!, 0n)
  await transfer(chain, sender!, 1n)
  await assert.rejects(transfer(chain, sender!, 2n), /has 8000 gas left/)
  await chain.dropTransaction(first)
  await transfer(chain, sender!, 0n, { gasPrice: 1n })
  await transfer(chain, sender!, 0n, { gasPrice: 2n, gas: 22_000n })
  await assert.rejects(transfer(chain, sender!, 2n), /has 7000 gas left/)
  // A replacement that is not taken changes nothing.
  await assert.rejects(transfer(chain, sender!, 0n, { gasPrice: 2n, gas: 21_000n }), { code: 'REPLACEMENT_UNDERPRICED' })
  await assert.rejects(transfer(chain, sender!, 0n, { gasPrice: 9n, gas: 40_000n }), { code: 'FREE_GAS_SPENT' })
  assert.equal(chain.pending().pending.length, 2)
  await assert.rejects(transfer(chain, sender!, 2n), /has 7000 gas left/)
})

test('configured senders have budgets of their own', async (t) => {
  const probe = await open(t, {})
  const [rich] = probe.accounts
  const chain = await open(t, { gasPerWindow: 0, budgets: { [rich!]: '2000000' }, proofOfWorkDifficulty: 0 })
  await transfer(chain, rich!, 0n, { gas: MILLION })
  await assert.rejects(transfer(chain, chain.accounts[1]!, 0n), { code: 'FREE_GAS_SPENT' })
})

test('a dApp’s budget pays for calls to its contracts until it is spent', async (t) => {
  const probe = await open(t, {})
  const contract = await deploy(probe, contracts.answer)
  const [deployer, user] = probe.accounts
  const chain = await open(t, {
    gasPerWindow: 30_000,
    budgets: { [deployer!]: MILLION.toString() },
    sponsors: [{ contracts: [contract], gasPerWindow: '50000' }],
    proofOfWorkDifficulty: 0,
  })
  assert.equal(await deploy(chain, contracts.answer), contract)
  const call = (nonce: bigint) => chain.submit(signed(user!, { to: contract, nonce, gas: 25_000n }))
  // Two of the dApp, one of the sender.
  for (let nonce = 0n; nonce < 3n; nonce++) await call(nonce)
  await assert.rejects(call(3n), /has \d+ gas left of 30000/)
})

test('work in the gas price pays for what the allowance does not, for one nonce of one sender', async (t) => {
  const chain = await open(t, { gasPerWindow: 0, proofOfWorkDifficulty: 2 })
  const [sender, other] = chain.accounts
  const stamp = { sender: sender!, nonce: 0n, gas: 21_000n, difficulty: 2n }
  await assert.rejects(transfer(chain, sender!, 0n), {
    code: 'FREE_GAS_SPENT',
    message: new RegExp(`infernode stamp --from ${sender} --nonce 0 --gas 21000 --difficulty 2 finds the gas price`),
  })
  const { price } = findStamp(stamp, 7n)
  await assert.rejects(transfer(chain, other!, 0n, { gasPrice: price }), { code: 'FREE_GAS_SPENT' })
  await transfer(chain, sender!, 0n, { gasPrice: price })
  await assert.rejects(transfer(chain, sender!, 1n, { gasPrice: price }), { code: 'FREE_GAS_SPENT' })
  assert.equal(chain.head().receipts[0]!.effectiveGasPrice, 0n, 'the price is an offer that is not charged')
  const dynamic = findStamp({ ...stamp, nonce: 1n }, 8n)
  await transfer(chain, sender!, 1n, { maxFeePerGas: dynamic.price })
})

test('the grant is (2^256 - 1) / difficulty over the three hashes, and a stamp takes gas · difficulty tries on average', () => {
  // keccak256 of the address, of 32 bytes of nonce and of 32 bytes of price, computed apart.
  const sender = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
  assert.equal(grantedGas(sender, 0n, 1n, 1n), grantedGas(sender, 0n, 1n, 1n))
  const stamps = Array.from({ length: 40 }, (_, nonce) => ({ sender, nonce: BigInt(nonce), gas: 500n, difficulty: 2n }) as const)
  let tries = 0
  for (const stamp of stamps) {
    const found = findStamp(stamp, 1n)
    tries += found.tries
    assert.ok(grantedGas(sender, stamp.nonce, found.price, 2n) >= 500n)
    assert.ok(found.price * 1_000_000_000n < 1n << 256n)
  }
  // 40,000 expected; a mean of 40 geometric variables is within a factor of two but once in ten thousand times.
  assert.ok(tries > 20_000 && tries < 80_000, `${tries} tries`)
  assert.equal(grantedGas(sender, 0n, 1n, 0n), 0n)
})

test('creations are taken from configured deployers alone', async (t) => {
  const probe = await open(t, {})
  const [deployer, other] = probe.accounts
  const chain = await open(t, { deployers: [deployer] })
  await chain.submit(signed(deployer!, { data: deploying(contracts.answer) }))
  await assert.rejects(chain.submit(signed(other!, { data: deploying(contracts.answer) })), {
    code: 'DEPLOYER_NOT_ALLOWED',
    message: /may not create contracts here/,
  })
  await transfer(chain, other!, 0n)
})

test('one sender cannot fill the pool', async (t) => {
  const chain = await open(t, { maxWaitingPerSender: 2 })
  chain.setAutomine(false)
  const [sender, other] = chain.accounts
  await transfer(chain, sender!, 0n)
  await transfer(chain, sender!, 1n)
  await assert.rejects(transfer(chain, sender!, 2n), { code: 'SENDER_QUEUE_FULL', message: /has 2, the node keeps 2/ })
  await transfer(chain, sender!, 1n, { gasPrice: 5n })
  await transfer(chain, other!, 0n)
  await chain.mine()
  await transfer(chain, sender!, 2n)
})

test('where gas is paid for nothing is counted', async (t) => {
  const chain = await open(t, { gasPerWindow: 0 }, { freeGas: false })
  await transfer(chain, chain.accounts[0]!, 0n, { gasPrice: 1n })
})

test('a block of stamped and sponsored transactions holds when it is run again', async (t) => {
  const chain = await open(t, { gasPerWindow: 0, proofOfWorkDifficulty: 1 })
  const [sender] = chain.accounts
  const { price } = findStamp({ sender: sender!, nonce: 0n, gas: 21_000n, difficulty: 1n }, 3n)
  await transfer(chain, sender!, 0n, { gasPrice: price })
  await chain.verify('latest')
})

test('a new window brings the whole allowance back, less what still waits', () => {
  let seconds = 0
  const allowances = createAllowances(
    100,
    () => seconds,
    () => true,
  )
  assert.ok(allowances.reserve('a', 10n, '0x01', 6n))
  assert.ok(!allowances.reserve('a', 10n, '0x02', 6n))
  allowances.settle('0x01', 5n)
  assert.equal(allowances.left('a', 10n), 5n)
  assert.ok(allowances.reserve('a', 10n, '0x02', 4n))
  seconds = 101
  assert.equal(allowances.left('a', 10n), 6n)
  assert.equal(allowances.secondsToNextWindow(), 99)
})

test('a call is given no more gas and time than the node allows', async (t) => {
  const loop = '5b600056'
  const chain = await open(t, { callGas: 100_000, callTimeoutMs: 0 })
  const spinning = await deploy(chain, loop)
  const { gasUsed, error } = await chain.call({ to: spinning, gas: MILLION }, 'latest')
  assert.deepEqual([gasUsed, error], [100_000n, 'out of gas'])

  const hurried = await open(t, { callTimeoutMs: 60 })
  await deploy(hurried, loop)
  await assert.rejects(hurried.call({ to: spinning }, 'latest'), { code: 'CALL_TIMEOUT', message: /longer than 60 ms/ })
  await assert.rejects(hurried.estimateGas({ to: spinning }, 'latest'), { code: 'CALL_TIMEOUT' })
  const simulation = { blocks: [{ calls: [{ to: spinning }] }], validation: false, traceTransfers: false }
  await assert.rejects(hurried.simulateBlocks(simulation, 'latest'), { code: 'CALL_TIMEOUT' })
  // Calls all the way down, without a jump: to itself, twice.
  const forking = await deploy(hurried, '600080808080305af1600080808080305af1')
  await assert.rejects(hurried.call({ to: forking }, 'latest'), { code: 'CALL_TIMEOUT' })
  assert.equal((await hurried.call({ to: NOBODY }, 'latest')).gasUsed, 21_000n, 'the next call has a sound machine')
})

test('a client’s requests are counted by seconds', () => {
  let seconds = 0
  const limiter = createRateLimiter(2, 4, () => seconds)
  const taken = (count: number) => Array.from({ length: count }, () => limiter.take('a'))
  assert.deepEqual(taken(5), [true, true, true, true, false])
  assert.ok(limiter.take('b'))
  seconds = 1
  assert.deepEqual(taken(3), [true, true, false])
  seconds = 100
  assert.deepEqual(taken(5), [true, true, true, true, false])
})
