import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLegacyTx } from '@ethereumjs/tx'
import type { StoredBlock } from '../../node/chain/chain.ts'
import { createChainCommon } from '../../node/chain/common.ts'
import { bytes, config, contracts, deploy, deploying, openChain, signed, word } from './harness.ts'

const ETHER = 10n ** 18n
const NOBODY = '0x00000000000000000000000000000000000000aa'

test('the same configuration gives the same genesis block, with ten funded accounts', async (t) => {
  const chain = await openChain(t)
  const other = await openChain(t)
  assert.equal(chain.head().hash, other.head().hash)
  const richer = await openChain(t, { accountBalance: '1' })
  assert.notEqual(chain.head().hash, richer.head().hash)
  assert.equal(chain.accounts.length, 10)
  assert.equal(chain.accounts[0], '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
  assert.equal((await chain.account(chain.accounts[9]!, 'latest')).balance, 10_000n * ETHER)
})

test('a mined transfer has a receipt, moves the value and can be looked up', async (t) => {
  const chain = await openChain(t)
  const [sender] = chain.accounts
  const hash = await chain.submit(signed(sender!, { to: NOBODY, value: 7n, gas: 21_000n }))
  const { block, receipts, senders } = chain.head()
  assert.equal(block.header.number, 1n)
  assert.deepEqual(senders, [sender])
  assert.partialDeepStrictEqual(receipts[0], { transactionHash: hash, status: 1, gasUsed: 21_000n, to: NOBODY, from: sender, logs: [] })
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 7n)
  assert.equal((await chain.account(NOBODY, 0n)).balance, 0n)
  assert.equal((await chain.transaction(hash))?.block, chain.head())
  assert.equal(await chain.block(2n), undefined)
  assert.equal((await chain.block({ blockHash: chain.head().hash }))?.hash, chain.head().hash)
})

test('with free gas an empty account can send whatever fee its wallet offers, and is charged none', async (t) => {
  const chain = await openChain(t)
  const sender = chain.accounts[3]!
  await chain.setBalance(sender, 0n)
  const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n }
  await chain.submit(signed(sender, { to: NOBODY, ...fees }))
  await chain.submit(signed(sender, { to: NOBODY, gasPrice: 10n ** 12n, nonce: 1n }))
  assert.equal(chain.head().receipts[0]!.status, 1)
  assert.equal(chain.head().receipts[0]!.effectiveGasPrice, 0n)
  assert.equal((await chain.account(sender, 'latest')).balance, 0n)
  await assert.rejects(chain.submit(signed(sender, { to: NOBODY, value: 1n, nonce: 2n })), { code: 'INSUFFICIENT_FUNDS' })
})

test('a chain that charges for gas pays the coinbase', async (t) => {
  const chain = await openChain(t, { freeGas: false, coinbase: NOBODY })
  const sender = chain.accounts[0]!
  await chain.submit(signed(sender, { to: sender, gas: 30_000n, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n }))
  assert.equal(chain.head().receipts[0]!.effectiveGasPrice, 2n)
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 42_000n)
  assert.equal((await chain.account(sender, 'latest')).balance, 10_000n * ETHER - 42_000n)
  await chain.setBalance(sender, 100n)
  const tooPoor = signed(sender, { to: sender, gas: 30_000n, maxFeePerGas: 9n, nonce: 1n })
  await assert.rejects(chain.submit(tooPoor), { code: 'INSUFFICIENT_FUNDS', message: /have 100 want 270000/ })
})

test('the base fee is 0 and stays 0 after a full block', async (t) => {
  const chain = await openChain(t, { blockGasLimit: 30_000 })
  await chain.submit(signed(chain.accounts[0]!, { to: NOBODY, gas: 30_000n, data: new Uint8Array(200).fill(1) }))
  assert.ok(chain.head().block.header.gasUsed > 25_000n)
  await chain.mine()
  assert.equal(chain.head().block.header.baseFeePerGas, 0n)
})

