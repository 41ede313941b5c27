import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createAddressFromString } from '@ethereumjs/util'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes, toFunctionSelector, toHex } from 'viem'
import { addresses, callGas, genesisPrices, inferenceAbi, listModels, priceNames, priceVector } from '../../precompiles/index.ts'
import { decodeModel, encodeModel, type Host, modelId } from '../../runtime/index.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { type Contract, compile, contracts, createTestChain, registryAbi, sender, type TestChain, testHost } from './chain.ts'
import { denseArtifact, denseModel, randomBytes, tiedArtifact } from './models.ts'

const inference = addresses.inference
const unknown = `0x${'11'.repeat(32)}` as Hex
const artifact = denseArtifact(64, 10)
const input = randomBytes(64, 5)

let host: Host
let chain: TestChain
let probe: Hex
let probeContract: Contract
let model: Hex

const runData = (id: Hex, bytes: Uint8Array) =>
  encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, bytesToHex(bytes)] })
const probeData = (functionName: string, args: readonly unknown[]) =>
  encodeFunctionData({ abi: probeContract.abi as Abi, functionName, args: [...args] })
const probeResult = (functionName: string, output: Uint8Array) =>
  decodeFunctionResult({ abi: probeContract.abi as Abi, functionName, data: bytesToHex(output) }) as unknown[]
const expected = runBytes(denseModel(64, 10), input)
const asBytes = (functionName: 'run' | 'step', output: Uint8Array) =>
  hexToBytes(decodeFunctionResult({ abi: inferenceAbi, functionName, data: bytesToHex(output) }) as Hex)

before(async () => {
  host = testHost()
  chain = await createTestChain({ host })
  probeContract = compile('test/precompiles/contracts/Probe.sol').Probe!
  probe = await chain.deploy(probeContract)
  model = await chain.publish(artifact)
})

describe('run', () => {
  test('gives the bytes of the reference, the same in a call, a transaction and a nested call', async () => {
    const data = runData(model, input)
    const called = await chain.call(inference, data)
    assert.equal(called.error, undefined)
    assert.deepEqual(asBytes('run', called.output), expected)
    const sent = await chain.send(inference, data)
    assert.deepEqual(sent.output, called.output)
    assert.equal(sent.gasUsed, called.gasUsed)
    const [success, output] = probeResult('byCall', (await chain.call(probe, probeData('byCall', [inference, data]))).output) as [
      boolean,
      Hex,
    ]
    assert.equal(success, true)
    assert.deepEqual(hexToBytes(output), called.output)
  })

  test('takes the gas that gasOf says, in a static call too', async () => {
    const data = runData(model, input)
    const { output } = await chain.call(inference, encodeFunctionData({ abi: inferenceAbi, functionName: 'gasOf', args: [model, true] }))
    const gas = decodeFunctionResult({ abi: inferenceAbi, functionName: 'gasOf', data: bytesToHex(output) }) as bigint
    assert.equal((await chain.call(inference, data)).gasUsed, gas)
    assert.equal((await chain.call(inference, data, { isStatic: true })).gasUsed, gas)
    assert.equal((await chain.call(inference, data, { gasLimit: gas })).error, undefined)
    assert.deepEqual(await chain.call(inference, data, { gasLimit: gas - 1n }), {
      output: new Uint8Array(),
      gasUsed: gas - 1n,
      error: 'out of gas',
    })
  })

  test('pays for the model once in a transaction, and again after a frame that used it was reverted', async () => {
    const gasOf = async (firstUse: boolean) => {
      const { output } = await chain.call(
        inference,
        encodeFunctionData({ abi: inferenceAbi, functionName: 'gasOf', args: [model, firstUse] }),
      )
      return decodeFunctionResult({ abi: inferenceAbi, functionName: 'gasOf', data: bytesToHex(output) }) as bigint
    }
    const difference = (await gasOf(true)) - (await gasOf(false))
    assert.ok(difference > 0n)
    for (const functionName of ['twice', 'afterUndone']) {
      const { output } = await chain.send(probe, probeData(functionName, [inference, runData(model, input)]))
      const [first, second] = probeResult(functionName, output) as [bigint, bigint]
      assert.equal(first - second, difference, functionName)
    }
    // The next transaction pays anew.
    const { output } = await chain.send(probe, probeData('twice', [inference, runData(model, input)]))
    const [first, second] = probeResult('twice', output) as [bigint, bigint]
    assert.equal(first - second, difference)
  })

  test('gives the same to frames within frames', async () => {
    const { output, error } = await chain.call(probe, probeData('nested', [5n, inference, runData(model, input)]))
    assert.equal(error, undefined)
    const [inner] = [probeResult('nested', output)] as unknown as [Hex]
    assert.deepEqual(asBytes('run', hexToBytes(inner)), expected)
  })

  test('takes the same gas whether the model is loaded or not', async () => {
    const warm = await chain.call(inference, runData(model, input))
    host.clear()
    assert.deepEqual(await chain.call(inference, runData(model, input)), warm)
  })

  test('reverts for an unknown model with the entry gas alone', async () => {
    const { error, revert, gasUsed } = await chain.call(inference, runData(unknown, input))
    assert.equal(error, 'revert')
    assert.deepEqual(revert, { name: 'UnknownModel', args: [unknown] })
    assert.ok(gasUsed < callGas + 100n)
  })

  test('reverts for an input of another length', async () => {
    for (const length of [0, 63, 65]) {
      const { revert } = await chain.call(inference, runData(model, randomBytes(length, 1)))
      assert.deepEqual(revert, { name: 'WrongInputLength', args: [BigInt(length), 64n] })
    }
  })
})

