/** The active models of the chain, read from the state at its head. */

import {
  addresses,
  listModels,
  type ModelRecord,
  readChunks,
  readModel,
  readPrices,
  type StateReader,
  workSlot,
} from '../precompiles/index.ts'
import type { Host } from '../runtime/host/host.ts'
import { variableOperands } from '../runtime/host/running-model.ts'
import type { Model, Port } from '../runtime/model/types.ts'
import type { Chain } from './chain/chain.ts'
import { NodeError } from './errors.ts'
import type { LayerDescription, ModelDirectory, ModelSummary, TensorDescription } from './rpc/models.ts'

type Hex = `0x${string}`

/** keccak256 of `ModelPublished(bytes32,address,address[],string)`, the registry's event. */
const MODEL_PUBLISHED: Hex = '0x072ef96f8f197edf484ffa5d9c8af4d28de52d7f6b597eaa3428ad19ee8c1667'
/** Slot of the price that every run costs once. */
const BASE_PRICE = 0
/** Layers of so many models are kept: they follow from the id alone. */
const KEPT_LAYERS = 64

const typeNames = { int8: 'i8', uint8: 'u8', int16: 'i16', int32: 'i32' } as const

export function createModelDirectory(chain: Chain, host: Host): ModelDirectory {
  const state: StateReader = {
    getStorage: (address, slot) => chain.storage(address, BigInt(`0x${Buffer.from(slot).toString('hex')}`), 'latest'),
  }
  const layersOf = new Map<Hex, LayerDescription[]>()
  const activations = new Map<Hex, bigint>()
  // The same model may be activated again in another block.
  chain.events.on('removed', () => activations.clear())

  const loadArtifact = async (id: Hex): Promise<Uint8Array> => {
    const chunks = await readChunks(state, id)
    if (chunks.length === 0) {
      const held = chain.artifacts.get(id)
      if (held === undefined) throw new NodeError('NODE_FAULT', `this node does not hold the bytes of the model ${id}, which are off chain`)
      return held
    }
    const parts = await Promise.all(chunks.map(async (chunk) => (await chain.account(chunk, 'latest')).code.subarray(1)))
    return new Uint8Array(Buffer.concat(parts))
  }
  const activatedAt = async (id: Hex): Promise<bigint> => {
    const known = activations.get(id)
    if (known !== undefined) return known
    const criteria = { addresses: [addresses.modelRegistry], topics: [[MODEL_PUBLISHED], [id]] }
    const [log] = await chain.logs({ fromBlock: 0n, toBlock: 'latest', ...criteria })
    const number = log?.blockNumber ?? 0n
    activations.set(id, number)
    return number
  }
  const gasOfRun = async ({ work }: ModelRecord): Promise<bigint> => host.gas(work, await readPrices(state, addresses.gasSchedule), true)
  const summarize = async ({ id, work }: ModelRecord): Promise<ModelSummary> => {
    const model = await host.describe(id, () => loadArtifact(id))
    return {
      id,
      bytes: Number(work[workSlot.modelBytes]),
      rounding: model.rounding,
      inputs: model.inputs.map((port) => describePort(model, port)),
      outputs: model.outputs.map((port) => describePort(model, port)),
      activatedAt: await activatedAt(id),
    }
  }
  const layers = async (id: Hex): Promise<LayerDescription[]> => {
    const known = layersOf.get(id)
    if (known !== undefined) return known
    const artifact = await loadArtifact(id)
    const model = await host.describe(id, async () => artifact)
    const running = host.open(artifact)
    const described = model.operators.map((operator, index) => ({
      operator: operator.name,
      output: describeTensor(model, operator.outputs[0]!),
      macs: running.operatorWork(index)[workSlot.macs]!,
    }))
    if (layersOf.size >= KEPT_LAYERS) layersOf.delete(layersOf.keys().next().value as Hex)
    layersOf.set(id, described)
    return described
  }

  return {
    list: async () => Promise.all((await listModels(state)).map(summarize)),
    async describe(id) {
      const record = await readModel(state, id)
      if (record === undefined) return undefined
      return { ...(await summarize(record)), layers: await layers(id), macs: record.work[workSlot.macs]! }
    },
    async estimateGas(id) {
      const record = await readModel(state, id)
      return record === undefined ? undefined : gasOfRun(record)
    },
    async run(id, input) {
      const record = await readModel(state, id)
      if (record === undefined) return undefined
      const gas = await gasOfRun(record)
      const start = performance.now()
      const output = await host.run(id, () => loadArtifact(id), input)
      return { output, gas, milliseconds: performance.now() - start }
    },
    async trace(id, input) {
      const record = await readModel(state, id)
      if (record === undefined) return undefined
      const artifact = await loadArtifact(id)
      const model = await host.describe(id, async () => artifact)
      const prices = await readPrices(state, addresses.gasSchedule)
      const pricesWithoutBase = prices.with(BASE_PRICE, 0n)
      const start = performance.now()
      const { output, rows } = host.open(artifact).trace(model, input)
      return {
        output,
        gas: host.gas(record.work, prices, true),
        milliseconds: performance.now() - start,
        operators: rows.map(({ index, name, work, milliseconds, hash }) => {
          const operator = model.operators[index]!
          return {
            operator: name,
            inputs: variableOperands(model, operator).map((tensor) => describeTensor(model, tensor)),
            outputs: operator.outputs.map((tensor) => describeTensor(model, tensor)),
            macs: work[workSlot.macs]!,
            gas: host.gas(work, pricesWithoutBase, false),
            milliseconds,
            hash,
          }
        }),
      }
    },
  }
}

function describePort(model: Model, { tensor, scale, zeroPoint }: Port): TensorDescription {
  return { ...describeTensor(model, tensor), ...(scale === 0 ? {} : { scale, zeroPoint }) }
}

function describeTensor(model: Model, index: number): TensorDescription {
  const { shape, type } = model.tensors[index]!
  return { shape, type: typeNames[type] }
}
