/** infer_*: the models that are active on the chain. */
import { z } from 'zod'
import { InputError } from '../../runtime/host/errors.ts'
import type { RpcContext } from './context.ts'
import { RpcError } from './errors.ts'
import { quantity, toHex } from './hex.ts'
import { defineMethod } from './method.ts'
import type { ModelRun, ModelSummary, OperatorTrace, TensorDescription } from './models.ts'
import { bytes, hash } from './params.ts'
import type { RequestProgress } from './storage.ts'

const tensorJson = ({ name, shape, type, scale, zeroPoint }: TensorDescription) => ({
  ...(name === undefined ? {} : { name }),
  shape,
  type,
  ...(scale === undefined ? {} : { scale }),
  ...(zeroPoint === undefined ? {} : { zeroPoint }),
})

const summaryJson = (model: ModelSummary) => ({
  id: model.id,
  bytes: model.bytes,
  rounding: model.rounding,
  inputs: model.inputs.map(tensorJson),
  outputs: model.outputs.map(tensorJson),
  activatedAt: quantity(model.activatedAt),
})

/** `read` of a model that is active. */
async function ofModel<T>(id: string, found: Promise<T | undefined>): Promise<T> {
  const value = await found
  if (value === undefined) throw new RpcError('server', `no active model has the id ${id}`, { code: 'UNKNOWN_MODEL' })
  return value
}

async function describe({ models }: RpcContext, id: `0x${string}`) {
  const model = await ofModel(id, models.describe(id))
  return {
    ...summaryJson(model),
    macs: quantity(model.macs),
    layers: model.layers.map(({ operator, output, macs }) => ({ operator, output: tensorJson(output), macs: quantity(macs) })),
  }
}

/** Inputs back to back, or a list of them. */
const modelInput = z.union(
  [bytes, z.array(bytes).transform((inputs) => new Uint8Array(Buffer.concat(inputs)))],
  'wanted bytes, or a list of them',
)

/** What a run answers; an input of another length is the caller's mistake. */
async function ran<T>(id: string, work: Promise<T | undefined>): Promise<T> {
  try {
    return await ofModel(id, work)
  } catch (error) {
    if (error instanceof InputError) throw new RpcError('invalidParams', `invalid params: parameter 2 "input": ${error.message}`)
    throw error
  }
}

const runJson = ({ output, gas, milliseconds }: ModelRun) => ({ output: toHex(output), gas: quantity(gas), milliseconds })

const requestJson = ({ number, model, cid, done, size, state, problem }: RequestProgress) => ({
  request: quantity(BigInt(number)),
  model,
  cid,
  done,
  size,
  state,
  ...(problem === undefined ? {} : { problem }),
})

const operatorJson = ({ operator, inputs, outputs, macs, gas, milliseconds, hash }: OperatorTrace, index: number) => ({
  index,
  operator,
  inputs: inputs.map(tensorJson),
  outputs: outputs.map(tensorJson),
  macs: quantity(macs),
  gas: quantity(gas),
  milliseconds,
  hash,
})

export const inferMethods = [
  defineMethod({
    name: 'infer_models',
    summary: 'The active models: id, bytes, rounding, inputs, outputs, and the block that activated each.',
    params: {},
    run: async ({ models }) => (await models.list()).map(summaryJson),
  }),
  defineMethod({
    name: 'infer_describe',
    summary: 'One active model with its layers and their multiply-adds.',
    params: { modelId: hash },
    run: (context, { modelId }) => describe(context, modelId),
  }),
  defineMethod({
    name: 'infer_estimate',
    summary: 'Gas that one run of a model costs in the precompile; a transaction pays its calldata and calls besides.',
    params: { modelId: hash },
    run: async ({ models }, { modelId }) => quantity(await ofModel(modelId, models.estimateGas(modelId))),
  }),
  defineMethod({
    name: 'infer_run',
    summary:
      'Runs a model on the node, without a call: its output, the gas that a call would cost, and the milliseconds it took, loading included where it was not loaded.',
    params: { modelId: hash, input: modelInput },
    run: async ({ models }, { modelId, input }) => runJson(await ran(modelId, models.run(modelId, input))),
  }),
  defineMethod({
    name: 'infer_trace',
    summary: 'Runs a model operator by operator: of each its shapes, multiply-adds, gas, milliseconds, and the sha256 of its results.',
    params: { modelId: hash, input: modelInput },
    async run({ models }, { modelId, input }) {
      const trace = await ran(modelId, models.trace(modelId, input))
      return { ...runJson(trace), operators: trace.operators.map(operatorJson) }
    },
  }),
  defineMethod({
    name: 'infer_storage',
    summary: 'Whether and where the node keeps blocks of IPFS: the URL of its gateway or null, and the addresses of its libp2p peer.',
    params: {},
    run: ({ storage: { gateway, addresses } }) => ({ gateway: gateway ?? null, addresses }),
  }),
  defineMethod({
    name: 'infer_putBlock',
    summary: 'Gives the node a block of IPFS to keep: its CID (version 1, raw or dag-pb, sha2-256) and its bytes, at most 2 MiB.',
    params: { cid: z.string(), block: bytes },
    async run({ storage }, { cid, block }) {
      await storage.putBlock(cid, block)
      return true
    },
  }),
  defineMethod({
    name: 'infer_requests',
    summary:
      'The open requests for models off chain, and how far this node is with each: `waiting`, `fetching`, `ready` or `refused`, bytes that are here, and what went wrong last.',
    params: {},
    run: ({ storage }) => storage.requests().map(requestJson),
  }),
]
