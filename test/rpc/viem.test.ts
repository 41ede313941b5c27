/** The node as viem sees it: every answer here has been decoded by viem's own formatters. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createTestClient,
  createWalletClient,
  decodeEventLog,
  defineChain,
  encodeFunctionData,
  type Hash,
  type Hex,
  hexToString,
  http,
  type Log,
  parseAbi,
  parseEther,
  verifyMessage,
  verifyTypedData,
  webSocket,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { compileNotes } from '../clients/notes.ts'
import { startTestNode, type TestNode } from './support.ts'

const notesAbi = parseAbi([
  'constructor(string first)',
  'error TooLong(uint256 length, uint256 most)',
  'event Written(address indexed author, uint256 indexed id, string text)',
  'function write(string text) returns (uint256 id)',
  'function count() view returns (uint256)',
  'function read(uint256 id) view returns (string)',
  'function readNested(uint256 id) view returns (string)',
  'function fail() pure',
])

const bytecode = compileNotes().bytecode
/** An account of its own, without any funds. */
const poor = privateKeyToAccount(generatePrivateKey())
const rich = mnemonicToAccount('test test test test test test test test test test test junk')

let node: TestNode
let notes: Address
const clients = () => {
  const chain = defineChain({
    id: 31337,
    name: 'infernode',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  })
  const options = { chain, transport: http(node.url), pollingInterval: 20, cacheTime: 0 } as const
  return {
    public: createPublicClient(options),
    batching: createPublicClient({ ...options, transport: http(node.url, { batch: true }) }),
    test: createTestClient({ ...options, mode: 'anvil' }),
    poor: createWalletClient({ ...options, account: poor }),
    rich: createWalletClient({ ...options, account: rich }),
    unlocked: createWalletClient({ ...options, account: rich.address }),
  }
}
let viem: ReturnType<typeof clients>

before(async () => {
  node = await startTestNode()
  viem = clients()
  const hash = await viem.poor.deployContract({ abi: notesAbi, bytecode, args: ['first'] })
  const receipt = await viem.public.waitForTransactionReceipt({ hash })
  assert.equal(receipt.status, 'success')
  assert.ok(receipt.contractAddress)
  notes = receipt.contractAddress
})
after(() => node.close())

const write = (text: string) => viem.poor.writeContract({ address: notes, abi: notesAbi, functionName: 'write', args: [text] })
const mined = async (hash: Promise<Hash> | Hash) => viem.public.waitForTransactionReceipt({ hash: await hash })

test('an account without funds deploys and sends with the fees that viem chooses by itself', async () => {
  assert.equal(await viem.public.getBalance({ address: poor.address }), 0n)
  const receipt = await mined(write('from the poor'))
  assert.equal(receipt.status, 'success')
  assert.equal(receipt.effectiveGasPrice, 0n)
  assert.equal(receipt.type, 'eip1559')
  const transaction = await viem.public.getTransaction({ hash: receipt.transactionHash })
  assert.equal(transaction.from, poor.address.toLowerCase())
  assert.equal(transaction.blockNumber, receipt.blockNumber)
  assert.equal(transaction.chainId, 31337)
  assert.equal(await viem.public.getBalance({ address: poor.address }), 0n)
})

test('legacy, access list and dynamic fee transactions arrive with their types', async () => {
  for (const type of ['legacy', 'eip2930', 'eip1559'] as const) {
    const fees = type === 'eip1559' ? { maxFeePerGas: 7n, maxPriorityFeePerGas: 3n } : { gasPrice: 7n }
    const accessList = type === 'eip2930' ? [{ address: notes, storageKeys: [`0x${'0'.repeat(64)}` as Hex] }] : undefined
    const hash = await viem.rich.sendTransaction({
      to: zeroAddress,
      value: 1n,
      type,
      ...fees,
      ...(accessList ? { accessList } : {}),
    } as never)
    const receipt = await mined(hash)
    assert.equal(receipt.type, type)
    const transaction = await viem.public.getTransaction({ hash })
    assert.equal(transaction.type, type)
    assert.equal(transaction.value, 1n)
    if (type === 'eip2930') assert.deepEqual(transaction.accessList, accessList)
    if (type === 'eip1559') assert.deepEqual([transaction.maxFeePerGas, transaction.maxPriorityFeePerGas], [7n, 3n])
  }
})

