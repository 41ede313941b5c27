/** What each hardfork brings, on chains that have it from the first block on, and on one that comes to it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HardforkName } from '../../node/chain/hardforks.ts'
import { bytes, openChain, signed } from './harness.ts'

const forks: readonly HardforkName[] = ['london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka', 'bpo1', 'bpo2']

/** Code that runs from a fork on, and gives an invalid opcode before it. */
const opcodes: readonly { name: string; since: HardforkName; code: string }[] = [
  { name: 'BASEFEE', since: 'london', code: '48' },
  { name: 'PUSH0', since: 'shanghai', code: '5f' },
  { name: 'TLOAD', since: 'cancun', code: '60005c' },
  { name: 'MCOPY', since: 'cancun', code: '6000600060005e' },
  { name: 'BLOBBASEFEE', since: 'cancun', code: '4a' },
  { name: 'CLZ', since: 'osaka', code: '60011e' },
]

for (const fork of forks)
  test(`${fork}: its opcodes, header and transactions, on a chain of Ethereum that begins with it`, async (t) => {
    const chain = await openChain(t, { rules: 'ethereum', hardfork: fork })
    const has = (since: HardforkName) => forks.indexOf(fork) >= forks.indexOf(since)
    for (const { name, since, code } of opcodes)
      assert.equal((await chain.call({ data: bytes(code) }, 'latest')).error, has(since) ? undefined : 'invalid opcode', name)

    const [sender, other] = chain.accounts
    await chain.submitAs({ from: sender!, to: other!, value: 5n, maxFeePerGas: 2n * 10n ** 9n })
    const { block, receipts } = chain.head()
    assert.deepEqual([receipts[0]!.type, receipts[0]!.status], [2, 1])
    assert.equal(block.header.baseFeePerGas, 875_000_000n, 'the base fee falls by an eighth after an empty block')
    assert.equal(receipts[0]!.effectiveGasPrice, 875_000_000n)
    assert.equal(block.header.difficulty > 0n, !has('paris'))
    assert.equal(block.header.withdrawalsRoot !== undefined, has('shanghai'))
    assert.equal(block.header.excessBlobGas !== undefined, has('cancun'))
    assert.equal(block.header.requestsHash !== undefined, has('prague'))
    // EIP-1559: what is below the base fee waits.
    await chain.submitAs({ from: sender!, to: other!, maxFeePerGas: 1n, gas: 21_000n })
    assert.equal(chain.pending().pending.length, 1)
    await chain.verify('latest')
  })

test('osaka: a transaction may not ask for more than 2^24 gas where the rules are Ethereum’s (EIP-7825)', async (t) => {
  const gas = (1n << 24n) + 1n
  const prague = await openChain(t, { rules: 'ethereum', hardfork: 'prague' })
  const request = { to: prague.accounts[1]!, maxFeePerGas: 2n * 10n ** 9n }
  const sender = prague.accounts[0]!
  await prague.submit(signed(sender, { ...request, gas }))
  const osaka = await openChain(t, { rules: 'ethereum', hardfork: 'osaka' })
  await assert.rejects(osaka.submit(signed(sender, { ...request, gas })), {
    code: 'TRANSACTION_GAS_TOO_HIGH',
    message: 'transaction gas limit too high (cap: 16777216, tx: 16777217)',
  })
  await osaka.submit(signed(sender, { ...request, gas: gas - 1n }))
  const infernode = await openChain(t, { hardfork: 'osaka' })
  await infernode.submit(signed(sender, { ...request, gas }))
  assert.equal(infernode.head().receipts[0]!.status, 1)
})

test('prague: an account takes the code of another by a signed authorization (EIP-7702); before it there is no such transaction', async (t) => {
  const authorization = { chainId: 31337n, address: `0x${'12'.repeat(20)}` as const, nonce: 0n, yParity: 0n, r: 1n, s: 1n }
  const request = { maxFeePerGas: 2n * 10n ** 9n, authorizationList: [authorization], gas: 100_000n }
  const cancun = await openChain(t, { rules: 'ethereum', hardfork: 'cancun' })
  const [from, to] = cancun.accounts
  await assert.rejects(cancun.submitAs({ from: from!, to: to!, ...request }), { code: 'CALL_INVALID', message: /7702/ })
  const prague = await openChain(t, { rules: 'ethereum', hardfork: 'prague' })
  await prague.submitAs({ from: from!, to: to!, ...request })
  assert.equal(prague.head().receipts[0]!.type, 4)
})

test('a chain comes to its later forks at their times', async (t) => {
  const later = [
    { name: 'shanghai', timestamp: 1000 },
    { name: 'cancun', timestamp: 2000 },
  ]
  const chain = await openChain(t, { rules: 'ethereum', hardfork: 'paris', forks: later })
  const push0 = async () => (await chain.call({ data: bytes('5f') }, 'latest')).error
  const tload = async () => (await chain.call({ data: bytes('60005c') }, 'latest')).error
  await chain.mine(1, { timestamp: 999n })
  assert.deepEqual([await push0(), await tload()], ['invalid opcode', 'invalid opcode'])
  await chain.mine(1, { timestamp: 1000n })
  assert.deepEqual([await push0(), await tload()], [undefined, 'invalid opcode'])
  await chain.mine(1, { timestamp: 2000n })
  assert.deepEqual([await push0(), await tload()], [undefined, undefined])
  for (const number of [1n, 2n, 3n]) await chain.verify(number)
  const hashes = await Promise.all([1n, 2n, 3n].map(async (number) => (await chain.block(number))!.block.common.hardfork()))
  assert.deepEqual(hashes, ['paris', 'shanghai', 'cancun'])
})

test('a transaction is filled with what it lacks, and offers enough for the base fee', async (t) => {
  const chain = await openChain(t, { rules: 'ethereum' })
  const [from, to] = chain.accounts
  await chain.submitAs({ from: from!, to: to! })
  const { tx, sender } = await chain.fillTransaction({ from: from!, to: to!, value: 1n })
  const { baseFee, tip } = chain.fees()
  assert.deepEqual([sender, tx.nonce, tx.gasLimit, tx.value, tx.r, tx.s], [from, 1n, 21_000n, 1n, 0n, 0n])
  assert.equal('maxFeePerGas' in tx && tx.maxFeePerGas, 2n * baseFee + tip)
})

test('a block’s randomness is checked against what the node was told to take for it', async (t) => {
  const chain = await openChain(t)
  chain.mining.prevRandao = `0x${'ab'.repeat(32)}`
  await chain.mine(2)
  await chain.verify(1n)
  await chain.verify(2n)
  assert.equal(Buffer.from((await chain.block(1n))!.block.header.mixHash).toString('hex'), 'ab'.repeat(32))
  assert.notEqual(Buffer.from((await chain.block(2n))!.block.header.mixHash).toString('hex'), 'ab'.repeat(32))
})
