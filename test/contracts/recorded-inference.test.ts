/** RecordedInference gives the answers that were recorded, and says plainly what was not. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, keccak256, padHex, slice, toFunctionSelector } from 'viem'
import { parseRecording, type RecordedCall, recordingText } from '../../node/client/recording.ts'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { type ClientNode, imported, sample, startClientNode } from '../client/support.ts'
import { contracts, createTestChain, type TestChain, testHost } from '../precompiles/chain.ts'

const { abi } = contracts.RecordedInference!
const shortInput = new Uint8Array(3)

let node: ClientNode
let chain: TestChain
let recorded: Hex
let id: Hex
let calls: RecordedCall[]
before(async () => {
  node = await startClientNode()
  ;({ id } = await node.client.deployModel({ artifact: imported.bytes }))
  calls = await node.client.recordInferences({ id, inputs: [sample(0).input, sample(1).input, shortInput] })
  chain = await createTestChain({ host: testHost() })
  recorded = await chain.deploy(contracts.RecordedInference!)
})
after(() => node?.node.close())

const run = (input: Uint8Array, functionName: 'run' | 'consume' = 'run') =>
  encodeFunctionData({ abi: inferenceAbi, functionName, args: [id, bytesToHex(input)] })

test('replays results and reverts of the node, byte for byte', async () => {
  for (const { callData, isRevert, data } of parseRecording(recordingText(calls), 'recording')) {
    const sent = await chain.send(recorded, encodeFunctionData({ abi, functionName: 'record', args: [callData, isRevert, data] }))
    assert.equal(sent.error, undefined)
  }
  for (const index of [0, 1])
    for (const functionName of ['run', 'consume'] as const) {
      const { output } = await chain.call(recorded, run(sample(index).input, functionName))
      assert.deepEqual(
        decodeFunctionResult({ abi: inferenceAbi, functionName, data: bytesToHex(output) }),
        bytesToHex(sample(index).output),
      )
    }
  assert.deepEqual((await chain.call(recorded, run(shortInput))).revert, { name: 'WrongInputLength', args: [3n, 784n] })
  for (const [functionName, args] of [
    ['describe', [id]],
    ['gasOf', [id, true]],
    ['gasOf', [id, false]],
  ] as const) {
    const data = encodeFunctionData({ abi: inferenceAbi, functionName, args: args as never })
    const answer = await node.client.request({ method: 'eth_call', params: [{ to: addresses.inference, data }, 'latest'] })
    assert.equal(bytesToHex((await chain.call(recorded, data)).output), answer)
  }
})

test('names the call that was not recorded', async () => {
  const callData = run(sample(2).input)
  assert.deepEqual((await chain.call(recorded, callData)).revert, {
    name: 'NotRecorded',
    args: [slice(callData, 0, 4), id, keccak256(slice(callData, 4))],
  })
  assert.equal((await chain.call(recorded, slice(callData, 0, 4))).revert?.name, 'NotRecorded')
  assert.deepEqual((await chain.call(recorded, '0x123456')).revert, { name: 'NoCall', args: [3n] })
  const noCall = encodeFunctionData({ abi, functionName: 'record', args: ['0x12', false, '0x'] })
  assert.deepEqual((await chain.call(recorded, noCall)).revert, { name: 'NoCall', args: [1n] })
})

test('the last answer counts', async () => {
  for (const data of [padHex('0x01', { size: 32 }), padHex('0x02', { size: 32 })]) {
    await chain.send(recorded, encodeFunctionData({ abi, functionName: 'record', args: ['0x12345678', false, data] }))
    assert.equal(bytesToHex((await chain.call(recorded, '0x12345678')).output), data)
  }
})

test('recording an unknown model records its refusal', async () => {
  const unknown = padHex('0x1', { size: 32 })
  const [description] = await node.client.recordInferences({ id: unknown, inputs: [] })
  assert.deepEqual([description?.isRevert, description?.data.slice(0, 10)], [true, toFunctionSelector('UnknownModel(bytes32)')])
})

test('what is no recording is refused by name', () => {
  const text = recordingText(calls)
  const broken: [text: string, message: RegExp][] = [
    ['{', /x\.json is no recording: .*JSON/],
    ['null', /its format is undefined/],
    [text.replace('recording 1', 'recording 2'), /its format is "infernode recording 2", wanted "infernode recording 1"/],
    [text.replace('false', '"no"'), /entry 0 is no name/],
    [JSON.stringify({ format: 'infernode recording 1' }), /its functions is no list of calls/],
  ]
  for (const [content, message] of broken) assert.throws(() => parseRecording(content, 'x.json'), { code: 'RECORDING_INVALID', message })
})