test('ether moves, and nonces and balances follow', async () => {
  const to = privateKeyToAccount(generatePrivateKey()).address
  const nonce = await viem.public.getTransactionCount({ address: rich.address })
  await mined(viem.rich.sendTransaction({ to, value: parseEther('1.5') }))
  assert.equal(await viem.public.getBalance({ address: to }), parseEther('1.5'))
  assert.equal(await viem.public.getTransactionCount({ address: rich.address }), nonce + 1)
})

test('a call reads what a transaction wrote, at old blocks as they were', async () => {
  const before = await viem.public.readContract({ address: notes, abi: notesAbi, functionName: 'count' })
  const receipt = await mined(write('later'))
  const count = (blockNumber: bigint) => viem.public.readContract({ address: notes, abi: notesAbi, functionName: 'count', blockNumber })
  assert.equal(await count(receipt.blockNumber), before + 1n)
  assert.equal(await count(receipt.blockNumber - 1n), before)
  assert.equal(await viem.public.readContract({ address: notes, abi: notesAbi, functionName: 'read', args: [before] }), 'later')
})

test('a custom error, a reason and a panic reach viem decoded', async () => {
  const reverted = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => assert.fail('the call should have reverted'),
      (thrown) => thrown as BaseError,
    )
    const found = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
    assert.ok(found instanceof ContractFunctionRevertedError, error.message)
    return found
  }
  const contract = { address: notes, abi: notesAbi } as const
  const custom = await reverted(viem.public.simulateContract({ ...contract, functionName: 'write', args: ['x'.repeat(101)] }))
  assert.equal(custom.data?.errorName, 'TooLong')
  assert.deepEqual(custom.data?.args, [101n, 100n])
  const reason = await reverted(viem.public.readContract({ ...contract, functionName: 'fail' }))
  assert.equal(reason.reason, 'as it was asked to')
  const panic = await reverted(viem.public.readContract({ ...contract, functionName: 'read', args: [10_000n] }))
  assert.equal(panic.data?.errorName, 'Panic')
  assert.deepEqual(panic.data?.args, [0x32n])
  const estimate = await reverted(
    viem.public.estimateContractGas({ ...contract, functionName: 'write', args: ['x'.repeat(101)], account: poor.address }),
  )
  assert.equal(estimate.data?.errorName, 'TooLong')
})

test('a transaction that reverts is mined with status reverted', async () => {
  const data = encodeFunctionData({ abi: notesAbi, functionName: 'fail' })
  const receipt = await mined(viem.poor.sendTransaction({ to: notes, data, gas: 100_000n }))
  assert.equal(receipt.status, 'reverted')
  assert.deepEqual(receipt.logs, [])
})

test('the estimated gas is enough, and one gas less is not', async () => {
  const request = { address: notes, abi: notesAbi, functionName: 'write', args: ['y'.repeat(64)] } as const
  const gas = await viem.public.estimateContractGas({ ...request, account: poor.address })
  assert.equal((await mined(viem.poor.writeContract({ ...request, gas: gas - 1n }))).status, 'reverted')
  const receipt = await mined(viem.poor.writeContract({ ...request, gas }))
  assert.equal(receipt.status, 'success')
  assert.ok(receipt.gasUsed <= gas)
})

test('logs are found by address, topics, range and block', async () => {
  const receipt = await mined(write('found'))
  const [log] = receipt.logs
  assert.ok(log)
  const event = decodeEventLog({ abi: notesAbi, ...log })
  assert.deepEqual([event.args.author, event.args.text], [poor.address, 'found'])
  const written = notesAbi.find((item) => item.type === 'event')!
  const byTopics = await viem.public.getLogs({
    address: notes,
    event: written,
    args: { author: poor.address, id: event.args.id },
    fromBlock: 0n,
  })
  assert.deepEqual(
    byTopics.map((found) => [found.args.text, found.transactionHash, found.logIndex]),
    [['found', receipt.transactionHash, 0]],
  )
  assert.equal((await viem.public.getLogs({ blockHash: receipt.blockHash })).length, 1)
  assert.equal((await viem.public.getLogs({ event: written, args: { author: rich.address }, fromBlock: 0n })).length, 0)
  assert.equal((await viem.public.getLogs({ fromBlock: receipt.blockNumber + 1n, toBlock: 'latest' })).length, 0)
})

