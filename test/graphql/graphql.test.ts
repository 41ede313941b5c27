/** GraphQL at /graphql: EIP-1767, with models and inferences. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { encodeFunctionData } from 'viem/utils'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { type ClientNode, hex, imported, sample, startClientNode } from '../client/support.ts'
import { contracts, deploying, signed, word } from '../node/harness.ts'
import { rpcOf } from '../rpc/support.ts'

const NOBODY = '0x00000000000000000000000000000000000000aa'
const hexWord = (value: bigint) => `0x${word(value)}`

interface Answer {
  data?: Record<string, unknown>
  errors?: { message: string; path?: string[]; extensions?: { code?: string } }[]
}

let clientNode: ClientNode
let rpc: ReturnType<typeof rpcOf>
let from: `0x${string}`
let store: string
let stored: string

before(async () => {
  clientNode = await startClientNode()
  const { node, url, client } = clientNode
  rpc = rpcOf(url)
  from = node.chain.accounts[0]!
  await client.deployModel({ artifact: imported.bytes })
  await node.chain.submitAs({ from, data: deploying(contracts.store) })
  store = node.chain.head().receipts[0]!.contractAddress!
  stored = await rpc('eth_sendTransaction', { from, to: store, data: hexWord(5n) + word(6n), maxFeePerGas: '0x7' })
})
after(() => clientNode.node.close())

async function post(query: string, variables?: object): Promise<Answer> {
  const response = await fetch(`${clientNode.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  assert.match(response.headers.get('content-type') ?? '', /^application\/(graphql-response\+)?json/)
  return (await response.json()) as Answer
}

/** The data of a query without errors. */
async function ask<T = Record<string, never>>(query: string, variables?: object): Promise<T> {
  const { data, errors } = await post(query, variables)
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data as T
}

test('a block by number, by hash and the latest, with what JSON-RPC says of it', async () => {
  const fields =
    'number hash nonce stateRoot receiptsRoot transactionsRoot gasUsed gasLimit timestamp logsBloom mixHash extraData difficulty baseFeePerGas transactionCount raw rawHeader parent { hash } miner { address }'
  const { block } = await ask<{ block: Record<string, unknown> }>(`{ block { ${fields} } }`)
  const head = await rpc<Record<string, unknown>>('eth_getBlockByNumber', 'latest', false)
  const same = [
    'number',
    'hash',
    'nonce',
    'stateRoot',
    'receiptsRoot',
    'transactionsRoot',
    'gasUsed',
    'gasLimit',
    'timestamp',
    'logsBloom',
    'mixHash',
    'extraData',
    'difficulty',
    'baseFeePerGas',
  ]
  for (const field of same) assert.equal(block[field], head[field], field)
  assert.deepEqual(block.parent, { hash: head.parentHash })
  assert.deepEqual(block.miner, { address: head.miner })
  assert.equal(block.raw, await rpc('debug_getRawBlock', 'latest'))
  assert.equal(block.rawHeader, await rpc('debug_getRawHeader', 'latest'))
  const byHash = 'query ($hash: Bytes32) { block(hash: $hash) { number } }'
  assert.deepEqual(await ask(byHash, { hash: head.hash }), { block: { number: head.number } })
  for (const number of ['0', '"0x0"', '"0"'])
    assert.deepEqual(await ask(`{ block(number: ${number}) { parent { hash } } }`), { block: { parent: null } })
  assert.deepEqual(await ask('{ block(number: 99999) { hash } }'), { block: null })
})