describe('step', () => {
  test('runs each operator on given operands, and the last one gives what run gives', async () => {
    const step = async (operator: bigint, operands: Uint8Array) => {
      const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'step', args: [model, operator, bytesToHex(operands)] })
      return chain.call(inference, data)
    }
    const hidden = asBytes('step', (await step(0n, input)).output)
    assert.deepEqual(asBytes('step', (await step(1n, hidden)).output), expected)
    assert.deepEqual((await step(2n, hidden)).revert, { name: 'UnknownOperator', args: [2n, 2n] })
    assert.deepEqual((await step(2n ** 255n, hidden)).revert, { name: 'UnknownOperator', args: [2n ** 255n, 2n] })
    assert.deepEqual((await step(1n, input)).revert, { name: 'WrongInputLength', args: [64n, 10n] })
  })

  test('leaves later runs as they were', async () => {
    const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'step', args: [model, 0n, bytesToHex(randomBytes(64, 99))] })
    await chain.call(inference, data)
    assert.deepEqual(asBytes('run', (await chain.call(inference, runData(model, input))).output), expected)
  })
})

test('describe says what the artifact says', async () => {
  const { output } = await chain.call(inference, encodeFunctionData({ abi: inferenceAbi, functionName: 'describe', args: [model] }))
  const description = decodeFunctionResult({ abi: inferenceAbi, functionName: 'describe', data: bytesToHex(output) })
  assert.deepEqual(description, {
    rounding: 2,
    operatorCount: 2,
    macs: 640n,
    modelBytes: artifact.length,
    pages: host.plan(artifact).pages,
    inputBytes: 64,
    outputBytes: 10,
    inputs: [{ tensorType: 0, shape: [1, 64], scaleBits: 0x3f000000, zeroPoint: 0 }],
    outputs: [{ tensorType: 0, shape: [1, 10], scaleBits: 0x3e800000, zeroPoint: 3 }],
  })
})