test('filters collect logs, blocks and transactions until they are removed', async () => {
  const logs = await viem.public.createEventFilter({ address: notes })
  const blocks = await viem.public.createBlockFilter()
  const transactions = await viem.public.createPendingTransactionFilter()
  const receipt = await mined(write('filtered'))
  const found = await viem.public.getFilterChanges({ filter: logs })
  assert.deepEqual(
    found.map(({ transactionHash, blockHash, removed }) => ({ transactionHash, blockHash, removed })),
    [{ transactionHash: receipt.transactionHash, blockHash: receipt.blockHash, removed: false }],
  )
  assert.deepEqual(await viem.public.getFilterChanges({ filter: blocks }), [receipt.blockHash])
  assert.deepEqual(await viem.public.getFilterChanges({ filter: transactions }), [receipt.transactionHash])
  assert.deepEqual(await viem.public.getFilterChanges({ filter: logs }), [])
  assert.equal(await viem.public.uninstallFilter({ filter: logs }), true)
  await assert.rejects(viem.public.getFilterChanges({ filter: logs }), /filter not found/)
})

test('over WebSocket heads, logs and waiting transactions arrive as they happen', async () => {
  const socket = createPublicClient({ transport: webSocket(node.wsUrl, { reconnect: false }) })
  try {
    const head = Promise.withResolvers<{ number: bigint | null; hash: Hash | null }>()
    const log = Promise.withResolvers<Log>()
    const pending = Promise.withResolvers<Hash>()
    const stops = [
      socket.watchBlocks({ onBlock: (block) => head.resolve(block), onError: head.reject }),
      socket.watchEvent({ address: notes, onLogs: ([first]) => first && log.resolve(first), onError: log.reject }),
      socket.watchPendingTransactions({ onTransactions: ([hash]) => hash && pending.resolve(hash), onError: pending.reject }),
    ]
    await socket.getChainId()
    // viem subscribes in the background: a chain of requests on the same socket is answered in order.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const receipt = await mined(write('subscribed'))
    assert.equal(await pending.promise, receipt.transactionHash)
    assert.equal((await log.promise).transactionHash, receipt.transactionHash)
    assert.equal((await head.promise).hash, receipt.blockHash)
    for (const stop of stops) stop()
  } finally {
    const client = await socket.transport.getRpcClient()
    client.close()
  }
})

test('callTracer shows nested frames whose gas agrees with the receipt', async () => {
  type Frame = {
    type: string
    from: string
    to?: string
    gasUsed: Hex
    output?: Hex
    error?: string
    revertReason?: string
    calls?: Frame[]
    logs?: unknown[]
  }
  const trace = (method: string, params: unknown[]) => viem.public.request({ method, params } as never) as Promise<Frame>
  const receipt = await mined(write('traced'))
  const frame = await trace('debug_traceTransaction', [receipt.transactionHash, { tracer: 'callTracer', tracerConfig: { withLog: true } }])
  assert.equal(frame.type, 'CALL')
  assert.equal(frame.to, notes.toLowerCase())
  assert.equal(BigInt(frame.gasUsed), receipt.gasUsed)
  assert.equal(frame.logs?.length, 1)
  const data = encodeFunctionData({ abi: notesAbi, functionName: 'readNested', args: [0n] })
  const nested = await trace('debug_traceCall', [{ to: notes, data }, 'latest', { tracer: 'callTracer' }])
  assert.deepEqual(
    nested.calls?.map(({ type, from, to }) => [type, from, to]),
    [['STATICCALL', notes.toLowerCase(), notes.toLowerCase()]],
  )
  assert.match(hexToString(nested.output!), /first/)
  const failing = await trace('debug_traceCall', [
    { to: notes, data: encodeFunctionData({ abi: notesAbi, functionName: 'fail' }) },
    'latest',
    { tracer: 'callTracer' },
  ])
  assert.equal(failing.error, 'execution reverted')
  assert.equal(failing.revertReason, 'as it was asked to')
})

