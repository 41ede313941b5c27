/** An indexer that has nothing but the events rebuilds all that the registry, the names, the access rules and the prices keep. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Abi, bytesToHex, decodeEventLog, decodeFunctionResult, encodeFunctionData, type Hex, padHex, toEventSelector } from 'viem'
import { addresses, genesisPrices, priceVector } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { contracts, createTestChain, sender, type TestChain, type TestLog, testHost } from '../precompiles/chain.ts'
import { denseArtifact } from '../precompiles/models.ts'

const sources = {
  [addresses.modelRegistry]: contracts.ModelRegistry!.abi,
  [addresses.modelNames]: contracts.ModelNames!.abi,
  [addresses.modelAccess]: contracts.ModelAccess!.abi,
  [addresses.gasSchedule]: contracts.GasSchedule!.abi,
} as Record<Hex, Abi>

const zero = padHex('0x', { size: 20 })
const unset = padHex('0x', { size: 32 })
const [ann, bob] = ['0xa1', '0xb2'].map((digits) => padHex(digits as Hex, { size: 20 })) as [Hex, Hex]

interface Model {
  owner: Hex
  status: number
  metadata: string
  chunks: readonly Hex[]
  card: Record<string, string>
  parent: Hex
  successor: Hex
  operators: Set<Hex>
  rule: Record<string, unknown>
  allowed: Set<Hex>
}
interface Name {
  name: string
  owner: Hex
  versions: Hex[]
  operators: Set<Hex>
}
interface Index {
  chunks: Set<Hex>
  models: Map<Hex, Model>
  names: Map<Hex, Name>
  prices: number[]
}

/** What a model or name that nothing has been said of is like. */
const emptyCard = { input: '', output: '', labels: '', licence: '', uri: '' }
const openRule = { mode: 0, authority: zero, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: zero }

function rebuild(logs: readonly TestLog[]): Index {
  const index: Index = { chunks: new Set(), models: new Map(), names: new Map(), prices: priceVector(genesisPrices).map(Number) }
  const mark = (set: Set<Hex>, member: Hex, isIn: boolean) => (isIn ? set.add(member) : set.delete(member))
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of each event are its ABI's.
  const apply: Record<string, (args: any) => void> = {
    ChunkUploaded: ({ chunk }) => index.chunks.add(chunk),
    ModelPublished: ({ model, owner, chunks, metadata }) =>
      index.models.set(model, {
        ...{ owner, status: 1, metadata, chunks, card: emptyCard, parent: unset, successor: unset },
        ...{ operators: new Set<Hex>(), rule: openRule, allowed: new Set<Hex>() },
      }),
    MetadataChanged: ({ model, metadata }) => Object.assign(index.models.get(model)!, { metadata }),
    CardChanged: ({ model, card }) => Object.assign(index.models.get(model)!, { card }),
    ParentChanged: ({ model, parent }) => Object.assign(index.models.get(model)!, { parent }),
    SuccessorChanged: ({ model, successor }) => Object.assign(index.models.get(model)!, { successor }),
    StatusChanged: ({ model, status }) => Object.assign(index.models.get(model)!, { status }),
    OwnerChanged: ({ model, current }) => Object.assign(index.models.get(model)!, { owner: current }),
    OperatorChanged: ({ model, operator, approved }) => mark(index.models.get(model)!.operators, operator, approved),
    RuleChanged: ({ model, rule }) => Object.assign(index.models.get(model)!, { rule }),
    AllowedChanged: ({ model, account, allowed }) => mark(index.models.get(model)!.allowed, account, allowed),
    NameRegistered: ({ key, owner, name }) => index.names.set(key, { name, owner, versions: [], operators: new Set() }),
    VersionAdded({ key, version, model }) {
      const { versions } = index.names.get(key)!
      assert.equal(versions.push(model), Number(version))
    },
    NameOwnerChanged: ({ key, current }) => Object.assign(index.names.get(key)!, { owner: current }),
    NameOperatorChanged: ({ key, operator, approved }) => mark(index.names.get(key)!.operators, operator, approved),
    PricesChanged: ({ prices }) => Object.assign(index, { prices }),
  }
  for (const { address, topics, data } of logs) {
    const { eventName, args } = decodeEventLog({ abi: sources[address]!, topics, data })
    assert.ok(apply[eventName!], `an event ${eventName} that the indexer does not know`)
    apply[eventName!]!(args)
  }
  return index
}

let chain: TestChain
let ids: Hex[]

const send = async (to: Hex, functionName: string, args: readonly unknown[]) => {
  const sent = await chain.send(to, encodeFunctionData({ abi: sources[to]!, functionName, args: [...args] }))
  assert.equal(sent.error, undefined, `${functionName}: ${sent.revert?.name}`)
}
const read = async <T>(to: Hex, functionName: string, args: readonly unknown[] = []): Promise<T> => {
  const { output, error } = await chain.call(to, encodeFunctionData({ abi: sources[to]!, functionName, args: [...args] }))
  assert.equal(error, undefined, functionName)
  return decodeFunctionResult({ abi: sources[to]!, functionName, data: bytesToHex(output) }) as T
}

before(async () => {
  chain = await createTestChain({ host: testHost() })
  const { modelRegistry: registry, modelNames: names, modelAccess: access } = addresses
  ids = []
  for (const seed of [1, 2, 3, 4]) ids.push(await chain.publish(denseArtifact(8, 4, seed)))
  const [a, b, c, d] = ids as [Hex, Hex, Hex, Hex]
  await chain.upload(denseArtifact(8, 4, 99))
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
  const { modelRegistry: registry, modelNames: names, modelAccess: access } = addresses
  const index = rebuild(chain.logs)
  assert.deepEqual([...index.models.keys()], await read(registry, 'models', [0n, 100n]))
  assert.equal(index.models.size, 4)
  for (const [id, model] of index.models) {
    const kept = await read<{ owner: Hex; status: number; metadata: string }>(registry, 'modelOf', [id])
    assert.deepEqual([kept.owner, kept.status, kept.metadata], [model.owner, model.status, model.metadata])
    assert.deepEqual(await read(registry, 'cardOf', [id]), model.card)
    assert.deepEqual(await read(registry, 'chunksOf', [id]), model.chunks)
    assert.equal(await read(registry, 'parentOf', [id]), model.parent)
    assert.equal(await read(registry, 'successorOf', [id]), model.successor)
    assert.deepEqual(await read(access, 'ruleOf', [id]), model.rule)
    for (const account of [ann, bob, sender.toString()] as Hex[]) {
      const checksummed = (set: Set<Hex>) => [...set].some((member) => member.toLowerCase() === account)
      assert.equal(await read(registry, 'isOperator', [id, account]), checksummed(model.operators))
      assert.equal(await read(access, 'isAllowed', [id, account]), checksummed(model.allowed))
    }
  }
  assert.deepEqual(
    [...index.names.values()].map(({ name }) => name),
    await read(names, 'names', [0n, 100n]),
  )
  for (const { name, owner, versions, operators } of index.names.values()) {
    assert.equal(await read(names, 'ownerOf', [name]), owner)
    assert.deepEqual(await read(names, 'versions', [name, 0n, 100n]), versions)
    assert.equal(await read(names, 'isOperator', [name, bob]), operators.size === 1)
  }
  for (const chunk of index.chunks) assert.equal(await read(registry, 'isChunk', [chunk]), true)
  assert.equal(index.chunks.size, 5)
  assert.deepEqual(await read(addresses.gasSchedule, 'prices'), index.prices)
  assert.equal(ids[0], modelId(denseArtifact(8, 4, 1)))
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
