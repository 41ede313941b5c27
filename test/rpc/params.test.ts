import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import {
  address,
  block,
  blockOrLatest,
  bytes,
  logFilter,
  numberLike,
  optional,
  quantity,
  transactionRequest,
  word,
} from '../../node/rpc/params.ts'

const refusal = (schema: z.ZodType, value: unknown): string => {
  const result = schema.safeParse(value)
  assert.ok(!result.success, `accepted ${JSON.stringify(value)}`)
  return result.error.issues[0]!.message
}

const hash = `0x${'Ab'.repeat(32)}` as const
const someone = `0x${'Cd'.repeat(20)}` as const

test('quantities are hex, of 256 bits at most', () => {
  assert.equal(quantity.parse('0x0'), 0n)
  assert.equal(quantity.parse('0x00ff'), 255n)
  for (const bad of ['0x', '10', 10, `0x${'f'.repeat(65)}`, '0x-1', ' 0x1', '0x1 ', null]) refusal(quantity, bad)
})

test('development methods take numbers in any form, but no negative or broken ones', () => {
  for (const ten of [10, '10', '0xa']) assert.equal(numberLike.parse(ten), 10n)
  for (const bad of [-1, 1.5, '1.5', '', Number.NaN, 2 ** 60]) refusal(numberLike, bad)
})

test('bytes are whole and hex, also when they are many', () => {
  assert.deepEqual(bytes.parse('0x'), new Uint8Array())
  assert.deepEqual(bytes.parse('0x00Ff'), new Uint8Array([0, 255]))
  assert.equal(bytes.parse(`0x${'ab'.repeat(4_000_000)}`).length, 4_000_000)
  for (const bad of ['', '00', '0x0', '0x0g', '0xzz', 0]) refusal(bytes, bad)
  assert.deepEqual(
    word.parse('0x7'),
    Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 7 : 0)),
  )
})

test('a refusal shows what came, and long values only in part', () => {
  assert.match(refusal(address, '0x12'), /^wanted an address .*, got "0x12"$/)
  assert.ok(refusal(address, 'x'.repeat(10_000)).length < 200)
})

test('a block is a number, a tag, a hash, or an EIP-1898 object', () => {
  assert.equal(block.parse('0x10'), 16n)
  assert.equal(block.parse('safe'), 'safe')
  const blockHash = hash.toLowerCase()
  for (const same of [hash, { blockHash: hash }, { blockHash: hash, requireCanonical: true }])
    assert.deepEqual(block.parse(same), { blockHash })
  assert.equal(block.parse({ blockNumber: '0x1' }), 1n)
  for (const absent of [undefined, null]) assert.equal(blockOrLatest.parse(absent), 'latest')
  for (const bad of ['newest', 16, {}, { blockHash: '0x1' }, []]) refusal(block, bad)
})

test('absent and null are the same where nothing is needed', () => {
  for (const absent of [undefined, null]) assert.equal(optional(quantity).parse(absent), undefined)
  refusal(optional(quantity), '')
})

test('a call takes input or data, or both where they agree', () => {
  assert.deepEqual(transactionRequest.parse({ to: someone, data: '0x01', gas: null }), {
    to: someone.toLowerCase(),
    data: new Uint8Array([1]),
  })
  assert.deepEqual(transactionRequest.parse({ input: '0x01', data: '0x01' }), { data: new Uint8Array([1]) })
  assert.match(refusal(transactionRequest, { input: '0x01', data: '0x02' }), /equal "input" and "data"/)
  assert.deepEqual(transactionRequest.parse({}), {})
})

test('a call keeps its fees and nonce, and refuses fees of two kinds', () => {
  assert.deepEqual(
    transactionRequest.parse({ maxFeePerGas: '0x2', maxPriorityFeePerGas: '0x1', nonce: '0x3', type: '0x2', chainId: '0x1' }),
    {
      maxFeePerGas: 2n,
      maxPriorityFeePerGas: 1n,
      nonce: 3n,
    },
  )
  assert.match(refusal(transactionRequest, { gasPrice: '0x1', maxFeePerGas: '0x1' }), /got both/)
})

test('blobs come signed, or not at all', () => {
  assert.match(refusal(transactionRequest, { blobs: ['0x00'] }), /must be sent signed/)
  assert.deepEqual(transactionRequest.parse({ blobs: [] }), {})
})

test('a log filter takes one address or several, and alternatives at each topic', () => {
  const filter = logFilter.parse({ address: someone, topics: [null, hash, [hash, hash]] })
  assert.deepEqual(filter.address, [someone.toLowerCase()])
  assert.deepEqual(filter.topics, [[], [hash.toLowerCase()], [hash.toLowerCase(), hash.toLowerCase()]])
  assert.deepEqual(logFilter.parse({ address: null }).address, [])
  assert.match(refusal(logFilter, { topics: [null, null, null, null, null] }), /at most 4/)
  assert.match(refusal(logFilter, { blockHash: hash, fromBlock: 'latest' }), /got both/)
  assert.match(refusal(logFilter, { fromBlock: '0x2', toBlock: '0x1' }), /not above/)
})
