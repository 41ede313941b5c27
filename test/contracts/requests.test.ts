/** Models whose bytes are off chain: asked for by anybody, activated by the chain itself. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, getAddress, type Hex } from 'viem'
import { addresses, inferenceAbi, systemAddress } from '../../precompiles/index.ts'
import { NodeFault } from '../../runtime/host/errors.ts'
import { modelId } from '../../runtime/index.ts'
import { createTestChain, registryAbi, sender, type TestChain, testHost } from '../precompiles/chain.ts'
import { denseArtifact, randomBytes } from '../precompiles/models.ts'

const { modelRegistry: registry, inference } = addresses
const stranger = `0x${'34'.repeat(20)}` as Hex
const cid = `0x01551220${'ab'.repeat(32)}` as Hex
const gas = 5_000_000n
const encode = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi: registryAbi, functionName, args: [...args] })

let chain: TestChain
/** What the node holds. */
const held = new Map<Hex, Uint8Array>()

const read = async (functionName: string, args: readonly unknown[]) => {
  const { output, error, revert } = await chain.call(registry, encode(functionName, args))
  assert.equal(error, undefined, revert?.name)
  return decodeFunctionResult({ abi: registryAbi, functionName, data: bytesToHex(output) })
}
const refusal = async (functionName: string, args: readonly unknown[], from?: Hex) => {
  const { error, revert } = await chain.call(registry, encode(functionName, args), from === undefined ? {} : { from })
  return revert?.name ?? error
}
const requestArgs = (model: Hex, size: number, paid = gas) => [model, cid, size, paid, 'far away']
/** @returns its number */
const request = async (artifact: Uint8Array, { size = artifact.length, paid = gas, from = sender.toString() as Hex } = {}) => {
  const sent = await chain.send(registry, encode('request', requestArgs(modelId(artifact), size, paid)), { from })
  assert.equal(sent.error, undefined, sent.revert?.name)
  return decodeFunctionResult({ abi: registryAbi, functionName: 'request', data: bytesToHex(sent.output) }) as bigint
}
const activate = (number: bigint) => chain.send(registry, encode('activateRequested', [number]), { from: systemAddress })
const run = (model: Hex) => encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [model, bytesToHex(randomBytes(64, 3))] })

before(async () => {
  chain = await createTestChain({ host: testHost(), artifacts: { get: (model) => held.get(model) } })
})

test('a request says all that it takes to find the bytes, and makes nothing usable', async () => {
  const artifact = denseArtifact(64, 10)
  const number = await request(artifact)
  assert.deepEqual(await read('requestOf', [number]), {
    model: modelId(artifact),
    requester: getAddress(sender.toString()),
    status: 0,
    size: artifact.length,
    gasPaid: gas,
    cid,
    metadata: 'far away',
  })
  assert.equal(await read('statusOf', [modelId(artifact)]), 0)
  assert.equal((await chain.call(inference, run(modelId(artifact)))).revert?.name, 'UnknownModel')
})

test('the gas for the activation is charged with the request', async () => {
  const artifact = denseArtifact(64, 10, 2)
  const [little, much] = await Promise.all(
    [0n, 10_000_000n].map(async (paid) => (await chain.call(registry, encode('request', requestArgs(modelId(artifact), 5, paid)))).gasUsed),
  )
  // A word of zeros is cheaper to store than one of other bytes.
  assert.ok(much! - little! >= 10_000_000n && much! - little! < 10_030_000n, `${much! - little!}`)
  const { error } = await chain.call(registry, encode('request', requestArgs(modelId(artifact), 5, gas)), { gasLimit: 3_000_000n })
  assert.equal(error, 'revert')
})

test('refuses a request that could never be met', async () => {
  const id = modelId(denseArtifact(64, 10, 3))
  assert.equal(await refusal('request', [id, '0x', 5, gas, '']), 'WrongCidLength')
  assert.equal(await refusal('request', [id, `0x${'00'.repeat(65)}`, 5, gas, '']), 'WrongCidLength')
  assert.equal(await refusal('request', [id, cid, 0, gas, '']), 'NoSize')
  const published = await chain.publish(denseArtifact(64, 10, 4))
  assert.equal(await refusal('request', [published, cid, 5, gas, '']), 'AlreadyPublished')
  for (const [name, caller] of [
    ['activateRequested', systemAddress],
    ['withdraw', undefined],
    ['requestOf', undefined],
  ] as const)
    assert.equal(await refusal(name, [10n ** 6n], caller), 'UnknownRequest')
})

test('only the chain itself activates, and only the registry tells the precompile', async () => {
  const artifact = denseArtifact(64, 10, 5)
  held.set(modelId(artifact), artifact)
  const number = await request(artifact)
  for (const caller of [undefined, stranger, registry]) assert.equal(await refusal('activateRequested', [number], caller), 'NotSystem')
  for (const [functionName, args] of [
    ['activateHeld', [modelId(artifact), artifact.length]],
    ['reserve', [1n]],
  ] as const) {
    const data = encodeFunctionData({ abi: inferenceAbi, functionName, args: args as never })
    for (const from of [stranger, systemAddress]) assert.equal((await chain.call(inference, data, { from })).revert?.name, 'NotRegistry')
  }
})

