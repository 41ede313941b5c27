/** The runner of round trips, on a chain that the library's VM has made: what is wanted comes from the library, not from the node. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { bytesToHex } from '@ethereumjs/util'
import { encodeReceipt } from '@ethereumjs/vm'
import { temporaryDirectory } from '../node/harness.ts'
import { chainFile, DEPOSITS, firstBlock, genesis, LAST_BLOCK, LOGGER, makeEthereumChain, REFUSER } from '../suites/ethereum-chain.ts'
import { difference, formDifference } from './compare.ts'
import { parseIoFile } from './io-file.ts'
import { runFolder } from './suite.ts'

const made = await makeEthereumChain()
const hex = (value: number | bigint) => `0x${value.toString(16)}`
const blockAt = (number: number) => made[number - 1]!.block
const trip = (method: string, params: unknown[], answer: object) =>
  `>> ${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n<< ${JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer })}\n`

const uncleBlock = made.map(({ block }) => block).find(({ uncleHeaders }) => uncleHeaders.length > 0)!
const head = blockAt(LAST_BLOCK)
const revertData = `0x08c379a0${'20'.padStart(64, '0')}${'2'.padStart(64, '0')}${'6e6f'.padEnd(64, '0')}`
const blobTransaction = head.transactions.find(({ type }) => type === 3)!

/** Those in `wrong` must be found. */
const cases: Record<string, string> = {
  'eth_blockNumber/head': trip('eth_blockNumber', [], { result: hex(LAST_BLOCK) }),
  'eth_chainId/id': trip('eth_chainId', [], { result: hex(genesis.config.chainId) }),
  'debug_getRawBlock/first': trip('debug_getRawBlock', ['0x1'], { result: bytesToHex(blockAt(1).serialize()) }),
  'debug_getRawHeader/head': trip('debug_getRawHeader', ['latest'], { result: bytesToHex(head.header.serialize()) }),
  ...Object.fromEntries(
    [1, firstBlock('byzantiumBlock'), firstBlock('londonBlock'), LAST_BLOCK].map((number) => [
      `debug_getRawReceipts/block-${number}`,
      trip('debug_getRawReceipts', [hex(number)], {
        result: made[number - 1]!.result.receipts.map((receipt, index) =>
          bytesToHex(encodeReceipt(receipt, blockAt(number).transactions[index]!.type)),
        ),
      }),
    ]),
  ),
  'eth_getUncleCountByBlockNumber/one': trip('eth_getUncleCountByBlockNumber', [hex(uncleBlock.header.number)], { result: '0x1' }),
  'eth_getBlockByHash/unknown': trip('eth_getBlockByHash', [`0x${'00'.repeat(32)}`, true], { result: null }),
  'eth_getBlockTransactionCountByNumber/head': trip('eth_getBlockTransactionCountByNumber', ['latest'], {
    result: hex(head.transactions.length),
  }),
  'eth_getTransactionByHash/hash-alone': `// speconly: the form alone counts.\n${trip(
    'eth_getRawTransactionByHash',
    [bytesToHex(blobTransaction.hash())],
    { result: '0x03' },
  )}`,
  'eth_getRawTransactionByHash/blobs': trip('eth_getRawTransactionByHash', [bytesToHex(blobTransaction.hash())], {
    result: bytesToHex(blobTransaction.serialize()),
  }),
  'eth_call/revert': trip('eth_call', [{ to: REFUSER }, 'latest'], { error: { code: 3, message: 'any text', data: revertData } }),
  'eth_call/base-fee-is-0-for-who-offers-none': trip('eth_call', [{ data: '0x4860005260206000f3' }, 'latest'], {
    result: `0x${'00'.repeat(32)}`,
  }),
  'eth_getStorageAt/calls': trip('eth_getStorageAt', [LOGGER, '0x0', '0x1'], { result: `0x${'1'.padStart(64, '0')}` }),
  'eth_getStorageValues/none': trip('eth_getStorageValues', [{}, 'latest'], { error: { code: -32602, message: '' } }),
  'eth_getLogs/beyond-the-head': trip('eth_getLogs', [{ fromBlock: '0x1', toBlock: hex(LAST_BLOCK + 1) }], {
    error: { code: -32602, message: '' },
  }),
  'eth_getCode/deposits': trip('eth_getCode', [DEPOSITS, 'latest'], {
    result: (genesis.alloc[DEPOSITS.slice(2)] as { code: string }).code,
  }),
  'debug_getRawHeader/no-hex': trip('debug_getRawHeader', ['2'], { error: { code: -32602, message: '' } }),
  'wrong/number': trip('eth_blockNumber', [], { result: '0x1' }),
  'wrong/error-number': trip('eth_call', [{ to: REFUSER }, 'latest'], { error: { code: -32000, message: '' } }),
  'wrong/form': `// speconly: the form alone counts.\n${trip('eth_blockNumber', [], { result: null })}`,
  'wrong/not-json': '>> {\n<< {}\n',
}

test('a folder of round trips is run on its chain, and what differs is told', async (t) => {
  const folder = temporaryDirectory(t)
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis))
  writeFileSync(join(folder, 'chain.rlp'), chainFile(made))
  for (const [name, text] of Object.entries(cases)) {
    const path = join(folder, `${name}.io`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const results = await runFolder(folder)
  assert.equal(results.length, Object.keys(cases).length)
  const problems = results.filter(({ problem }) => problem !== undefined)
  assert.deepEqual(
    problems.filter(({ method }) => method !== 'wrong'),
    [],
  )
  assert.deepEqual(
    problems.map(({ name }) => name).sort(),
    Object.keys(cases)
      .filter((name) => name.startsWith('wrong'))
      .sort(),
  )
  assert.match(problems.find(({ name }) => name === 'wrong/number')!.problem!, /^eth_blockNumber\.result: got "0x39", wanted "0x1"$/)
})

test('a folder without a chain is refused', async (t) => {
  await assert.rejects(runFolder(temporaryDirectory(t)), /has no genesis\.json/)
})

test('comments, several round trips and faults of a file are told apart', () => {
  const file = parseIoFile('// about\n// speconly: yes\n>> {"method":"a"}\n<< {}\n>> {"method":"b"}\n<< {"result":1}\n')
  assert.deepEqual([file.isSpecOnly, file.roundTrips.map(({ request }) => request.method)], [true, ['a', 'b']])
  assert.throws(() => parseIoFile('>> {"method":"a"}\n>> {"method":"b"}\n'), /line 2: a request follows/)
  assert.throws(() => parseIoFile('<< {}\n'), /line 1: an answer without/)
  assert.throws(() => parseIoFile('>> {"method":"a"}\n'), /no answer/)
})

test('answers are compared to the last field, but for the texts of errors', () => {
  assert.equal(difference({ result: { a: 1, b: [2] } }, { result: { b: [2], a: 1 } }), undefined)
  assert.match(difference({ result: { a: 1, b: 2 } }, { result: { a: 1 } })!, /\.result\.b: got 2, wanted none/)
  assert.match(difference({ result: {} }, { result: { a: 1 } })!, /\.result\.a: missing/)
  assert.equal(difference({ error: { code: 3, message: 'x' } }, { error: { code: 3, message: 'y' } }), undefined)
  assert.match(difference({ error: { code: 3, data: '0x' } }, { error: { code: 3 } })!, /\.error\.data/)
  assert.equal(formDifference({ result: ['0x1', '0x2'] }, { result: ['0x3'] }), undefined)
  assert.match(formDifference({ result: 'text' }, { result: '0x3' })!, /\.result: got "text"/)
})