test('refuses invalid transactions at the door, by code', async (t) => {
  const chain = await openChain(t, { blockGasLimit: 1_000_000 })
  const [sender, other] = chain.accounts
  await chain.submit(signed(sender!, { to: NOBODY }))
  const foreign = createLegacyTx({ gasLimit: 21_000n, to: NOBODY }, { common: createChainCommon(config({ chainId: 7 })) })
  const cases: [string, Uint8Array, RegExp][] = [
    ['NONCE_TOO_LOW', signed(sender!, { to: NOBODY }), /next nonce 1, tx nonce 0/],
    ['EXCEEDS_BLOCK_GAS_LIMIT', signed(other!, { to: NOBODY, gas: 1_000_001n }), /1000001/],
    ['INTRINSIC_GAS_TOO_LOW', signed(other!, { to: NOBODY, gas: 20_999n }), /minimum needed 21000/],
    ['INSUFFICIENT_FUNDS', signed(other!, { to: NOBODY, value: 10_001n * ETHER }), /want 10001/],
    ['CHAIN_ID_MISMATCH', foreign.sign(new Uint8Array(32).fill(1)).serialize(), /have 7 want 31337/],
    ['TRANSACTION_MALFORMED', bytes('03c0'), /no blobs/],
    ['TRANSACTION_TYPE_UNSUPPORTED', bytes('7ec0'), /got 126/],
    ['TRANSACTION_MALFORMED', bytes(''), /0 bytes/],
    ['TRANSACTION_MALFORMED', bytes('02f8'), /invalid/],
    ['TRANSACTION_MALFORMED', signed(other!, { to: NOBODY }).subarray(0, 40), /invalid/],
  ]
  for (const [code, raw, message] of cases) await assert.rejects(chain.submit(raw), { name: 'NodeError', code, message }, code)
  await assert.rejects(chain.submitAs({ from: NOBODY, to: NOBODY }), { code: 'UNKNOWN_ACCOUNT' })
  assert.equal(chain.head().block.header.number, 1n)
  assert.deepEqual(chain.pending(), { pending: [], queued: [] })
})

test('a transaction after a gap waits until the gap is filled, then all are mined in order', async (t) => {
  const chain = await openChain(t)
  const sender = chain.accounts[0]!
  const raw = (nonce: bigint) => signed(sender, { to: NOBODY, value: nonce, nonce })
  await chain.submit(raw(2n))
  await chain.submit(raw(1n))
  assert.equal(chain.pending().queued.length, 2)
  assert.equal(await chain.pendingNonce(sender), 0n)
  await chain.submit(raw(0n))
  await chain.mine(0)
  assert.equal((await chain.account(sender, 'latest')).nonce, 3n)
  assert.deepEqual(chain.pending(), { pending: [], queued: [] })
})

test('a waiting transaction is replaced by one that offers a tenth more, and by no other', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const sender = chain.accounts[0]!
  const offering = (gasPrice: bigint) => signed(sender, { to: NOBODY, gasPrice })
  const first = await chain.submit(offering(100n))
  await assert.rejects(chain.submit(offering(100n)), { code: 'ALREADY_KNOWN' })
  await assert.rejects(chain.submit(offering(109n)), { code: 'REPLACEMENT_UNDERPRICED' })
  const second = await chain.submit(offering(110n))
  assert.equal(await chain.transaction(first), undefined)
  assert.equal(await chain.pendingNonce(sender), 1n)
  await chain.mine()
  assert.deepEqual(
    chain.head().receipts.map(({ transactionHash }) => transactionHash),
    [second],
  )
})

test('parallel senders and parallel requests of one sender all get mined, one block each', async (t) => {
  const chain = await openChain(t)
  const requests = chain.accounts.flatMap((from) =>
    Array.from({ length: 5 }, () => chain.submitAs({ from, to: NOBODY, value: 1n, gas: 21_000n })),
  )
  const hashes = await Promise.all(requests)
  assert.equal(new Set(hashes).size, 50)
  assert.equal(chain.head().block.header.number, 50n)
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 50n)
})

