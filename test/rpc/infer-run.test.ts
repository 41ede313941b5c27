/** infer_run and infer_trace: a model of the chain, run by the node alone. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type ClientNode, hex, imported, sample, startClientNode } from '../client/support.ts'
import { rpcOf } from './support.ts'

interface Run {
  output: string
  gas: string
  milliseconds: number
}
interface Tensor {
  shape: number[]
  type: string
}
interface Trace extends Run {
  operators: {
    index: number
    operator: string
    inputs: Tensor[]
    outputs: Tensor[]
    macs: string
    gas: string
    milliseconds: number
    hash: string
  }[]
}

let clientNode: ClientNode
let rpc: ReturnType<typeof rpcOf>
before(async () => {
  clientNode = await startClientNode()
  rpc = rpcOf(clientNode.url)
  await clientNode.client.deployModel({ artifact: imported.bytes })
})
after(() => clientNode.node.close())

const { input, output } = sample(0)

test('a run gives the output that a contract would get, and the gas that it would pay', async () => {
  const run = await rpc<Run>('infer_run', imported.id, hex(input))
  assert.equal(run.output, hex(output))
  assert.equal(run.gas, await rpc('infer_estimate', imported.id))
  assert.ok(run.milliseconds >= 0)
  const parts = [hex(input.subarray(0, 100)), hex(input.subarray(100))]
  assert.equal((await rpc<Run>('infer_run', imported.id, parts)).output, hex(output))
})

test('a trace shows each operator with shapes, work, gas, time and the hash of its results', async () => {
  const before = await rpc('eth_blockNumber')
  const trace = await rpc<Trace>('infer_trace', imported.id, hex(input))
  assert.equal(trace.output, hex(output))
  const described = await rpc<{ macs: string; layers: { operator: string; output: Tensor }[] }>('infer_describe', imported.id)
  assert.deepEqual(
    trace.operators.map(({ index, operator, outputs }) => [index, operator, outputs[0]]),
    described.layers.map(({ operator, output }, index) => [index, operator, output]),
  )
  assert.deepEqual(trace.operators[0]!.inputs, [{ shape: [1, 28, 28, 1], type: 'i8' }])
  assert.equal(
    trace.operators.reduce((sum, { macs }) => sum + BigInt(macs), 0n),
    BigInt(described.macs),
  )
  const gas = trace.operators.reduce((sum, operator) => sum + BigInt(operator.gas), 0n)
  assert.ok(gas > 0n && gas < BigInt(trace.gas), 'the base price, input, output and loading come on top')
  assert.equal(trace.operators.at(-1)!.hash, `0x${createHash('sha256').update(output).digest('hex')}`)
  const again = await rpc<Trace>('infer_trace', imported.id, hex(input))
  assert.deepEqual(
    again.operators.map(({ hash }) => hash),
    trace.operators.map(({ hash }) => hash),
  )
  assert.equal(await rpc('eth_blockNumber'), before)
})

test('an input of another length is refused with both lengths', async () => {
  const wrong = { code: -32602, message: /parameter 2 "input": the input has 1 bytes, wanted 784/ }
  await assert.rejects(rpc('infer_run', imported.id, '0x00'), wrong)
  await assert.rejects(rpc('infer_trace', imported.id, '0x00'), wrong)
  await assert.rejects(rpc('infer_run', imported.id, 'x'), { code: -32602, message: /wanted bytes, or a list of them/ })
})
