import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createChain } from '../../node/chain/chain.ts'
import { callTracer } from '../../node/chain/tracers/call.ts'
import { NodeStore } from '../../node/state/nodes.ts'
import { openLevelStore, openMemoryStore } from '../../node/state/store.ts'
import { bytes, config, contracts, deploy, openChain, signed, temporaryDirectory, word } from './harness.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'

test('a chain is the same after it was closed and opened again', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await createChain(config({ dataDir }))
  const store = await deploy(first, contracts.store)
  const hash = await first.submitAs({ from: first.accounts[0]!, to: store, data: bytes(word(2n) + word(3n)) })
  await first.setBalance(NOBODY, 11n)
  const head = first.head()
  await first.close()

  const chain = await openChain(t, { dataDir })
  assert.equal(chain.head().hash, head.hash)
  assert.deepEqual(chain.head().receipts, head.receipts)
  assert.deepEqual(chain.head().block.serialize(), head.block.serialize())
  assert.deepEqual(await chain.storage(store, 2n, 'latest'), bytes(word(3n)))
  assert.deepEqual(await chain.storage(store, 2n, 1n), bytes(word(0n)))
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 11n)
  assert.equal((await chain.transaction(hash))?.index, 0)
  assert.equal((await chain.logs({ fromBlock: 0n, toBlock: 'latest', addresses: [store], topics: [] })).length, 1)
  assert.equal((await chain.traceTransaction(hash, callTracer())).gasUsed, head.receipts[0]!.gasUsed)
  await chain.verify('latest')
  await chain.submit(signed(chain.accounts[0]!, { to: NOBODY, value: 1n, nonce: 2n }))
  await chain.verify('latest')
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 12n)
})

test('blocks taken away by a snapshot stay away after opening again', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await createChain(config({ dataDir }))
  const id = await first.snapshot()
  const hash = await first.submit(signed(first.accounts[0]!, { to: NOBODY, value: 1n }))
  await first.mine(3)
  await first.revertTo(id)
  await first.close()
  const chain = await openChain(t, { dataDir })
  assert.equal(chain.head().block.header.number, 0n)
  assert.equal(await chain.transaction(hash), undefined)
  assert.equal((await chain.account(NOBODY, 'latest')).balance, 0n)
})

test('a data directory refuses to be opened as another chain, and says what differs', async (t) => {
  const dataDir = temporaryDirectory(t)
  await (await createChain(config({ dataDir }))).close()
  const opening = (flags: Record<string, unknown>) => createChain(config({ dataDir, ...flags }))
  await assert.rejects(opening({ chainId: 7 }), { code: 'GENESIS_MISMATCH', message: /chainId is 7 and was 31337/ })
  await assert.rejects(opening({ freeGas: false }), { code: 'GENESIS_MISMATCH', message: /freeGas is false and was true/ })
  await assert.rejects(opening({ predeploys: { [NOBODY]: { balance: '1' } } }), { code: 'GENESIS_MISMATCH', message: /predeploys/ })
  await assert.rejects(opening({ modules: [{ fromBlock: 0, hash: `0x${word(1n)}` }] }), { code: 'MODULE_MISMATCH' })
  const predeploys = { [NOBODY]: { balance: 1n, nonce: 0n, code: '0x', storage: {} } } as const
  await assert.rejects(createChain(config({ dataDir }), { predeploys }), { code: 'GENESIS_MISMATCH', message: /built-in/ })
  await (await opening({ blockTime: 5, coinbase: NOBODY })).close()
})

test('a data directory in use is refused, and usable once it is free', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await createChain(config({ dataDir }))
  await assert.rejects(createChain(config({ dataDir })), { code: 'DATA_DIR_LOCKED' })
  await first.close()
  await (await createChain(config({ dataDir }))).close()
})

test('a damaged data directory is an error with a code', async (t) => {
  const dataDir = temporaryDirectory(t)
  await (await createChain(config({ dataDir }))).close()
  writeFileSync(join(dataDir, 'CURRENT'), 'MANIFEST-999999\n')
  await assert.rejects(createChain(config({ dataDir })), { code: 'DATA_DIR_CORRUPT' })
})

test('a closed chain gives its errors by code', async () => {
  const chain = await createChain(config())
  await chain.close()
  await chain.close()
  await assert.rejects(chain.block(1n), { code: 'CHAIN_CLOSED' })
})

const stores = {
  memory: async () => openMemoryStore(),
  level: async (t: Parameters<typeof temporaryDirectory>[0]) => openLevelStore(temporaryDirectory(t)),
}

for (const [name, open] of Object.entries(stores))
  test(`${name} store: writes, overwrites and deletes in one batch`, async (t) => {
    const store = await open(t)
    const key = (text: string) => Buffer.from(text)
    await store.write([
      { key: key('a'), value: bytes('01') },
      { key: key('b'), value: bytes('02') },
    ])
    await store.write([
      { key: key('a'), value: undefined },
      { key: key('b'), value: bytes('03') },
      { key: key('c'), value: bytes('') },
    ])
    assert.equal(store.get(key('a')), undefined)
    assert.deepEqual(new Uint8Array(store.get(key('b'))!), bytes('03'))
    assert.equal(store.get(key('c'))!.length, 0)
    await store.close()
    assert.throws(() => store.get(key('b')), { code: 'CHAIN_CLOSED' })
  })

test('the cache of nodes forgets without losing anything', async () => {
  const store = openMemoryStore()
  const nodes = new NodeStore(store)
  const keyOf = (index: number) => bytes(index.toString(16).padStart(64, '0'))
  assert.equal(nodes.get(keyOf(0)), undefined)
  const large = Array.from({ length: 80 }, (_, index) => ({ key: keyOf(index), value: new Uint8Array(1024 * 1024).fill(index) }))
  nodes.remember(large)
  assert.equal(nodes.get(keyOf(0)), undefined, 'it is neither in the cache nor in the database')
  assert.equal(nodes.get(keyOf(79)), large[79]!.value)
  await store.write(nodes.writes(large))
  assert.deepEqual(nodes.get(keyOf(0)), large[0]!.value)
})