test('a block takes what fits into its gas and leaves the rest for the next', async (t) => {
  const chain = await openChain(t, { noMining: true, blockGasLimit: 250_000 })
  for (const from of chain.accounts.slice(0, 4)) await chain.submit(signed(from, { to: NOBODY, value: 1n, gas: 100_000n }))
  await chain.mine()
  // Limits count as reserved until a transaction has run: 21000 + 21000 + 21000 used, and 100000 more always fit.
  assert.equal(chain.head().receipts.length, 4)
  assert.deepEqual(
    chain.head().receipts.map(({ cumulativeGasUsed }) => cumulativeGasUsed),
    [21_000n, 42_000n, 63_000n, 84_000n],
  )
  for (const from of chain.accounts.slice(4, 7)) await chain.submit(signed(from, { to: NOBODY, gas: 240_000n }))
  await chain.mine()
  assert.equal(chain.head().receipts.length, 1)
  await chain.mine(2)
  assert.equal(chain.pending().pending.length, 0)
})

test('executing every stored block again gives its roots', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const [sender, other] = chain.accounts
  await chain.submitAs({ from: sender!, data: deploying(contracts.store), gas: 200_000n })
  await chain.mine()
  const store = chain.head().receipts[0]!.contractAddress!
  for (let round = 0n; round < 5n; round++) {
    for (let slot = 0n; slot < 4n; slot++) {
      await chain.submitAs({ from: sender!, to: store, data: bytes(word(slot) + word(round % 3n)), gas: 100_000n })
      await chain.submitAs({ from: other!, to: NOBODY, value: slot, gas: 21_000n })
    }
    if (round === 2n) await chain.setBalance(NOBODY, 99n)
    await chain.mine()
  }
  const head = chain.head().block.header.number
  assert.equal(head, 6n)
  for (let number = 0n; number <= head; number++) await chain.verify(number)
})

test('a block that was tampered with is found out', async (t) => {
  const chain = await openChain(t)
  await chain.submitAs({ from: chain.accounts[0]!, to: NOBODY, value: 1n })
  const head: StoredBlock = chain.head()
  Object.assign(head, { senders: [chain.accounts[1]!] })
  await assert.rejects(chain.verify('latest'), { code: 'BLOCK_INVALID', message: /stateRoot/ })
})

test('one transaction may use more than the 16.8 million gas of EIP-7825', async (t) => {
  const chain = await openChain(t)
  await chain.submit(signed(chain.accounts[0]!, { to: NOBODY, gas: 900_000_000n }))
  assert.equal(chain.head().receipts[0]!.status, 1)
})

test('a transaction that makes the machine itself fail is dropped, and the chain goes on', async (t) => {
  let broken = true
  const address = `0x${'00'.repeat(18)}0abc` as const
  const chain = await openChain(
    t,
    {},
    {
      equip: (evm) => {
        evm.precompiles.set(address.slice(2), () => {
          if (broken) throw new Error('out of order')
          return { executionGasUsed: 10n, returnValue: new Uint8Array(1) }
        })
      },
    },
  )
  const sender = chain.accounts[0]!
  const before = chain.head().hash
  await assert.rejects(chain.submit(signed(sender, { to: address })), { code: 'NODE_FAULT', message: /out of order/ })
  assert.equal(chain.head().hash, before)
  await assert.rejects(chain.call({ to: address }, 'latest'), /out of order/)
  broken = false
  await chain.submit(signed(sender, { to: address }))
  assert.equal(chain.head().receipts[0]!.gasUsed, 21_010n)
  await chain.verify('latest')
})

