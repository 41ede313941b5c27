/** Rules of access on a node: eth_call, eth_estimateGas, traces and mined transactions agree, and every block runs again as it ran. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { encodeAbiParameters, encodeFunctionData } from 'viem/utils'
import { connect } from '../../node/cli/clients.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { loadConfig } from '../../node/config.ts'
import { loadContract } from '../../node/contracts.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { addresses, authorityGas, inferenceAbi } from '../../precompiles/index.ts'
import { compile } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'

type Hex = `0x${string}`
type Frame = { to: Hex; type: string; gasUsed: Hex; output?: Hex; error?: string; calls?: Frame[] }

const input: Hex = `0x${'01'.repeat(64)}`
const zero: Hex = `0x${'00'.repeat(20)}`
const open = { mode: 0, authority: zero, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: zero }

let node: RunningNode
let model: Hex
let owner: Hex
let other: Hex

async function rpc(method: string, params: unknown[]) {
  const response = await fetch(`http://127.0.0.1:${node.server.port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as { result?: unknown; error?: { code: number; message: string; data?: unknown } }
}
async function result<Result = Hex>(method: string, ...params: unknown[]): Promise<Result> {
  const { result, error } = await rpc(method, params)
  assert.equal(error, undefined, JSON.stringify(error))
  return result as Result
}
async function mined(request: Record<string, unknown>) {
  const hash = await result('eth_sendTransaction', request)
  return { hash, ...(await result<{ status: Hex; gasUsed: Hex; contractAddress: Hex }>('eth_getTransactionReceipt', hash)) }
}
const setRule = async (rule: Partial<typeof open>) => {
  const { abi } = loadContract('ModelAccess')
  const data = encodeFunctionData({ abi, functionName: 'setRule', args: [model, { ...open, ...rule }] })
  assert.equal((await mined({ from: owner, to: addresses.modelAccess, data })).status, '0x1')
}
const setAllowed = async (account: Hex) => {
  const data = encodeFunctionData({ abi: loadContract('ModelAccess').abi, functionName: 'setAllowed', args: [model, [account], true] })
  assert.equal((await mined({ from: owner, to: addresses.modelAccess, data })).status, '0x1')
}
const request = (from: Hex, functionName: 'run' | 'consume' = 'run') => ({
  from,
  to: addresses.inference,
  data: encodeFunctionData({ abi: inferenceAbi, functionName, args: [model, input] }),
})

/** What the precompile lets, it lets in every way of asking, for the same gas; the limit that was estimated is enough, and one less is not. */
async function permitted(from: Hex, functionName: 'run' | 'consume' = 'run') {
  const asked = request(from, functionName)
  const called = await result('eth_call', asked, 'latest')
  const estimate = await result('eth_estimateGas', asked)
  const short = await rpc('eth_call', [{ ...asked, gas: `0x${(BigInt(estimate) - 1n).toString(16)}` }, 'latest'])
  assert.notEqual(short.error, undefined)
  const traced = await result<Frame>('debug_traceCall', asked, 'latest', { tracer: 'callTracer' })
  assert.equal(traced.output, called)
  const { hash, status, gasUsed } = await mined({ ...asked, gas: estimate })
  assert.equal(status, '0x1')
  assert.equal(gasUsed, traced.gasUsed)
  const again = await result<Frame>('debug_traceTransaction', hash, { tracer: 'callTracer' })
  assert.deepEqual([again.output, again.gasUsed], [called, gasUsed])
  return { estimate: BigInt(estimate), gasUsed: BigInt(gasUsed), trace: again }
}

/** What it refuses, it refuses in every way with the same error, and gives the rest of the gas back. */
async function refused(from: Hex, functionName: 'run' | 'consume' = 'run') {
  const asked = request(from, functionName)
  const called = await rpc('eth_call', [asked, 'latest'])
  assert.equal(called.error?.code, 3)
  assert.deepEqual((await rpc('eth_estimateGas', [asked])).error?.data, called.error.data)
  const { hash, status, gasUsed } = await mined({ ...asked, gas: '0x989680' })
  assert.equal(status, '0x0')
  assert.ok(BigInt(gasUsed) < 200_000n)
  assert.equal((await result<Frame>('debug_traceTransaction', hash, { tracer: 'callTracer' })).output, called.error.data)
}

before(async () => {
  node = await startNode(loadConfig({ env: {}, flags: { port: 0, logLevel: 'silent' } }))
  ;[owner, other] = node.chain.accounts as [Hex, Hex]
  const { writer } = await connect(`http://127.0.0.1:${node.server.port}`)
  model = (await deployModel(writer, { artifact: denseArtifact(64, 10), metadata: '' })).id
})
after(() => node.close())

describe('a rule', () => {
  test('allowlist', async () => {
    await setRule({ mode: 1 })
    await refused(owner)
    await setAllowed(owner)
    const { estimate, gasUsed } = await permitted(owner)
    assert.equal(estimate, gasUsed)
    await refused(other)
    await result('eth_call', request(owner), 'latest')
    const { from: _, ...nobody } = request(owner)
    assert.equal((await rpc('eth_call', [nobody, 'latest'])).error?.code, 3)
  })

  test('policy: the call to it is in the trace, and its gas has to be there whole', async () => {
    const { bytecode } = compile('test/precompiles/contracts/Access.sol').AllowsOne!
    const owned = encodeAbiParameters([{ type: 'address' }], [other])
    const { contractAddress } = await mined({ from: owner, data: `${bytecode}${owned.slice(2)}` })
    await setRule({ mode: 3, authority: contractAddress })
    const { estimate, gasUsed, trace } = await permitted(other)
    // Only a check at the end of the gas can leave so much over.
    assert.ok(estimate > authorityGas && gasUsed <= estimate)
    const [asked] = trace.calls ?? []
    assert.deepEqual([asked?.type, asked?.to, asked?.error], ['STATICCALL', contractAddress, undefined])
    await refused(owner)
  })

  test('quota', async () => {
    // The one window of this length that there is.
    await setRule({ quotaCalls: 3, quotaSeconds: 2 ** 32 - 1 })
    await refused(owner)
    for (let i = 0; i < 3; i++) await permitted(owner, 'consume')
    await refused(owner, 'consume')
    await permitted(other, 'consume')
  })
})

test('every block runs again as it ran, whatever the rules have become', async () => {
  const head = node.chain.head().block.header.number
  for (let number = 1n; number <= head; number++) await node.chain.verify(number)
})