test('transactions with their senders, receipts, logs and blocks', async () => {
  const query = `query ($hash: Bytes32!) { transaction(hash: $hash) {
    hash index nonce value gas gasPrice maxFeePerGas effectiveGasPrice effectiveTip inputData status gasUsed cumulativeGasUsed type raw yParity
    from { address transactionCount } to { address code storage(slot: "${hexWord(5n)}") } before: to(block: 0) { code } createdContract { address }
    accessList { address } block { number } logs { index topics data account { address } transaction { hash } } inferences { modelId } } }`
  const { transaction } = await ask<{ transaction: Record<string, unknown> }>(query, { hash: stored })
  const receipt = await rpc<Record<string, string>>('eth_getTransactionReceipt', stored)
  assert.deepEqual(transaction, {
    hash: stored,
    index: '0x0',
    nonce: transaction.nonce,
    value: '0x0',
    gas: transaction.gas,
    gasPrice: '0x0',
    maxFeePerGas: '0x7',
    effectiveGasPrice: '0x0',
    effectiveTip: '0x0',
    inputData: hexWord(5n) + word(6n),
    status: '0x1',
    gasUsed: receipt.gasUsed,
    cumulativeGasUsed: receipt.cumulativeGasUsed,
    type: '0x2',
    raw: await rpc('eth_getRawTransactionByHash', stored),
    yParity: transaction.yParity,
    from: { address: from, transactionCount: `0x${(BigInt(transaction.nonce as string) + 1n).toString(16)}` },
    to: { address: store, code: `0x${contracts.store}`, storage: hexWord(6n) },
    before: { code: '0x' },
    createdContract: null,
    accessList: [],
    block: { number: receipt.blockNumber },
    logs: [{ index: '0x0', topics: [hexWord(5n)], data: hexWord(6n), account: { address: store }, transaction: { hash: stored } }],
    inferences: [],
  })
  assert.deepEqual(await ask(query, { hash: hexWord(1n) }), { transaction: null })
})

test('logs by filter, accounts, calls and estimates at a block', async () => {
  const { logs } = await ask<{ logs: object[] }>('query ($filter: FilterCriteria!) { logs(filter: $filter) { data } }', {
    filter: { fromBlock: 0, addresses: [store], topics: [[hexWord(5n), hexWord(9n)]] },
  })
  assert.deepEqual(logs, [{ data: hexWord(6n) }])
  const data = { from, to: store, data: hexWord(1n) + word(1n) }
  const query = `query ($data: CallData!) { block { logs(filter: { addresses: ["${NOBODY}"] }) { data } account(address: "${from}") { balance }
    call(data: $data) { data gasUsed status } estimateGas(data: $data) } chainID gasPrice maxPriorityFeePerGas syncing { currentBlock } }`
  const { block, ...chain } = await ask<{ block: Record<string, unknown> }>(query, { data })
  assert.deepEqual(chain, { chainID: '0x7a69', gasPrice: '0x0', maxPriorityFeePerGas: '0x0', syncing: null })
  assert.deepEqual(block.account, { balance: await rpc('eth_getBalance', from) })
  assert.equal(block.estimateGas, await rpc('eth_estimateGas', data))
  assert.deepEqual(block.call, { data: '0x', gasUsed: block.estimateGas, status: '0x1' })
  assert.deepEqual(block.logs, [])
})

test('waiting transactions, and sending one', async () => {
  const { chain } = clientNode.node
  chain.setAutomine(false)
  const nonce = await chain.pendingNonce(from)
  const raw = hex(signed(from, { to: NOBODY, value: 3n, nonce, gas: 21_000n }))
  const mutation = 'mutation ($data: Bytes!) { sendRawTransaction(data: $data) }'
  const { sendRawTransaction: hash } = await ask<{ sendRawTransaction: string }>(mutation, { data: raw })
  const waiting = await ask(
    '{ pending { transactionCount transactions { hash index block { number } from { address } } account(address: "' +
      from +
      '") { transactionCount } } }',
  )
  assert.deepEqual(waiting, {
    pending: {
      transactionCount: '0x1',
      transactions: [{ hash, index: null, block: null, from: { address: from } }],
      account: { transactionCount: `0x${(nonce + 1n).toString(16)}` },
    },
  })
  await chain.mine()
  chain.setAutomine(true)
  const { errors } = await post(mutation, { data: raw })
  assert.equal(errors?.[0]?.extensions?.code, 'NONCE_TOO_LOW')
  assert.match(errors?.[0]?.message ?? '', /nonce too low/)
})