test('finds logs by address, topic and range', async (t) => {
  const chain = await openChain(t)
  const sender = chain.accounts[0]!
  const first = await deploy(chain, contracts.store)
  const second = await deploy(chain, contracts.store)
  for (const [to, slot] of [
    [first, 1n],
    [second, 1n],
    [first, 2n],
  ] as const)
    await chain.submitAs({ from: sender, to, data: bytes(word(slot) + word(5n)) })
  const search = (addresses: `0x${string}`[], topics: (`0x${string}`[] | null)[], fromBlock: bigint | 'latest' = 0n) =>
    chain.logs({ fromBlock, toBlock: 'latest', addresses, topics })
  assert.equal((await search([], [])).length, 3)
  assert.equal((await search([first], [])).length, 2)
  assert.equal((await search([], [[`0x${word(1n)}`]])).length, 2)
  assert.equal((await search([second], [[`0x${word(2n)}`]])).length, 0)
  assert.equal((await search([], [[`0x${word(1n)}`, `0x${word(2n)}`]], 'latest')).length, 1)
  assert.equal((await search([], [null, [`0x${word(1n)}`]])).length, 0)
  const [log] = await search([second], [])
  assert.partialDeepStrictEqual(log, { address: second, logIndex: 0, blockNumber: 4n })
  assert.deepEqual(log!.data, bytes(word(5n)))
})

test('snapshots bring back blocks, state, nonces and time, once', async (t) => {
  const chain = await openChain(t)
  const sender = chain.accounts[0]!
  await chain.submit(signed(sender, { to: NOBODY, value: 1n }))
  const id = await chain.snapshot()
  const { hash } = chain.head()
  await chain.setBalance(NOBODY, 500n)
  const gone = await chain.submit(signed(sender, { to: NOBODY, value: 1n, nonce: 1n }))
  chain.increaseTime(1000n)
  await chain.mine(3)
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 501n)
  assert.equal(await chain.revertTo(id), true)
  assert.equal(chain.head().hash, hash)
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 1n)
  assert.equal(await chain.transaction(gone), undefined)
  assert.equal(await chain.revertTo(id), false)
  await chain.submit(signed(sender, { to: NOBODY, value: 2n, nonce: 1n }))
  await chain.verify('latest')
})

test('state set by hand is seen, survives in the next block, and executing again agrees', async (t) => {
  const chain = await openChain(t)
  const target = await deploy(chain, contracts.answer)
  await chain.setCode(target, bytes('60015460005260206000f3'))
  await chain.setStorageAt(target, 1n, bytes(word(9n)))
  await chain.setNonce(NOBODY, 4n)
  assert.deepEqual((await chain.call({ to: target }, 'latest')).output, bytes(word(9n)))
  assert.deepEqual(await chain.storage(target, 1n, 'latest'), bytes(word(9n)))
  assert.equal((await chain.account(NOBODY, 'latest')).nonce, 4n)
  await chain.submitAs({ from: chain.accounts[0]!, to: target })
  await chain.verify('latest')
  assert.deepEqual((await chain.call({ to: target }, 'latest')).output, bytes(word(9n)))
})

test('impersonation sends from an address without its key, a contract too, until it is stopped', async (t) => {
  const chain = await openChain(t)
  const contract = await deploy(chain, contracts.answer)
  const echo = await deploy(chain, contracts.context)
  chain.impersonate(contract)
  await chain.submitAs({ from: contract, to: echo })
  assert.equal(chain.head().receipts[0]!.from, contract)
  assert.equal(chain.head().receipts[0]!.status, 1)
  await chain.verify('latest')
  chain.stopImpersonating(contract)
  await assert.rejects(chain.submitAs({ from: contract, to: echo }), { code: 'UNKNOWN_ACCOUNT' })
})

test('proves accounts and slots against the state root', async (t) => {
  const chain = await openChain(t)
  const store = await deploy(chain, contracts.store)
  await chain.submitAs({ from: chain.accounts[0]!, to: store, data: bytes(word(1n) + word(77n)) })
  const proof = await chain.proof(store, [`0x${word(1n)}`, `0x${word(2n)}`], 'latest')
  assert.equal(proof.nonce, 1n)
  assert.deepEqual(
    proof.storageProof.map(({ value }) => value),
    [77n, 0n],
  )
  assert.ok(proof.accountProof.length > 0)
  assert.deepEqual((await chain.proof(NOBODY, [`0x${word(0n)}`], 'latest')).storageProof[0]!.proof, [])
})
