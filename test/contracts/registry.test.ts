import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createAddressFromString } from '@ethereumjs/util'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, getContractAddress, type Hex, padHex } from 'viem'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { createTestChain, registryAbi, sender, type TestChain, testHost } from '../precompiles/chain.ts'
import { denseArtifact, randomBytes } from '../precompiles/models.ts'

const registry = addresses.modelRegistry
const artifact = denseArtifact(64, 10)
const unset = padHex('0x', { size: 32 })
const id = modelId(artifact)
const encode = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi: registryAbi, functionName, args: [...args] })

let chain: TestChain

const read = async (functionName: string, args: readonly unknown[]) => {
  const { output, error, revert } = await chain.call(registry, encode(functionName, args))
  assert.equal(error, undefined, revert?.name)
  return decodeFunctionResult({ abi: registryAbi, functionName, data: bytesToHex(output) })
}
const refusal = async (functionName: string, args: readonly unknown[], from?: Hex) =>
  (await chain.call(registry, encode(functionName, args), from === undefined ? {} : { from })).revert?.name

before(async () => {
  chain = await createTestChain({ host: testHost() })
})

describe('upload', () => {
  test('puts bytes at an address that follows from them, behind a zero byte', async () => {
    const data = randomBytes(24_575, 1)
    const [chunk] = await chain.upload(data)
    const code = await chain.vm.stateManager.getCode(createAddressFromString(chunk!))
    assert.deepEqual(code, Uint8Array.from([0, ...data]))
    const bytecode = `0x61600080600a3d393df300${bytesToHex(data).slice(2)}` as Hex
    const expected = getContractAddress({ opcode: 'CREATE2', from: registry, salt: padHex('0x0', { size: 32 }), bytecode })
    assert.equal(chunk, expected)
    assert.equal(await read('chunkAddress', [bytesToHex(data)]), expected)
    assert.equal(await read('isChunk', [chunk]), true)
  })

  test('a second time costs little and changes nothing', async () => {
    const data = bytesToHex(randomBytes(20_000, 2))
    const first = await chain.send(registry, encode('upload', [data]))
    const second = await chain.send(registry, encode('upload', [data]))
    assert.equal(second.error, undefined)
    assert.deepEqual(second.output, first.output)
    assert.ok(second.gasUsed * 50n < first.gasUsed, `${second.gasUsed} against ${first.gasUsed}`)
  })

  test('refuses no bytes and too many', async () => {
    assert.equal(await refusal('upload', ['0x']), 'WrongChunkLength')
    assert.equal(await refusal('upload', [bytesToHex(new Uint8Array(24_576))]), 'WrongChunkLength')
  })
})

