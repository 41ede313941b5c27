/** Slow, broken and malicious clients harm nobody else: the others' requests are answered, rightly and in time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { harass, hostileClients } from '../suites/hostile.ts'
import { rpcOf, startTestNode } from './support.ts'

test('a client among hostile ones has its transactions mined and its calls answered', async (t) => {
  const node = await startTestNode(undefined, { admission: { callTimeoutMs: 500 } })
  t.after(() => node.close())
  const rpc = rpcOf(node.url)
  const [from, to] = node.chain.accounts
  const end = new AbortController()
  const attacks = new Map<string, number>()
  const attacking = harass(Number(new URL(node.url).port), end.signal, (name) => attacks.set(name, (attacks.get(name) ?? 0) + 1))
  let sent = 0
  const begin = performance.now()
  while (attacks.size < hostileClients.length && performance.now() - begin < 20_000) {
    const hash = await rpc('eth_sendTransaction', { from, to, value: '0x1' })
    sent++
    const receipt = await rpc<{ status: string; blockNumber: string }>('eth_getTransactionReceipt', hash)
    assert.equal(receipt.status, '0x1')
    assert.equal(BigInt(receipt.blockNumber), BigInt(sent))
    assert.equal(await rpc('eth_call', { to, data: '0x' }), '0x')
  }
  end.abort()
  await attacking
  assert.deepEqual(
    hostileClients.map(({ name }) => name).filter((name) => !attacks.has(name)),
    [],
    'attacks that never were over',
  )
  assert.ok(sent > 5, `only ${sent} transactions were mined meanwhile`)
  assert.deepEqual(node.faults, [])
})

test('an endless call holds up neither blocks nor other calls', async (t) => {
  const node = await startTestNode(undefined, { admission: { callTimeoutMs: 3000 } })
  t.after(() => node.close())
  const rpc = rpcOf(node.url)
  const [from, to] = node.chain.accounts
  const loop = `0x${'ab'.repeat(20)}`
  let isOver = false
  const endless = rpc('eth_call', { to: loop, gas: '0x7fffffffffff' }, 'latest', { [loop]: { code: '0x5b600056' } }).finally(() => {
    isOver = true
  })
  const refused = assert.rejects(endless, /took longer than 3000 ms/)
  await sleep(20)
  for (let count = 0; count < 5; count++) {
    await rpc('eth_sendTransaction', { from, to, value: '0x1' })
    await rpc('eth_call', { to, data: '0x' })
  }
  assert.equal(isOver, false, 'the others waited for the endless call')
  assert.equal(await rpc('eth_blockNumber'), '0x5')
  await refused
})

test('more endless calls than there are machines end one by one for those that wait', async (t) => {
  const node = await startTestNode(undefined, { admission: { callTimeoutMs: 60_000 } })
  t.after(() => node.close())
  const rpc = rpcOf(node.url)
  const [to] = node.chain.accounts
  const loop = `0x${'ab'.repeat(20)}`
  const call = () => rpc('eth_call', { to: loop, gas: '0x7fffffffffff' }, 'latest', { [loop]: { code: '0x5b600056' } })
  const ended = Array.from({ length: 34 }, () => assert.rejects(call(), /too many that run for long keep others waiting|fetch failed/))
  await sleep(200)
  assert.equal(await rpc('eth_call', { to, data: '0x' }), '0x')
  await Promise.race(ended)
  await node.close()
  await Promise.all(ended)
})