test('models with their layers, and the inferences that transactions ran', async () => {
  const { input, output } = sample(0)
  const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [imported.id, hex(input)] })
  const hash = await rpc<string>('eth_sendTransaction', { from, to: addresses.inference, data })
  const query = `{ models { id bytes rounding inputs { shape type } outputs { type } gas macs layers { operator macs output { shape } } activatedAt { number } }
    model(id: "${imported.id}") { id } none: model(id: "${hexWord(1n)}") { id }
    block { inferences { modelId model { id } caller { address } input output error isReverted gasUsed transaction { hash } } }
    transaction(hash: "${hash}") { inferences { output } } }`
  const answer = await ask<{
    models: Record<string, unknown>[]
    model: unknown
    none: unknown
    block: { inferences: Record<string, string>[] }
    transaction: unknown
  }>(query)
  const [model] = answer.models
  const described = await rpc<{ macs: string; layers: object[] }>('infer_describe', imported.id)
  assert.deepEqual([model!.id, model!.bytes, model!.rounding, model!.macs], [imported.id, imported.bytes.length, 'fp32', described.macs])
  assert.equal((model!.layers as object[]).length, described.layers.length)
  assert.equal(model!.gas, await rpc('infer_estimate', imported.id))
  assert.deepEqual([answer.model, answer.none], [{ id: imported.id }, null])
  const [inference] = answer.block.inferences
  assert.deepEqual(inference, {
    modelId: imported.id,
    model: { id: imported.id },
    caller: { address: from },
    input: hex(input),
    output: hex(output),
    error: null,
    isReverted: false,
    gasUsed: inference!.gasUsed,
    transaction: { hash },
  })
  assert.deepEqual(answer.transaction, { inferences: [{ output: hex(output) }] })
})

test('a range of blocks ends at the head, and is bounded', async () => {
  const { blocks } = await ask<{ blocks: { number: string }[] }>('{ blocks(from: 0) { number } }')
  assert.equal(BigInt(blocks.at(-1)!.number), clientNode.node.chain.head().block.header.number)
  assert.equal((await ask<{ blocks: object[] }>('{ blocks(from: 1, to: 2) { hash } }')).blocks.length, 2)
})

test('wrong arguments are named, and queries that reach too much are refused', async () => {
  const wrong = await post('{ block(hash: "0x12") { number } }')
  assert.match(wrong.errors![0]!.message, /argument "hash": wanted 32 bytes/)
  assert.equal(wrong.errors![0]!.extensions!.code, 'INVALID_ARGUMENT')
  const nested = (depth: number): string => (depth === 0 ? 'hash' : `parent { ${nested(depth - 1)} } miner { address }`)
  assert.equal((await post(`{ blocks(from: 0) { ${nested(3)} } }`)).errors, undefined)
  const wide = Array.from({ length: 300 }, (_, i) => `a${i}: inferences { modelId }`).join(' ')
  assert.match((await post(`{ blocks(from: 0) { ${wide} } }`)).errors![0]!.message, /reaches more than 20000 objects/)
  const long = `{ ${Array.from({ length: 3000 }, (_, i) => `a${i}: chainID`).join(' ')} }`
  assert.match((await post(long)).errors![0]!.message, /more than 5000 tokens/)
  assert.match((await post('{ nothing }')).errors![0]!.message, /Cannot query field "nothing"/)
})

test('queries may come by GET, mutations not; other paths are JSON-RPC’s', async () => {
  const get = (query: string) =>
    fetch(`${clientNode.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { accept: 'application/json' } })
  assert.deepEqual(await (await get('{ chainID }')).json(), { data: { chainID: '0x7a69' } })
  assert.equal((await get('mutation { sendRawTransaction(data: "0x") }')).status, 405)
  assert.equal((await fetch(`${clientNode.url}/graph`)).status, 405)
  const elsewhere = await fetch(`${clientNode.url}/graphql`, {
    method: 'POST',
    body: '{"query":"{ chainID }"}',
    headers: { 'content-type': 'text/plain' },
  })
  assert.equal(elsewhere.status, 415)
})
