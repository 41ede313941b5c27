/** infer_* over a directory of one model: the answers’ shapes, and what is said of models that are not there. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ModelDetails, ModelDirectory } from '../../node/rpc/models.ts'
import { startTestNode, type TestNode } from './support.ts'

const model: ModelDetails = {
  id: `0x${'ab'.repeat(32)}`,
  bytes: 1234,
  rounding: 'fp32',
  inputs: [{ name: 'image', shape: [1, 28, 28, 1], type: 'i8', scale: 0.5, zeroPoint: -128 }],
  outputs: [{ shape: [1, 10], type: 'i32' }],
  activatedAt: 17n,
  macs: 1_000_000n,
  layers: [{ operator: 'conv2d', output: { shape: [1, 28, 28, 8], type: 'i8', scale: 0.25, zeroPoint: 3 }, macs: 1_000_000n }],
}

const directory: ModelDirectory = {
  list: async () => [model],
  describe: async (id) => (id === model.id ? model : undefined),
  estimateGas: async (id) => (id === model.id ? 255n : undefined),
  run: async () => undefined,
  trace: async () => undefined,
}

let node: TestNode
before(async () => {
  node = await startTestNode(directory)
})
after(() => node.close())

async function call(method: string, params: unknown[] = []) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return (await (await fetch(node.url, { method: 'POST', body })).json()) as { result?: unknown; error?: { code: number; data?: unknown } }
}

const summary = {
  id: model.id,
  bytes: 1234,
  rounding: 'fp32',
  inputs: [{ name: 'image', shape: [1, 28, 28, 1], type: 'i8', scale: 0.5, zeroPoint: -128 }],
  outputs: [{ shape: [1, 10], type: 'i32' }],
  activatedAt: '0x11',
}

test('infer_models lists the active models', async () => {
  assert.deepEqual((await call('infer_models')).result, [summary])
})

test('infer_describe adds the layers and their multiply-adds', async () => {
  assert.deepEqual((await call('infer_describe', [model.id])).result, {
    ...summary,
    macs: '0xf4240',
    layers: [{ operator: 'conv2d', output: { shape: [1, 28, 28, 8], type: 'i8', scale: 0.25, zeroPoint: 3 }, macs: '0xf4240' }],
  })
})

test('infer_estimate tells the gas of a run', async () => {
  assert.equal((await call('infer_estimate', [model.id])).result, '0xff')
})

test('a model that is not active is refused by name', async () => {
  for (const method of ['infer_describe', 'infer_estimate', 'infer_run', 'infer_trace']) {
    const id = `0x${'11'.repeat(32)}`
    const { error } = await call(method, method === 'infer_run' || method === 'infer_trace' ? [id, '0x'] : [id])
    assert.equal(error?.code, -32000)
    assert.deepEqual(error?.data, { code: 'UNKNOWN_MODEL' })
  }
})
