/** Requests are bounded for each client, in number and in size. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rpcOf, startTestNode } from './support.ts'

test('a client that asks too often is told so, each entry of a batch counted', async (t) => {
  const node = await startTestNode(undefined, { admission: { requestsPerSecond: 1, requestBurst: 4, maxBatchEntries: 5 } })
  t.after(() => node.close())
  const rpc = rpcOf(node.url)
  await rpc('eth_chainId')
  const entry = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }
  const post = async (body: unknown) => (await (await fetch(node.url, { method: 'POST', body: JSON.stringify(body) })).json()) as unknown
  const answers = (await post(Array(5).fill(entry))) as { error?: { code: number; data: unknown } }[]
  const refused = answers.filter(({ error }) => error !== undefined)
  assert.ok(refused.length >= 1 && refused.length <= 2)
  assert.deepEqual([refused[0]!.error!.code, refused[0]!.error!.data], [-32005, { code: 'RATE_LIMITED' }])
  assert.match(JSON.stringify(await post(Array(6).fill(entry))), /a batch of 6 entries, at most 5 are allowed/)
})
