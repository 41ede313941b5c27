import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Chain, Hex } from '../../node/chain/chain.ts'
import { callTracer } from '../../node/chain/tracers/call.ts'
import { bytes, contracts, deploy, openChain, word } from './harness.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'
const IDENTITY = '0x0000000000000000000000000000000000000004'

const calldata = (address: Hex) => bytes(address.slice(2).padStart(64, '0'))

/** Requests whose gas has something special to it. */
async function scenarios(chain: Chain): Promise<[string, { to?: Hex; data?: Uint8Array; value?: bigint }][]> {
  const store = await deploy(chain, contracts.store)
  const relay = await deploy(chain, contracts.relay)
  const outer = await deploy(chain, contracts.relay)
  const answer = await deploy(chain, contracts.answer)
  await chain.submitAs({ from: chain.accounts[0]!, to: store, data: bytes(word(8n) + word(8n)) })
  return [
    ['transfer', { to: NOBODY, value: 1n }],
    ['calldata floor', { to: NOBODY, data: new Uint8Array(1000).fill(1) }],
    ['cold storage write and log', { to: store, data: bytes(word(3n) + word(4n)) }],
    ['refund of a cleared slot', { to: store, data: bytes(word(8n) + word(0n)) }],
    ['call of a precompile', { to: IDENTITY, data: bytes('0102') }],
    ['inner call', { to: relay, data: calldata(answer) }],
    ['inner call of a precompile', { to: relay, data: calldata(IDENTITY) }],
    ['inner storage write behind 63/64', { to: relay, data: calldata(store) }],
    ['two levels', { to: outer, data: calldata(relay) }],
    ['creation', { data: bytes('600a600c600039600a6000f3602a60005260206000f3') }],
  ]
}

test('a call, an estimate, a trace and the mined transaction agree in output and gas', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  for (const [name, request] of await scenarios(chain)) {
    const call = await chain.call({ from, ...request }, 'latest')
    const frame = await chain.traceCall({ from, ...request }, 'latest', callTracer())
    const estimate = await chain.estimateGas({ from, ...request }, 'latest')
    const hash = await chain.submitAs({ from, ...request, gas: estimate })
    const receipt = chain.head().receipts[0]!
    const mined = await chain.traceTransaction(hash, callTracer())
    assert.equal(receipt.status, 1, name)
    assert.equal(call.error, undefined, name)
    assert.equal(receipt.gasUsed, call.gasUsed, name)
    assert.equal(frame.gasUsed, call.gasUsed, name)
    assert.equal(mined.gasUsed, call.gasUsed, name)
    assert.equal(mined.gas, estimate, name)
    assert.deepEqual(mined.output, call.output, name)
    await chain.verify('latest')
  }
})

test('an estimate is the least gas limit that succeeds', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  for (const [name, request] of await scenarios(chain)) {
    const gas = await chain.estimateGas({ from, ...request }, 'latest')
    assert.equal((await chain.call({ from, ...request, gas }, 'latest')).error, undefined, name)
    const less = chain.call({ from, ...request, gas: gas - 1n }, 'latest').then(({ error }) => error !== undefined)
    assert.ok(await less.catch(({ code }) => code === 'INTRINSIC_GAS_TOO_LOW'), name)
  }
})

test('calldata costs what EIP-7623 says, in calls and in blocks, up to a megabyte', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  for (const [zeros, others] of [
    [0, 1],
    [31, 1],
    [1000, 24],
    [0, 3072],
    [512 * 1024, 512 * 1024],
  ] as const) {
    const data = new Uint8Array(zeros + others).fill(1, zeros)
    // One token for a byte that is zero and four for any other; 10 gas for each where the call itself uses less than the difference to 4.
    const floor = 21_000n + 10n * BigInt(zeros + 4 * others)
    assert.equal((await chain.call({ from, to: NOBODY, data }, 'latest')).gasUsed, floor)
    await chain.submitAs({ from, to: NOBODY, data, gas: floor })
    assert.equal(chain.head().receipts[0]!.gasUsed, floor)
    await chain.verify('latest')
    await assert.rejects(chain.submitAs({ from, to: NOBODY, data, gas: floor - 1n }), { code: 'INTRINSIC_GAS_TOO_LOW' })
  }
})