test('blocks come with hashes or whole transactions, and receipts by block', async () => {
  const receipt = await mined(write('in a block'))
  const { blockNumber, blockHash, transactionHash } = receipt
  const light = await viem.public.getBlock({ blockNumber })
  assert.deepEqual([light.hash, light.transactions, light.baseFeePerGas], [blockHash, [transactionHash], 0n])
  const full = await viem.public.getBlock({ blockHash, includeTransactions: true })
  assert.equal(full.transactions[0]?.hash, transactionHash)
  assert.equal(await viem.public.getBlockTransactionCount({ blockNumber }), 1)
  assert.equal((await viem.public.getTransaction({ blockNumber, index: 0 })).hash, transactionHash)
  const receipts = (await viem.public.request({ method: 'eth_getBlockReceipts', params: [light.hash] } as never)) as {
    transactionHash: Hash
  }[]
  assert.deepEqual(
    receipts.map((found) => found.transactionHash),
    [transactionHash],
  )
  const history = await viem.public.getFeeHistory({ blockCount: 2, rewardPercentiles: [25, 75] })
  assert.deepEqual([history.baseFeePerGas.length, history.reward?.length], [3, 2])
  await assert.rejects(viem.public.getBlock({ blockNumber: 1_000_000n }), { name: 'BlockNotFoundError' })
})

test('a JSON-RPC batch is answered entry by entry', async () => {
  const [chainId, balance, count] = await Promise.all([
    viem.batching.getChainId(),
    viem.batching.getBalance({ address: poor.address }),
    viem.batching.readContract({ address: notes, abi: notesAbi, functionName: 'count' }),
  ])
  assert.deepEqual([chainId, balance], [31337, 0n])
  assert.ok(count > 0n)
})

test('accounts of the node sign and send without a key on this side', async () => {
  assert.equal((await viem.unlocked.getAddresses()).length, 10)
  const receipt = await mined(viem.unlocked.sendTransaction({ to: poor.address, value: 0n }))
  assert.equal(receipt.from, rich.address.toLowerCase())
  const message = 'hello'
  const signature = await viem.unlocked.signMessage({ message })
  assert.ok(await verifyMessage({ address: rich.address, message, signature }))
  const typed = {
    domain: { name: 'Notes', version: '1', chainId: 31337, verifyingContract: notes },
    types: { Note: [{ name: 'text', type: 'string' }] },
    primaryType: 'Note',
    message: { text: 'signed' },
  } as const
  assert.ok(await verifyTypedData({ address: rich.address, ...typed, signature: await viem.unlocked.signTypedData(typed) }))
  await assert.rejects(viem.unlocked.sendTransaction({ account: poor.address, to: notes }), /unknown account/)
})

test('state and block overrides change one call alone', async () => {
  const stranger = privateKeyToAccount(generatePrivateKey()).address
  // PUSH1 0x2a PUSH0 MSTORE PUSH1 0x20 PUSH0 RETURN
  const { data } = await viem.public.call({ to: stranger, stateOverride: [{ address: stranger, code: '0x602a5f5260205ff3' }] })
  assert.equal(BigInt(data ?? '0x0'), 42n)
  assert.equal(await viem.public.getCode({ address: stranger }), undefined)
})

test('storage, code and Merkle proofs are read', async () => {
  assert.match((await viem.public.getCode({ address: notes })) ?? '', /^0x60/)
  const length = await viem.public.getStorageAt({ address: notes, slot: '0x0' })
  assert.equal(BigInt(length ?? '0x0'), await viem.public.readContract({ address: notes, abi: notesAbi, functionName: 'count' }))
  const proof = await viem.public.getProof({ address: notes, storageKeys: [`0x${'0'.repeat(64)}`] })
  assert.equal(proof.storageProof[0]?.value, BigInt(length ?? '0x0'))
})

