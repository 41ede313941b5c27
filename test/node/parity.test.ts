/** eth_call, eth_estimateGas, a trace and the mined transaction agree in result and gas, for every function of both precompiles. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Abi } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { connect } from '../../node/cli/clients.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { chunkAddress } from '../../node/client/chunks.ts'
import { loadConfig } from '../../node/config.ts'
import { loadContract } from '../../node/contracts.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { encodeTensor, tensorCases } from '../suites/tensor-cases.ts'

type Hex = `0x${string}`
type Receipt = { status: Hex; gasUsed: Hex }
type Frame = { to: Hex; gasUsed: Hex; output?: Hex; calls?: Frame[] }

const digits = new URL('../../examples/digits/', import.meta.url)
const imported = importTflite(readFileSync(new URL('digits.tflite', digits)), { rounding: 'double' })
const picture = readFileSync(new URL('expected/in0.bin', digits)).subarray(0, 784)
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
const inference = (functionName: string, args: unknown[]) => encodeFunctionData({ abi: inferenceAbi as Abi, functionName, args })

let node: RunningNode
before(async () => {
  node = await startNode(loadConfig({ flags: { port: 0, logLevel: 'silent' } }))
  const { writer } = await connect(`http://127.0.0.1:${node.server.port}`)
  await deployModel(writer, { artifact: imported.bytes })
})
after(() => node.close())

/** One JSON-RPC request; the result, or the error with its revert data. */
async function rpc(
  method: string,
  params: unknown[],
): Promise<{ result?: unknown; error?: { code: number; message: string; data?: unknown } }> {
  const response = await fetch(`http://127.0.0.1:${node.server.port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as { result?: unknown }
}

async function result<Result = Hex>(method: string, ...params: unknown[]): Promise<Result> {
  const answer = await rpc(method, params)
  assert.equal(answer.error, undefined, JSON.stringify(answer.error))
  return answer.result as Result
}

async function agree(to: Hex, data: Hex): Promise<void> {
  const from = node.chain.accounts[0]
  const request = { from, to, data }
  const called = await result('eth_call', request, 'latest')
  const estimate = await result('eth_estimateGas', request)
  const traced = await result<Frame>('debug_traceCall', request, 'latest', { tracer: 'callTracer' })
  assert.equal(traced.output ?? '0x', called)
  assert.equal(estimate, traced.gasUsed, 'the estimate is the gas used')

  // With the estimate for a limit, and with far more.
  for (const gas of [estimate, '0x5f5e100']) {
    const hash = await result('eth_sendTransaction', { ...request, gas })
    const receipt = await result<Receipt>('eth_getTransactionReceipt', hash)
    assert.equal(receipt.status, '0x1')
    assert.equal(receipt.gasUsed, estimate)
    const mined = await result<Frame>('debug_traceTransaction', hash, { tracer: 'callTracer' })
    assert.equal(mined.output ?? '0x', called)
    assert.equal(mined.gasUsed, estimate)
  }

  const tooLittle = `0x${(BigInt(estimate) - 1n).toString(16)}`
  const short = await rpc('eth_call', [{ ...request, gas: tooLittle }, 'latest'])
  assert.notEqual(short.error, undefined, 'one gas less is too little')
}

describe('ITensor', () => {
  for (const { name, functionName, args } of tensorCases) test(name, () => agree(addresses.tensor, encodeTensor(functionName, args)))
})

describe('IInference', () => {
  const calls: Record<string, unknown[]> = {
    run: [imported.id, hex(picture)],
    consume: [imported.id, hex(picture)],
    step: [imported.id, 0n, hex(picture)],
    describe: [imported.id],
    gasOf: [imported.id, true],
    chunksOf: [imported.id],
  }
  for (const [functionName, args] of Object.entries(calls))
    test(functionName, () => agree(addresses.inference, inference(functionName, args)))

  test('every function has a case but those that are the registry’s', () => {
    const functions = inferenceAbi.filter(({ type }) => type === 'function').map(({ name }) => name)
    assert.deepEqual(functions.sort(), [...Object.keys(calls), 'activate', 'activateHeld', 'reserve', 'retire'].sort())
  })

  test('activate, through the registry', async () => {
    const other = importTflite(readFileSync(new URL('digits.tflite', digits)), { rounding: 'single' })
    const { abi } = loadContract('ModelRegistry')
    const from = node.chain.accounts[0]
    const to = addresses.modelRegistry
    const upload = encodeFunctionData({ abi, functionName: 'upload', args: [hex(other.bytes)] })
    await result('eth_sendTransaction', { from, to, data: upload })
    const data = encodeFunctionData({ abi, functionName: 'publish', args: [other.id, [chunkAddress(other.bytes)], ''] })
    const estimate = await result('eth_estimateGas', { from, to, data })
    const traced = await result<Frame>('debug_traceCall', { from, to, data }, 'latest', { tracer: 'callTracer' })
    const hash = await result('eth_sendTransaction', { from, to, data, gas: estimate })
    const receipt = await result<Receipt>('eth_getTransactionReceipt', hash)
    assert.equal(receipt.status, '0x1')
    assert.equal(receipt.gasUsed, traced.gasUsed)
    const mined = await result<Frame>('debug_traceTransaction', hash, { tracer: 'callTracer' })
    const activation = (frame: Frame) => frame.calls?.find((call) => call.to === addresses.inference)
    assert.notEqual(activation(mined), undefined)
    assert.equal(activation(mined)?.gasUsed, activation(traced)?.gasUsed)
  })
})

describe('refusals', () => {
  const refused: [string, Hex, Hex][] = [
    ['an unknown model', addresses.inference, inference('run', [`0x${'11'.repeat(32)}`, '0x'])],
    ['a wrong input length', addresses.inference, inference('run', [imported.id, '0x00'])],
    ['activation by anyone', addresses.inference, inference('activate', [imported.id, []])],
    ['an unknown function', addresses.tensor, '0x12345678'],
    ['no calldata', addresses.inference, '0x'],
  ]
  for (const [name, to, data] of refused)
    test(`${name} reverts with the same error everywhere, and the rest of the gas is kept`, async () => {
      const from = node.chain.accounts[0]
      const called = await rpc('eth_call', [{ from, to, data }, 'latest'])
      assert.equal(called.error?.code, 3)
      const estimated = await rpc('eth_estimateGas', [{ from, to, data }])
      assert.deepEqual(estimated.error?.data, called.error?.data)
      const traced = await result<Frame>('debug_traceCall', { from, to, data }, 'latest', { tracer: 'callTracer' })
      const hash = await result('eth_sendTransaction', { from, to, data, gas: '0xf4240' })
      const receipt = await result<Receipt>('eth_getTransactionReceipt', hash)
      assert.equal(receipt.status, '0x0')
      assert.ok(BigInt(receipt.gasUsed) < 100_000n)
      assert.equal(receipt.gasUsed, traced.gasUsed)
      const mined = await result<Frame>('debug_traceTransaction', hash, { tracer: 'callTracer' })
      assert.equal(mined.output, called.error?.data)
    })
})

test('infer_models lists the model with what it takes and gives', async () => {
  const models = await result<{ id: Hex; rounding: string; inputs: { shape: number[] }[] }[]>('infer_models')
  const model = models.find(({ id }) => id === imported.id)
  assert.equal(model?.rounding, 'double')
  assert.deepEqual(model?.inputs[0]?.shape, [1, 28, 28, 1])
  const described = await result<{ layers: unknown[] }>('infer_describe', imported.id)
  assert.equal(described.layers.length, imported.model.operators.length)
})