describe('publish', () => {
  test('refuses chunks that the registry has not made', async () => {
    assert.equal(await refusal('publish', [id, [`0x${'12'.repeat(20)}`], '']), 'UnknownChunk')
  })

  test('makes the model active and records owner, metadata and block', async () => {
    const chunks = await chain.upload(artifact)
    const sent = await chain.send(registry, encode('publish', [id, chunks, '{"name":"dense"}']))
    assert.equal(sent.error, undefined)
    const record = (await read('modelOf', [id])) as { owner: string; status: number; metadata: string }
    assert.equal(record.owner.toLowerCase(), sender.toString())
    assert.equal(record.status, 1)
    assert.equal(record.metadata, '{"name":"dense"}')
    assert.deepEqual(await read('chunksOf', [id]), chunks)
    assert.equal(await read('modelCount', []), 1n)
    assert.deepEqual(await read('models', [0n, 10n]), [id])
    assert.deepEqual(await read('models', [1n, 10n]), [])
    const run = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, bytesToHex(randomBytes(64, 3))] })
    assert.equal((await chain.call(addresses.inference, run)).error, undefined)
    assert.equal(await refusal('publish', [id, chunks, '']), 'AlreadyPublished')
  })

  test('chunks in another order, twice, left out or cut short are refused, whoever uploaded them', async () => {
    const large = denseArtifact(256, 256, 31)
    const stranger = `0x${'34'.repeat(20)}` as Hex
    const uploaded: Hex[] = []
    for (let at = 0; at < large.length; at += 24_575) {
      const sent = await chain.send(registry, encode('upload', [bytesToHex(large.subarray(at, at + 24_575))]), { from: stranger })
      uploaded.push(bytesToHex(sent.output.subarray(12)))
    }
    const [a, b, c] = uploaded as [Hex, Hex, Hex]
    assert.equal(uploaded.length, 3)
    const model = modelId(large)
    for (const [chunks, name] of [
      [[b, a, c], 'WrongModelId'],
      [[a, c, b], 'WrongChunkLength'],
      [[a, a, b, c], 'WrongModelId'],
      [[a, b, c, c], 'WrongChunkLength'],
      [[a, b], 'WrongModelId'],
      [[], 'InvalidModel'],
    ] as const)
      assert.match((await refusal('publish', [model, chunks, ''])) ?? 'nothing', new RegExp(`^(${name}|InvalidModel)$`), chunks.join())
    assert.equal(await refusal('publish', [model, uploaded, '']), undefined)
    const again = await chain.send(registry, encode('upload', [bytesToHex(large.subarray(0, 24_575))]))
    assert.equal(bytesToHex(again.output.subarray(12)), a)
  })

  test('what an owner may do is for the owner alone', async () => {
    const stranger = `0x${'34'.repeat(20)}` as Hex
    assert.equal(await refusal('setMetadata', [id, 'x'], stranger), 'NotOwner')
    assert.equal(await refusal('deprecate', [id, unset], stranger), 'NotOwner')
    assert.equal(await refusal('transferOwnership', [id, stranger], stranger), 'NotOwner')
    assert.equal(await refusal('setMetadata', [padHex('0x1', { size: 32 }), 'x']), 'UnknownModel')
    await chain.send(registry, encode('setMetadata', [id, 'new']))
    await chain.send(registry, encode('deprecate', [id, unset]))
    await chain.send(registry, encode('transferOwnership', [id, stranger]))
    const record = (await read('modelOf', [id])) as { owner: string; status: number; metadata: string }
    assert.deepEqual([record.owner, record.status, record.metadata], [stranger, 2, 'new'])
    // Deprecated is advice.
    const run = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, bytesToHex(randomBytes(64, 3))] })
    assert.equal((await chain.call(addresses.inference, run)).error, undefined)
  })
})

