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