test('an estimate of a call that fails says why', async (t) => {
  const chain = await openChain(t)
  const refuse = await deploy(chain, contracts.refuse)
  const invalid = await deploy(chain, contracts.invalid)
  const store = await deploy(chain, contracts.store)
  await assert.rejects(chain.estimateGas({ to: refuse }, 'latest'), (error: { code: string; data: Uint8Array }) => {
    return error.code === 'EXECUTION_REVERTED' && Buffer.from(error.data).toString('hex').startsWith('08c379a0')
  })
  await assert.rejects(chain.estimateGas({ to: invalid }, 'latest'), { code: 'EXECUTION_FAILED', message: 'invalid opcode' })
  const tooLittle = chain.estimateGas({ to: store, data: bytes(word(1n) + word(1n)), gas: 30_000n }, 'latest')
  await assert.rejects(tooLittle, { code: 'GAS_ALLOWANCE_EXCEEDED', message: /30000/ })
})

test('a call changes nothing, whoever the sender is', async (t) => {
  const chain = await openChain(t)
  const store = await deploy(chain, contracts.store)
  const context = await deploy(chain, contracts.context)
  const { hash } = chain.head()
  await Promise.all(Array.from({ length: 20 }, (_, i) => chain.call({ to: store, data: bytes(word(1n) + word(BigInt(i + 1))) }, 'latest')))
  assert.deepEqual(await chain.storage(store, 1n, 'latest'), bytes(word(0n)))
  assert.equal(chain.head().hash, hash)
  const { output } = await chain.call({ from: store, to: context }, 'latest')
  assert.deepEqual(output.subarray(96, 128), calldata(store))
})

test('a call at an old block sees its state, number, time and hashes', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  const store = await deploy(chain, contracts.store)
  const context = await deploy(chain, contracts.context)
  for (let value = 1n; value <= 3n; value++) await chain.submitAs({ from, to: store, data: bytes(word(0n) + word(value)) })
  assert.deepEqual(await chain.storage(store, 0n, 3n), bytes(word(1n)))
  assert.deepEqual(await chain.storage(store, 0n, 'latest'), bytes(word(3n)))
  const third = (await chain.block(3n))!
  const { output } = await chain.call({ to: context, gasPrice: 5n }, 3n)
  assert.deepEqual(output.subarray(0, 32), bytes(word(3n)))
  assert.deepEqual(output.subarray(32, 64), bytes(word(third.block.header.timestamp)))
  assert.deepEqual(output.subarray(64, 96), bytes(word(0n)), 'GASPRICE is 0 where gas is free')
  assert.deepEqual(output.subarray(128), third.block.header.parentHash)
  assert.deepEqual((await chain.call({ to: context }, { blockHash: third.hash })).output, output)
  assert.deepEqual((await chain.call({ to: context }, 'pending')).output.subarray(0, 32), bytes(word(6n)))
  await assert.rejects(chain.call({ to: context }, 99n), { code: 'BLOCK_NOT_FOUND', message: /99.*head is 5/ })
})

test('overrides are seen by one call alone', async (t) => {
  const chain = await openChain(t)
  const answer = await deploy(chain, contracts.answer)
  const readSlot = bytes('60015460005260206000f3')
  const state = { [answer]: { code: readSlot, stateDiff: { [`0x${word(1n)}`]: `0x${word(6n)}` as Hex } }, [NOBODY]: { balance: 5n } }
  assert.deepEqual((await chain.call({ to: answer }, 'latest', { state })).output, bytes(word(6n)))
  assert.equal((await chain.call({ from: NOBODY, to: answer, value: 5n }, 'latest', { state })).error, undefined)
  await assert.rejects(chain.call({ from: NOBODY, to: answer, value: 5n }, 'latest'), { code: 'INSUFFICIENT_FUNDS' })
  assert.deepEqual((await chain.call({ to: answer }, 'latest')).output, bytes(word(42n)))
  const context = await deploy(chain, contracts.context)
  const { output } = await chain.call({ to: context }, 'latest', { block: { number: 1000n, timestamp: 77n } })
  assert.deepEqual(output.subarray(0, 64), bytes(word(1000n) + word(77n)))
})

