import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, keccak256, padHex, stringToHex } from 'viem'
import { addresses } from '../../precompiles/index.ts'
import { contracts, createTestChain, registryAbi, sender, type TestChain, testHost } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'

const names = addresses.modelNames
const { abi } = contracts.ModelNames!
const encode = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi, functionName, args: [...args] })
const stranger = `0x${'34'.repeat(20)}` as Hex
const zero = padHex('0x', { size: 20 })

let chain: TestChain
let models: Hex[]

const refusal = async (functionName: string, args: readonly unknown[], from?: Hex) =>
  (await chain.call(names, encode(functionName, args), from === undefined ? {} : { from })).revert?.name
const send = async (functionName: string, args: readonly unknown[]) => {
  const sent = await chain.send(names, encode(functionName, args))
  assert.equal(sent.error, undefined, sent.revert?.name)
}
const read = async (functionName: string, args: readonly unknown[] = []) => {
  const { output, error, revert } = await chain.call(names, encode(functionName, args))
  assert.equal(error, undefined, revert?.name)
  return decodeFunctionResult({ abi, functionName, data: bytesToHex(output) })
}
const ofRegistry = async (functionName: string, args: readonly unknown[]) => {
  const data = encodeFunctionData({ abi: registryAbi, functionName, args: [...args] })
  assert.equal((await chain.send(addresses.modelRegistry, data)).error, undefined)
}

before(async () => {
  chain = await createTestChain({ host: testHost() })
  models = []
  for (const seed of [1, 2, 3]) models.push(await chain.publish(denseArtifact(8, 4, seed)))
})

describe('a name', () => {
  test('is given to who comes first, and leads to the newest version', async () => {
    await send('register', ['vision/digits', models[0]])
    assert.equal(await refusal('register', ['vision/digits', models[1]], stranger), 'NameTaken')
    assert.equal(await read('resolve', ['vision/digits']), models[0])
    await send('upgrade', ['vision/digits', models[1]])
    assert.equal(await read('resolve', ['vision/digits']), models[1])
    assert.equal(await read('versionCount', ['vision/digits']), 2n)
    assert.equal(await read('versionOf', ['vision/digits', 1n]), models[0])
    assert.deepEqual(await read('versions', ['vision/digits', 0n, 10n]), models.slice(0, 2))
    assert.deepEqual(await read('versions', ['vision/digits', 1n, 10n]), [models[1]])
    assert.deepEqual(await read('versions', ['vision/digits', 5n, 10n]), [])
    for (const version of [0n, 3n]) assert.equal(await refusal('versionOf', ['vision/digits', version]), 'UnknownVersion')
    assert.equal(await read('keyOf', ['vision/digits']), keccak256(stringToHex('vision/digits')))
  })

  test('goes back by a version of its own', async () => {
    await send('upgrade', ['vision/digits', models[0]])
    assert.deepEqual(await read('versions', ['vision/digits', 0n, 10n]), [models[0], models[1], models[0]])
  })

  test('has 1 to 64 lower-case letters, digits, and marks between them', async () => {
    for (const good of ['a', '0', 'a-b', 'a.b_c/d', 'x'.repeat(64)])
      assert.equal(await refusal('register', [good, models[0]]), undefined, good)
    for (const bad of ['', 'x'.repeat(65), 'A', '-a', 'a-', '/', 'a b', 'é', 'a\u0000b']) {
      assert.equal(await refusal('register', [bad, models[0]]), 'InvalidName', bad)
    }
  })

  test('leads to active models only', async () => {
    assert.equal(await refusal('register', ['new', padHex('0x1', { size: 32 })]), 'NotActive')
    await ofRegistry('deprecate', [models[2], padHex('0x', { size: 32 })])
    assert.equal(await refusal('upgrade', ['vision/digits', models[2]]), 'NotActive')
    await ofRegistry('retire', [models[2]])
    assert.equal(await refusal('upgrade', ['vision/digits', models[2]]), 'NotActive')
  })

  test('is its owner’s: operators upgrade it and no more', async () => {
    for (const [functionName, args] of [
      ['upgrade', ['vision/digits', models[0]]],
      ['setOperator', ['vision/digits', stranger, true]],
      ['transferOwnership', ['vision/digits', stranger]],
    ] as const)
      assert.equal(await refusal(functionName, args, stranger), 'NotNameOwner')
    await send('setOperator', ['vision/digits', stranger, true])
    assert.equal(await read('isOperator', ['vision/digits', stranger]), true)
    assert.equal(await refusal('upgrade', ['vision/digits', models[0]], stranger), undefined)
    assert.equal(await refusal('transferOwnership', ['vision/digits', stranger], stranger), 'NotNameOwner')
    assert.equal(await refusal('transferOwnership', ['vision/digits', zero]), 'ZeroOwner')
    await send('transferOwnership', ['vision/digits', stranger])
    assert.equal(await read('ownerOf', ['vision/digits']), stranger)
    assert.equal(await refusal('upgrade', ['vision/digits', models[0]], sender.toString() as Hex), 'NotNameOwner')
  })

  test('that nobody has is told', async () => {
    for (const functionName of ['resolve', 'versionCount', 'ownerOf']) assert.equal(await refusal(functionName, ['nobody']), 'UnknownName')
    assert.equal(await refusal('upgrade', ['nobody', models[0]]), 'UnknownName')
  })

  test('is listed', async () => {
    await send('register', ['second', models[1]])
    assert.equal(await read('nameCount'), 2n)
    assert.deepEqual(await read('names', [0n, 10n]), ['vision/digits', 'second'])
    assert.deepEqual(await read('names', [1n, 1n]), ['second'])
  })
})
