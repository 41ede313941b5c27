/** An indexer that has nothing but the events of the registry, the names, the access rules and the prices. */
import assert from 'node:assert/strict'
import { type Abi, bytesToHex, decodeEventLog, decodeFunctionResult, encodeFunctionData, type Hex, padHex } from 'viem'
import { addresses, genesisPrices, priceVector } from '../../precompiles/index.ts'
import { contracts, type TestChain, type TestLog } from '../precompiles/chain.ts'

export const sources = {
  [addresses.modelRegistry]: contracts.ModelRegistry!.abi,
  [addresses.modelNames]: contracts.ModelNames!.abi,
  [addresses.modelAccess]: contracts.ModelAccess!.abi,
  [addresses.gasSchedule]: contracts.GasSchedule!.abi,
} as Record<Hex, Abi>

export const zero = padHex('0x', { size: 20 })
export const unset = padHex('0x', { size: 32 })

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
interface Request {
  model: Hex
  requester: Hex
  status: number
  size: number
  gasPaid: bigint
  cid: Hex
  metadata: string
}
export interface Index {
  requests: Request[]
  /** By model. */
  contents: Map<Hex, Request>
  chunks: Set<Hex>
  models: Map<Hex, Model>
  names: Map<Hex, Name>
  prices: number[]
}

/** What a model or name that nothing has been said of is like. */
const emptyCard = { input: '', output: '', labels: '', licence: '', uri: '' }
export const openRule = { mode: 0, authority: zero, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: zero }

export function rebuild(logs: readonly TestLog[]): Index {
  const index: Index = {
    requests: [],
    contents: new Map(),
    chunks: new Set(),
    models: new Map(),
    names: new Map(),
    prices: priceVector(genesisPrices).map(Number),
  }
  const mark = (set: Set<Hex>, member: Hex, isIn: boolean) => (isIn ? set.add(member) : set.delete(member))
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of each event are its ABI's.
  const apply: Record<string, (args: any) => void> = {
    ChunkUploaded: ({ chunk }) => index.chunks.add(chunk),
    ModelRequested: ({ request, ...rest }) => assert.equal(index.requests.push({ ...rest, status: 0 }), Number(request) + 1),
    RequestWithdrawn: ({ request }) => Object.assign(index.requests[Number(request)]!, { status: 2 }),
    RequestActivated: ({ request, model }) => index.contents.set(model, Object.assign(index.requests[Number(request)]!, { status: 1 })),
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

export async function read<T>(chain: TestChain, to: Hex, functionName: string, args: readonly unknown[] = []): Promise<T> {
  const { output, error } = await chain.call(to, encodeFunctionData({ abi: sources[to]!, functionName, args: [...args] }))
  assert.equal(error, undefined, functionName)
  return decodeFunctionResult({ abi: sources[to]!, functionName, data: bytesToHex(output) }) as T
}

/** Compares all that the contracts keep, asking about the rights of `accounts`. */
export async function assertKept(chain: TestChain, index: Index, accounts: readonly Hex[]): Promise<void> {
  const { modelRegistry: registry, modelNames: names, modelAccess: access } = addresses
  const ask = <T>(to: Hex, functionName: string, args: readonly unknown[] = []) => read<T>(chain, to, functionName, args)
  const has = (set: Set<Hex>, account: Hex) => [...set].some((member) => member.toLowerCase() === account.toLowerCase())
  assert.equal(await ask(registry, 'requestCount'), BigInt(index.requests.length))
  for (const [number, request] of index.requests.entries()) assert.deepEqual(await ask(registry, 'requestOf', [BigInt(number)]), request)
  for (const id of index.models.keys()) {
    const { cid, size } = index.contents.get(id) ?? { cid: '0x', size: 0 }
    assert.deepEqual(await ask(registry, 'contentOf', [id]), [cid, size])
  }
  assert.deepEqual([...index.models.keys()], await ask(registry, 'models', [0n, 100n]))
  for (const [id, model] of index.models) {
    const kept = await ask<{ owner: Hex; status: number; metadata: string }>(registry, 'modelOf', [id])
    assert.deepEqual([kept.owner, kept.status, kept.metadata], [model.owner, model.status, model.metadata])
    assert.deepEqual(await ask(registry, 'cardOf', [id]), model.card)
    assert.deepEqual(await ask(registry, 'chunksOf', [id]), model.chunks)
    assert.equal(await ask(registry, 'parentOf', [id]), model.parent)
    assert.equal(await ask(registry, 'successorOf', [id]), model.successor)
    assert.deepEqual(await ask(access, 'ruleOf', [id]), model.rule)
    for (const account of accounts) {
      assert.equal(await ask(registry, 'isOperator', [id, account]), has(model.operators, account))
      assert.equal(await ask(access, 'isAllowed', [id, account]), has(model.allowed, account))
    }
  }
  const kept = await ask(names, 'names', [0n, 100n])
  assert.deepEqual(
    Array.from(index.names.values(), ({ name }) => name),
    kept,
  )
  for (const { name, owner, versions, operators } of index.names.values()) {
    assert.equal(await ask(names, 'ownerOf', [name]), owner)
    assert.deepEqual(await ask(names, 'versions', [name, 0n, 100n]), versions)
    for (const account of accounts) assert.equal(await ask(names, 'isOperator', [name, account]), has(operators, account))
  }
  for (const chunk of index.chunks) assert.equal(await ask(registry, 'isChunk', [chunk]), true)
  assert.deepEqual(await ask(addresses.gasSchedule, 'prices'), index.prices)
}