describe('the life of a model', () => {
  const run = (model: Hex) => encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [model, bytesToHex(randomBytes(64, 3))] })
  const operator = `0x${'56'.repeat(20)}` as Hex
  let [first, second]: Hex[] = []
  before(async () => {
    first = await chain.publish(denseArtifact(64, 10, 21))
    second = await chain.publish(denseArtifact(64, 10, 22))
  })
  const send = async (functionName: string, args: readonly unknown[]) => {
    const sent = await chain.send(registry, encode(functionName, args))
    assert.equal(sent.error, undefined, sent.revert?.name)
  }
  const statusOf = (model: Hex | undefined) => read('statusOf', [model])

  test('deprecated with a successor, it still runs; reinstated, it has none', async () => {
    await send('deprecate', [first, second])
    assert.equal(await statusOf(first), 2)
    assert.equal(await read('successorOf', [first]), second)
    assert.equal((await chain.call(addresses.inference, run(first!))).error, undefined)
    await send('reinstate', [first])
    assert.equal(await statusOf(first), 1)
    assert.equal(await read('successorOf', [first]), unset)
    assert.equal(await refusal('deprecate', [first, padHex('0x1', { size: 32 })]), 'UnknownModel')
  })

  test('an operator may do all but hand it on, retire it and name operators', async () => {
    assert.equal(await refusal('deprecate', [first, unset], operator), 'NotOwner')
    await send('setOperator', [first, operator, true])
    const card = { input: '', output: '', labels: '', licence: 'MIT', uri: '' }
    const allowed: [string, unknown[]][] = [
      ['deprecate', [first, unset]],
      ['reinstate', [first]],
      ['setMetadata', [first, 'x']],
      ['setCard', [first, card]],
      ['setParent', [first, unset]],
    ]
    for (const [functionName, args] of allowed) assert.equal(await refusal(functionName, args, operator), undefined, functionName)
    const refused: [string, unknown[]][] = [
      ['transferOwnership', [first, operator]],
      ['retire', [first]],
      ['setOperator', [first, operator, true]],
    ]
    for (const [functionName, args] of refused) assert.equal(await refusal(functionName, args, operator), 'NotOwner', functionName)
    assert.equal(await refusal('deprecate', [second, unset], operator), 'NotOwner')
    await send('setOperator', [first, operator, false])
    assert.equal(await refusal('deprecate', [first, unset], operator), 'NotOwner')
  })

  test('its card is kept as it was given', async () => {
    const card = { input: 'NHWC 28×28', output: '10 scores', labels: 'zero\none', licence: 'Apache-2.0', uri: 'ipfs://bafy' }
    await send('setCard', [first, card])
    assert.deepEqual(await read('cardOf', [first]), card)
    await send('setCard', [first, { ...card, labels: '' }])
    assert.deepEqual(await read('cardOf', [first]), { ...card, labels: '' })
  })

  test('its parent is older than itself', async () => {
    await send('setParent', [second, first])
    assert.equal(await read('parentOf', [second]), first)
    assert.equal(await refusal('setParent', [first, second]), 'NotOlder')
    assert.equal(await refusal('setParent', [first, first]), 'NotOlder')
    assert.equal(await refusal('setParent', [first, padHex('0x1', { size: 32 })]), 'UnknownModel')
  })

  test('the zero address cannot own it', async () => {
    assert.equal(await refusal('transferOwnership', [first, padHex('0x', { size: 20 })]), 'ZeroOwner')
  })

  test('retired, nothing of it runs, it is described still, and there is no way back', async () => {
    await send('retire', [first])
    assert.equal(await statusOf(first), 3)
    const input = bytesToHex(randomBytes(64, 3))
    const calls = [
      run(first!),
      encodeFunctionData({ abi: inferenceAbi, functionName: 'consume', args: [first!, input] }),
      encodeFunctionData({ abi: inferenceAbi, functionName: 'step', args: [first!, 0n, input] }),
    ]
    for (const data of calls)
      assert.deepEqual((await chain.call(addresses.inference, data)).revert, { name: 'RetiredModel', args: [first] })
    for (const functionName of ['describe', 'chunksOf'] as const) {
      const data = encodeFunctionData({ abi: inferenceAbi, functionName, args: [first!] })
      assert.equal((await chain.call(addresses.inference, data)).error, undefined)
    }
    for (const [functionName, args] of [
      ['reinstate', [first]],
      ['deprecate', [first, unset]],
      ['retire', [first]],
    ] as const)
      assert.equal(await refusal(functionName, args), 'RetiredModel')
    assert.equal(await refusal('publish', [first, await chain.upload(denseArtifact(64, 10, 21)), '']), 'AlreadyPublished')
    assert.equal((await chain.call(addresses.inference, run(second!))).error, undefined)
  })

  test('only the registry tells the precompile', async () => {
    const retire = encodeFunctionData({ abi: inferenceAbi, functionName: 'retire', args: [second!] })
    assert.equal((await chain.call(addresses.inference, retire)).revert?.name, 'NotRegistry')
    const asRegistry = { from: registry }
    assert.equal((await chain.call(addresses.inference, retire, asRegistry)).error, undefined)
    for (const [model, name] of [
      [first!, 'RetiredModel'],
      [unset, 'UnknownModel'],
    ] as const) {
      const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'retire', args: [model] })
      assert.equal((await chain.call(addresses.inference, data, asRegistry)).revert?.name, name)
    }
    const again = encodeFunctionData({ abi: inferenceAbi, functionName: 'activate', args: [first!, []] })
    assert.equal((await chain.call(addresses.inference, again, asRegistry)).revert?.name, 'AlreadyActive')
  })
})