test('a trace shows every frame, precompiles and failures included', async (t) => {
  const chain = await openChain(t)
  const from = chain.accounts[0]!
  const relay = await deploy(chain, contracts.relay)
  const refuse = await deploy(chain, contracts.refuse)
  const store = await deploy(chain, contracts.store)
  const precompile = await chain.traceCall({ from, to: relay, data: calldata(IDENTITY) }, 'latest', callTracer())
  assert.partialDeepStrictEqual(precompile.calls![0], {
    type: 'CALL',
    from: relay,
    to: IDENTITY,
    gasUsed: 18n,
    input: new Uint8Array(1),
    output: new Uint8Array(1),
  })
  const hash = await chain.submitAs({ from, to: relay, data: calldata(refuse), gas: 100_000n })
  const failed = await chain.traceTransaction(hash, callTracer())
  assert.equal(chain.head().receipts[0]!.status, 0)
  assert.partialDeepStrictEqual(failed, { error: 'execution reverted', gas: 100_000n, from, to: relay })
  assert.partialDeepStrictEqual(failed.calls![0], { error: 'execution reverted', revertReason: 'no', to: refuse })
  assert.equal((await chain.traceTransaction(hash, callTracer({ onlyTopCall: true }))).calls, undefined)
  const logged = await chain.traceCall({ from, to: relay, data: calldata(store) }, 'latest', callTracer({ withLog: true }))
  assert.equal(logged.logs, undefined)
  assert.equal(logged.calls![0]!.logs!.length, 1)
  const created = await chain.traceTransaction((await chain.block(1n))!.receipts[0]!.transactionHash, callTracer())
  assert.partialDeepStrictEqual(created, { type: 'CREATE', to: relay })
  await assert.rejects(chain.traceTransaction(`0x${word(1n)}`, callTracer()), { code: 'TRANSACTION_NOT_FOUND' })
})

test('a trace of a later transaction in a block starts from the state that it met', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const from = chain.accounts[0]!
  const submit = (request: { to?: Hex; data: Uint8Array }) => chain.submitAs({ from, gas: 100_000n, ...request })
  await submit({ data: bytes(`6016600c60003960166000f3${contracts.store}`) })
  await chain.mine()
  const to = chain.head().receipts[0]!.contractAddress!
  await submit({ to, data: bytes(word(1n) + word(1n)) })
  const second = await submit({ to, data: bytes(word(1n) + word(2n)) })
  await chain.mine()
  // Changing a slot that is not 0 is cheaper than filling an empty one.
  assert.equal((await chain.traceTransaction(second, callTracer())).gasUsed, chain.head().receipts[1]!.gasUsed)
  assert.ok(chain.head().receipts[1]!.gasUsed < chain.head().receipts[0]!.gasUsed)
})

test('an access list names what a call touches, and its gas is that of the call with the list', async (t) => {
  const chain = await openChain(t)
  const store = await deploy(chain, contracts.store)
  const request = { from: chain.accounts[0]!, to: store, data: bytes(word(1n) + word(1n)) }
  const { accessList, gasUsed } = await chain.createAccessList(request, 'latest')
  assert.deepEqual(accessList, [{ address: store, storageKeys: [`0x${word(1n)}`] }])
  assert.equal((await chain.call({ ...request, accessList }, 'latest')).gasUsed, gasUsed)
})

test('calls run beside block production and see whole blocks only', async (t) => {
  const chain = await openChain(t, { noMining: true })
  const [sender] = chain.accounts
  const sum = async () => {
    const [left, right] = await Promise.all([chain.account(sender!, 'latest'), chain.account(NOBODY, 'latest')])
    return left.balance + right.balance
  }
  const total = await sum()
  for (let nonce = 0n; nonce < 50n; nonce++) await chain.submitAs({ from: sender!, to: NOBODY, value: 1n, gas: 21_000n, nonce })
  const mining = chain.mine()
  for (let round = 0; round < 20; round++) {
    const number = chain.head().block.header.number
    const [left, right] = [await chain.account(sender!, number), await chain.account(NOBODY, number)]
    assert.equal(left.balance + right.balance, total)
  }
  await mining
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 50n)
})