test('activated, it runs as one on chain does, belongs to who asked for it, and says where its bytes lie', async () => {
  const [far, near] = [denseArtifact(64, 10, 6), denseArtifact(64, 10, 7)]
  held.set(modelId(far), far)
  const activated = await activate(await request(far, { from: stranger }))
  assert.equal(activated.error, undefined, activated.revert?.name)
  const record = (await read('modelOf', [modelId(far)])) as { owner: Hex; status: number; metadata: string }
  assert.deepEqual([record.owner, record.status, record.metadata], [stranger, 1, 'far away'])
  assert.deepEqual(await read('contentOf', [modelId(far)]), [cid, far.length])
  assert.deepEqual(await read('chunksOf', [modelId(far)]), [])
  await chain.publish(near)
  assert.deepEqual(await read('contentOf', [modelId(near)]), ['0x', 0])
  const [ran, ranNear] = [await chain.call(inference, run(modelId(far))), await chain.call(inference, run(modelId(near)))]
  assert.equal(ran.error, undefined)
  assert.equal(ran.gasUsed, ranNear.gasUsed, 'where the bytes lie is no matter of gas')
  assert.equal(await refusal('request', requestArgs(modelId(far), 5)), 'AlreadyPublished')
})

test('one that is not what its request says is not activated, and what was paid is all that is spent', async () => {
  const cases: [string, Uint8Array, Parameters<typeof request>[1], string][] = [
    ['another size', denseArtifact(64, 10, 8), { size: 700 }, 'WrongModelSize'],
    ['too little gas', denseArtifact(64, 10, 9), { paid: 30_000n }, 'revert'],
  ]
  for (const [what, artifact, options, wanted] of cases) {
    held.set(modelId(artifact), artifact)
    const number = await request(artifact, options)
    const { error, revert, gasUsed } = await activate(number)
    assert.equal(revert?.name ?? error, wanted, what)
    assert.ok(gasUsed < gas + 500_000n)
    assert.equal(((await read('requestOf', [number])) as { status: number }).status, 0, what)
    assert.equal(await read('statusOf', [modelId(artifact)]), 0)
  }
  // A holder that gives other bytes than were asked for: the root is compared again.
  const [wanted, given] = [denseArtifact(64, 10, 10), denseArtifact(64, 10, 11)]
  held.set(modelId(wanted), given)
  assert.equal((await activate(await request(wanted))).revert?.name, 'WrongModelId')
  const notValid = wanted.slice()
  notValid[2] = 9
  held.set(modelId(wanted), notValid)
  assert.match((await activate(await request(wanted))).revert?.name ?? '', /^(WrongModelId|InvalidModel)$/)
})

test('a node that does not hold the bytes has no answer at all', async () => {
  const artifact = denseArtifact(64, 10, 12)
  const number = await request(artifact)
  const isMissing = (fault: NodeFault) => fault instanceof NodeFault && fault.code === 'missing'
  await assert.rejects(activate(number), isMissing)
  held.set(modelId(artifact), artifact)
  assert.equal((await activate(number)).error, undefined)
  held.delete(modelId(artifact))
  chain.host.clear()
  await assert.rejects(chain.call(inference, run(modelId(artifact))), isMissing)
})

test('nobody can keep another from publishing: requests stand side by side, and chunks on chain come first', async () => {
  const artifact = denseArtifact(64, 10, 13)
  held.set(modelId(artifact), artifact)
  const [strangers, own, late] = [
    await request(artifact, { from: stranger, size: 1 }),
    await request(artifact),
    await request(artifact, { from: stranger }),
  ]
  assert.notEqual((await activate(strangers)).error, undefined)
  assert.equal((await activate(own)).error, undefined)
  assert.equal((await activate(late)).revert?.name, 'AlreadyPublished')
  assert.equal((await activate(own)).revert?.name, 'NotOpen')
  const second = denseArtifact(64, 10, 14)
  const number = await request(second, { from: stranger })
  assert.equal(await chain.publish(second), modelId(second))
  assert.equal((await activate(number)).revert?.name, 'AlreadyPublished')
})

test('who made a request may withdraw it, once', async () => {
  const artifact = denseArtifact(64, 10, 15)
  held.set(modelId(artifact), artifact)
  const number = await request(artifact)
  assert.equal(await refusal('withdraw', [number], stranger), 'NotRequester')
  assert.equal((await chain.send(registry, encode('withdraw', [number]))).error, undefined)
  assert.equal(await refusal('withdraw', [number]), 'NotOpen')
  assert.equal((await activate(number)).revert?.name, 'NotOpen')
})