test('snapshots, the clock, mining and state set by hand work as in Anvil', async () => {
  const id = await viem.test.snapshot()
  const head = await viem.public.getBlockNumber()
  await viem.test.setBalance({ address: poor.address, value: 5n })
  assert.equal(await viem.public.getBalance({ address: poor.address }), 5n)
  await viem.test.setCode({ address: zeroAddress, bytecode: '0x00' })
  assert.equal(await viem.public.getCode({ address: zeroAddress }), '0x00')
  await viem.test.setStorageAt({ address: zeroAddress, index: 1, value: `0x${'0'.repeat(63)}7` })
  assert.equal(await viem.public.getStorageAt({ address: zeroAddress, slot: '0x1' }), `0x${'0'.repeat(63)}7`)
  await viem.test.mine({ blocks: 3, interval: 10 })
  assert.ok((await viem.public.getBlockNumber()) >= head + 3n)
  const next = (await viem.public.getBlock()).timestamp + 1000n
  await viem.test.setNextBlockTimestamp({ timestamp: next })
  await viem.test.mine({ blocks: 1 })
  assert.equal((await viem.public.getBlock()).timestamp, next)
  await viem.test.revert({ id })
  assert.equal(await viem.public.getBlockNumber(), head)
  assert.equal(await viem.public.getBalance({ address: poor.address }), 0n)
})

test('with automine off transactions wait in the pool until a block is mined', async () => {
  await viem.test.setAutomine(false)
  try {
    const hash = await write('waiting')
    assert.equal((await viem.test.getTxpoolStatus()).pending, 1)
    const transaction = await viem.public.getTransaction({ hash })
    assert.equal(transaction.blockHash, null)
    assert.equal(await viem.public.getTransactionCount({ address: poor.address, blockTag: 'pending' }), transaction.nonce + 1)
    const content = await viem.test.getTxpoolContent()
    assert.equal(Object.values(content.pending[poor.address] ?? {})[0]?.hash, hash)
    await viem.test.mine({ blocks: 1 })
    assert.equal((await mined(hash)).status, 'success')
  } finally {
    await viem.test.setAutomine(true)
  }
})

test('an impersonated address sends without a key', async () => {
  const address: Address = '0x00000000000000000000000000000000000000aa'
  await viem.test.impersonateAccount({ address })
  const hash = await viem.test.request({
    method: 'eth_sendTransaction',
    params: [{ from: address, to: notes, data: '0x06661abd' }],
  } as never)
  const receipt = await mined(hash as Hash)
  assert.deepEqual([receipt.from, receipt.status], [address, 'success'])
  await viem.test.stopImpersonatingAccount({ address })
})

test('refusals carry a clear message', async () => {
  const raw = (method: string, params: unknown[]) => viem.public.request({ method, params } as never, { retryCount: 0 })
  await assert.rejects(raw('eth_sendRawTransaction', ['0x1234']), BaseError)
  await assert.rejects(viem.poor.sendTransaction({ to: notes, nonce: 0, gas: 100_000n }), /[Nn]once too low|lower than the current nonce/)
  await assert.rejects(
    viem.rich.sendTransaction({ to: notes, value: parseEther('1000000000'), gas: 100_000n }),
    /insufficient funds|exceeds the balance/,
  )
  await assert.rejects(raw('eth_nothing', []), /does not exist/)
  assert.equal(await raw('eth_getTransactionReceipt', [`0x${'1'.repeat(64)}`]), null)
})

test('the node says who it is and which models it has', async () => {
  const raw = (method: string) => viem.public.request({ method } as never) as Promise<unknown>
  assert.match((await raw('web3_clientVersion')) as string, /^Infernode\/0\.1\.0\//)
  assert.equal(await raw('net_version'), '31337')
  assert.ok(Array.isArray(await raw('infer_models')))
  assert.equal(((await raw('rpc_modules')) as Record<string, string>).infer, '1.0')
})

// The contract's own ABI must stay what is written above.
test('the ABI written here is the compiled one', () => {
  const names = (abi: Abi) => abi.map((item) => ('name' in item ? item.name : item.type)).sort()
  assert.deepEqual(names(notesAbi), names(compileNotes().abi as unknown as Abi))
})

test('blocks of calls are simulated', async () => {
  const blocks = await viem.public.simulateBlocks({
    blocks: [
      {
        stateOverrides: [{ address: poor.address, balance: parseEther('1') }],
        calls: [
          { account: poor, to: rich.address, value: 1n },
          { account: poor, to: notes, abi: notesAbi, functionName: 'count' },
        ],
      },
    ],
    traceTransfers: true,
  })
  assert.deepEqual(
    blocks[0]!.calls.map(({ status }) => status),
    ['success', 'success'],
  )
  assert.equal(blocks[0]!.calls[0]!.logs?.length, 1)
})
