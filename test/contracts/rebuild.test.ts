/** All that the registry, the names, the access rules and the prices keep can be told from their events alone. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { encodeFunctionData, type Hex, padHex, toEventSelector } from 'viem'
import { addresses, genesisPrices, priceVector, systemAddress } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { createTestChain, sender, type TestChain, testHost } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'
import { assertKept, openRule, rebuild, sources, unset } from './indexer.ts'

const [ann, bob] = ['0xa1', '0xb2'].map((digits) => padHex(digits as Hex, { size: 20 })) as [Hex, Hex]

let chain: TestChain
let ids: Hex[]

const heldModel = denseArtifact(8, 4, 5)

const send = async (to: Hex, functionName: string, args: readonly unknown[], options: { from?: Hex } = {}) => {
  const sent = await chain.send(to, encodeFunctionData({ abi: sources[to]!, functionName, args: [...args] }), options)
  assert.equal(sent.error, undefined, `${functionName}: ${sent.revert?.name}`)
}
before(async () => {
  chain = await createTestChain({ host: testHost(), artifacts: { get: (model) => (model === modelId(heldModel) ? heldModel : undefined) } })
  const { modelRegistry: registry, modelNames: names, modelAccess: access } = addresses
  ids = []
  for (const seed of [1, 2, 3, 4]) ids.push(await chain.publish(denseArtifact(8, 4, seed)))
  const [a, b, c, d] = ids as [Hex, Hex, Hex, Hex]
  await chain.upload(denseArtifact(8, 4, 99))
  for (const cid of ['0x01', '0x02']) await send(registry, 'request', [modelId(heldModel), cid, heldModel.length, 1_000_000n, 'held'])
  await send(registry, 'withdraw', [0n])
  await send(registry, 'activateRequested', [1n], { from: systemAddress })
  await send(registry, 'setMetadata', [a, 'first'])
  await send(registry, 'setCard', [a, { input: 'x', output: 'y', labels: 'l', licence: 'MIT', uri: 'ipfs://c' }])
  await send(registry, 'setParent', [b, a])
  await send(registry, 'setParent', [c, b])
  await send(registry, 'setParent', [c, unset])
  await send(registry, 'deprecate', [a, b])
  await send(registry, 'deprecate', [b, c])
  await send(registry, 'reinstate', [b])
  await send(registry, 'retire', [a])
  await send(registry, 'setOperator', [b, ann, true])
  await send(registry, 'setOperator', [b, bob, true])
  await send(registry, 'setOperator', [b, ann, false])
  await send(names, 'register', ['one', b])
  await send(names, 'register', ['two', c])
  await send(names, 'upgrade', ['one', d])
  await send(names, 'upgrade', ['one', b])
  await send(names, 'setOperator', ['one', bob, true])
  await send(names, 'transferOwnership', ['two', ann])
  await send(access, 'setAllowed', [b, [ann, bob], true])
  await send(access, 'setAllowed', [b, [ann], false])
  await send(access, 'setRule', [b, { ...openRule, mode: 1, quotaCalls: 3, quotaSeconds: 60 }])
  await send(access, 'setRule', [c, { ...openRule, mode: 3, authority: registry, receiver: bob }])
  await send(access, 'setRule', [c, openRule])
  await send(registry, 'transferOwnership', [d, ann])
  await send(addresses.gasSchedule, 'setPrices', [priceVector(genesisPrices).map((price) => Number(price * 2n))])
})

test('what the events tell is what the contracts keep', async () => {
  const index = rebuild(chain.logs)
  assert.deepEqual([index.models.size, index.names.size, index.chunks.size], [5, 2, 5])
  await assertKept(chain, index, [ann, bob, sender.toString() as Hex])
})

test('every event occurs above, but those of the owner of the prices', () => {
  const told = new Set(chain.logs.map(({ address, topics }) => address + topics[0]))
  const missing = Object.entries(sources).flatMap(([address, abi]) =>
    abi.filter((item) => item.type === 'event').filter((event) => !told.has(address + toEventSelector(event))),
  )
  assert.deepEqual(
    missing.map(({ name }) => name),
    ['OwnershipTransferStarted', 'OwnershipTransferred'],
  )
})
