/** infer_*: the models that are active on the chain. */
import type { RpcContext } from './context.ts'
import { RpcError } from './errors.ts'
import { quantity } from './hex.ts'
import { defineMethod } from './method.ts'
import type { ModelSummary, TensorDescription } from './models.ts'
import { hash } from './params.ts'

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
]