describe('activate', () => {
  const activate = (id: Hex, chunks: readonly Hex[]) =>
    encodeFunctionData({ abi: inferenceAbi, functionName: 'activate', args: [id, [...chunks]] })
  const asRegistry = { from: addresses.modelRegistry }

  test('is for the registry alone, and not in a static call', async () => {
    const { revert } = await chain.call(inference, activate(unknown, []))
    assert.equal(revert?.name, 'NotRegistry')
    assert.equal(String(revert?.args[0]).toLowerCase(), sender.toString())
    assert.equal((await chain.call(inference, activate(unknown, []), { ...asRegistry, isStatic: true })).revert?.name, 'StaticCall')
  })

  test('records a model of several chunks, byte for byte', async () => {
    const large = denseArtifact(1000, 60, 3)
    assert.ok(large.length > 2 * 24_575)
    const id = await chain.publish(large)
    const { output } = await chain.call(inference, runData(id, randomBytes(1000, 8)))
    assert.deepEqual(asBytes('run', output), runBytes(decodeModel(large), randomBytes(1000, 8)))
    const chunks = await chain.call(inference, encodeFunctionData({ abi: inferenceAbi, functionName: 'chunksOf', args: [id] }))
    assert.equal(
      (decodeFunctionResult({ abi: inferenceAbi, functionName: 'chunksOf', data: bytesToHex(chunks.output) }) as Hex[]).length,
      3,
    )
    const state = { getStorage: async (address: Hex, slot: Uint8Array) => pad(await storage(address, slot)) }
    assert.deepEqual(
      (await listModels(state)).map((record) => record.id),
      [model, id],
    )
    assert.deepEqual((await listModels(state))[1]?.work, host.plan(large).work)
  })

  test('refuses another id, a broken artifact, a second time, chunks that are not full and accounts without data', async () => {
    const other = denseArtifact(64, 10, 77)
    const [chunk] = (await chain.upload(other)) as [Hex]
    const id = modelId(other)
    assert.deepEqual((await chain.call(inference, activate(unknown, [chunk]), asRegistry)).revert, {
      name: 'WrongModelId',
      args: [id, unknown],
    })
    assert.deepEqual((await chain.call(inference, activate(model, [chunk]), asRegistry)).revert, { name: 'AlreadyActive', args: [model] })
    assert.deepEqual((await chain.call(inference, activate(id, [chunk, chunk]), asRegistry)).revert, {
      name: 'WrongChunkLength',
      args: [0n, BigInt(other.length), 24_575n],
    })
    const notData = await chain.call(inference, activate(id, [probe]), asRegistry)
    assert.equal(notData.revert?.name, 'NotData')
    assert.equal((await chain.call(inference, activate(id, []), asRegistry)).revert?.name, 'InvalidModel')
    const broken = encodeModel({ ...denseModel(64, 10), operators: denseModel(64, 10).operators.toReversed() })
    const [brokenChunk] = (await chain.upload(broken)) as [Hex]
    const refused = await chain.call(inference, activate(modelId(broken), [brokenChunk]), asRegistry)
    assert.deepEqual(refused.revert?.name, 'InvalidModel')
  })

  test('takes gas for each byte before it is hashed', async () => {
    const other = denseArtifact(64, 10, 78)
    const [chunk] = (await chain.upload(other)) as [Hex]
    const done = await chain.call(inference, activate(modelId(other), [chunk]), asRegistry)
    assert.equal(done.error, undefined)
    assert.ok(done.gasUsed > host.activationGas(other.length, priceVector(genesisPrices)))
    const short = await chain.call(inference, activate(modelId(other), [chunk]), { ...asRegistry, gasLimit: done.gasUsed - 1n })
    assert.equal(short.error, 'out of gas')
  })

  test('and for each reading of a constant that operators share, before it is checked', async () => {
    const tied = tiedArtifact(96, 20)
    const chunks = await chain.upload(tied)
    const done = await chain.call(inference, activate(modelId(tied), chunks), asRegistry)
    assert.equal(done.error, undefined)
    const perByte = genesisPrices.activationBytes + genesisPrices.loadedBytes
    assert.ok(done.gasUsed > (BigInt(tied.length) * perByte + 19n * 96n * 96n * genesisPrices.loadedBytes) / 1000n)
    const short = await chain.call(inference, activate(modelId(tied), chunks), { ...asRegistry, gasLimit: done.gasUsed - 1n })
    assert.equal(short.error, 'out of gas')
    // What is not paid is not read: the module plans nothing.
    const { plan } = host
    host.plan = () => assert.fail('planned')
    const unpaid = await chain.call(inference, activate(modelId(tied), chunks), { ...asRegistry, gasLimit: done.gasUsed - 100_000n })
    host.plan = plan
    assert.equal(unpaid.error, 'out of gas')
  })

  test('leaves nothing behind where the transaction fails', async () => {
    const other = denseArtifact(64, 10, 79)
    const chunks = await chain.upload(other)
    const data = encodeFunctionData({ abi: registryAbi, functionName: 'publish', args: [unknown, chunks, ''] })
    assert.equal((await chain.send(addresses.modelRegistry, data)).revert?.name, 'WrongModelId')
    assert.equal((await chain.call(inference, runData(unknown, input))).revert?.name, 'UnknownModel')
    const first = encodeFunctionData({ abi: registryAbi, functionName: 'publish', args: [modelId(other), chunks, ''] })
    assert.equal((await chain.send(addresses.modelRegistry, first, { gasLimit: 200_000n })).error !== undefined, true)
    assert.equal((await chain.call(inference, runData(modelId(other), input))).revert?.name, 'UnknownModel')
  })

  test('keeps to the limits of the chain', async () => {
    const small = await createTestChain({ host, limits: { maxModelBytes: 500 } })
    await assert.rejects(small.publish(artifact), /TooLarge/)
    const flat = await createTestChain({ host, limits: { maxPages: 0 } })
    await assert.rejects(flat.publish(artifact), /InvalidModel\(memory/)
  })
})

describe('every function', () => {
  test('refuses DELEGATECALL, CALLCODE, value, unknown selectors and malformed calldata', async () => {
    const data = runData(model, input)
    for (const functionName of ['byDelegateCall', 'byCallCode']) {
      const { output } = await chain.call(probe, probeData(functionName, [inference, data]))
      const [success, returned] = probeResult(functionName, output) as [boolean, Hex]
      assert.equal(success, false, functionName)
      assert.equal(returned, toFunctionSelector('DelegateCall()'), functionName)
    }
    assert.deepEqual((await chain.call(inference, data, { value: 5n })).revert, { name: 'ValueSent', args: [5n] })
    assert.deepEqual((await chain.call(inference, '0x12345678')).revert, { name: 'UnknownFunction', args: ['0x12345678'] })
    assert.deepEqual((await chain.call(inference, '0x')).revert, { name: 'UnknownFunction', args: ['0x00000000'] })
    const malformed: Hex[] = [
      data.slice(0, 10) as Hex,
      data.slice(0, -2) as Hex,
      data.slice(0, 74 + 64) as Hex,
      // The offset of the input points outside.
      `${data.slice(0, 74)}${'ff'.repeat(32)}${data.slice(138)}` as Hex,
    ]
    for (const bad of malformed) assert.equal((await chain.call(inference, bad)).revert?.name, 'MalformedCalldata', bad.slice(0, 80))
  })

  test('ignores bytes after the arguments, as Solidity does', async () => {
    const { output } = await chain.call(inference, `${runData(model, input)}${'ab'.repeat(32)}`)
    assert.deepEqual(asBytes('run', output), expected)
  })

  test('halts with too little gas for the entry', async () => {
    assert.deepEqual(await chain.call(inference, runData(model, input), { gasLimit: 100n }), {
      output: new Uint8Array(),
      gasUsed: 100n,
      error: 'out of gas',
    })
  })
})

test('prices are read from the GasSchedule in the calling state', async () => {
  const own = await createTestChain({ host })
  await own.publish(artifact)
  const before = await own.call(inference, runData(model, input))
  const prices = priceVector({ ...genesisPrices, base: genesisPrices.base + 100_000n }).map(Number)
  const abi = contracts.GasSchedule!.abi
  const { error } = await own.send(addresses.gasSchedule, encodeFunctionData({ abi, functionName: 'setPrices', args: [prices] }))
  assert.equal(error, undefined)
  assert.equal((await own.call(inference, runData(model, input))).gasUsed, before.gasUsed + 100n)
  const { output } = await own.call(addresses.gasSchedule, encodeFunctionData({ abi, functionName: 'prices' }))
  assert.deepEqual(decodeFunctionResult({ abi, functionName: 'prices', data: bytesToHex(output) }), prices)
  assert.equal(prices.length, priceNames.length)
})

async function storage(address: Hex, slot: Uint8Array): Promise<Uint8Array> {
  return chain.vm.stateManager.getStorage(createAddressFromString(address), slot)
}

function pad(bytes: Uint8Array): Uint8Array {
  return hexToBytes(toHex(bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes)), { size: 32 }))
}
