/**
 * IInference: the models that the registry has activated.
 *
 * run       record and prices · UnknownModel, RetiredModel · access (access.ts) · WrongInputLength · gas of the run, from the record alone · the model is loaded and run
 * consume   as run, counted against the quota
 * step      record and prices · UnknownModel, RetiredModel · access · UnknownOperator · gas of the first use · the model is loaded · WrongInputLength · gas of the operator · it is run
 * describe  record and prices · UnknownModel · gas of the first use · the artifact is read
 * activate  NotRegistry · AlreadyActive · gas of the record · each chunk's access and bytes, WrongChunkLength · gas of the activation · root, measure · gas of a first use ·
 *           validation, plan · the record is written
 * activateHeld  NotRegistry · AlreadyActive · gas of the record · the bytes that this node holds, WrongModelSize · the rest as activate
 * reserve   NotRegistry · the gas
 * retire    NotRegistry · UnknownModel, RetiredModel · gas of the status · it is written
 *
 * First use is kept in the transient storage of the precompile's account, one slot for each model id: reverted with its frame, empty at the next transaction.
 */
import { createHash } from 'node:crypto'
import { InputError, NodeFault } from '../runtime/host/errors.ts'
import type { Host, LoadArtifact } from '../runtime/host/host.ts'
import { concat } from '../runtime/host/running-model.ts'
import { ModelError } from '../runtime/model/errors.ts'
import { floatBits, type Model, type Port, roundings, tensorTypes } from '../runtime/model/types.ts'
import { type Hex, hexToBytes } from './abi.ts'
import { requireAccess } from './access.ts'
import { addresses } from './addresses.ts'
import type { CallContext } from './context.ts'
import { maxChunkBytes, readChargedChunks, readChunk } from './data.ts'
import { definePrecompile } from './define.ts'
import { calldataWordGas, callGas, readPrices, storageReadGas, storageUpdateGas, wordsOf } from './gas.ts'
import { inferenceAbi } from './inference-abi.ts'
import { type ModelRecord, readChunks, readDigest, readRecord, recordGas, retireModel, workSlot, writeModel } from './models.ts'
import { invalidModel, revertWith } from './outcome.ts'

export const inference = definePrecompile({
  name: 'IInference',
  address: addresses.inference,
  abi: inferenceAbi,
  handlers: {
    run: (context, [model, input]) => runModel(context, model, input, 'run'),

    consume: (context, [model, input]) => runModel(context, model, input, 'consume'),

    async step(context, [model, operator, operands]) {
      const record = await requireActive(context, model)
      await requireAccess(context, model, 'run')
      if (operator >= BigInt(record.operatorCount)) throw revertWith(inferenceAbi, 'UnknownOperator', [operator, record.operatorCount])
      const prices = await readPrices(context.state, addresses.gasSchedule)
      const firstUse = takeFirstUse(context, model)
      const loading = context.host.gas(loadingWork(record.work), prices, firstUse)
      context.gas.charge(loading)
      const authorize = (operatorWork: bigint[], resultBytes: number) => {
        const work = loadingWork(record.work)
        for (let slot = 0; slot < workSlot.inputBytes; slot++) work[slot] = operatorWork[slot]!
        work[workSlot.inputBytes] = BigInt(operands.length)
        work[workSlot.outputBytes] = BigInt(resultBytes)
        context.gas.charge(context.host.gas(work, prices, firstUse) - loading)
      }
      try {
        return await context.host.step(model, artifactOf(context, model), Number(operator), operands, authorize)
      } catch (error) {
        if (error instanceof InputError) throw revertWith(inferenceAbi, 'WrongInputLength', [error.got, error.wanted])
        throw error
      }
    },

    async describe(context, [model]) {
      const record = await requireModel(context, model)
      const prices = await readPrices(context.state, addresses.gasSchedule)
      context.gas.charge(context.host.gas(loadingWork(record.work), prices, takeFirstUse(context, model)))
      const artifact = await context.host.describe(model, artifactOf(context, model))
      return {
        rounding: roundings.indexOf(artifact.rounding),
        operatorCount: record.operatorCount,
        macs: record.work[workSlot.macs]!,
        modelBytes: Number(record.work[workSlot.modelBytes]),
        pages: Number(record.work[workSlot.pages]),
        inputBytes: Number(record.work[workSlot.inputBytes]),
        outputBytes: Number(record.work[workSlot.outputBytes]),
        inputs: artifact.inputs.map((port) => describePort(artifact, port)),
        outputs: artifact.outputs.map((port) => describePort(artifact, port)),
      }
    },

    async gasOf(context, [model, firstUse]) {
      const record = await requireModel(context, model)
      const prices = await readPrices(context.state, addresses.gasSchedule)
      return runGas(record, context.host.gas(record.work, prices, firstUse))
    },

    async chunksOf(context, [model]) {
      const record = await requireModel(context, model)
      context.gas.charge(storageReadGas * BigInt(Math.ceil(Number(record.work[workSlot.modelBytes]) / maxChunkBytes)))
      return readChunks(context.state, model)
    },

    async activate(context, [model, chunks]) {
      await beginActivation(context, model, chunks.length)
      const parts = await readChargedChunks(context, chunks, context.limits.maxModelBytes)
      parts.slice(0, -1).forEach((part, index) => {
        if (part.length !== maxChunkBytes) throw revertWith(inferenceAbi, 'WrongChunkLength', [index, part.length, maxChunkBytes])
      })
      await activateArtifact(context, model, chunks, concat(parts))
    },

    async reserve(context, [gas]) {
      requireRegistry(context)
      context.gas.charge(gas)
    },

    async activateHeld(context, [model, size]) {
      const { limits } = context
      await beginActivation(context, model, 0)
      if (size > limits.maxModelBytes) throw revertWith(inferenceAbi, 'TooLarge', [size, limits.maxModelBytes])
      const artifact = heldArtifact(context, model)
      if (artifact.length !== size) throw revertWith(inferenceAbi, 'WrongModelSize', [artifact.length, size])
      await activateArtifact(context, model, [], artifact)
    },

    async retire(context, [model]) {
      requireRegistry(context)
      await requireActive(context, model)
      context.gas.charge(storageUpdateGas)
      await retireModel(context.state, model)
    },
  },
})

async function beginActivation(context: CallContext, model: Hex, chunkCount: number): Promise<void> {
  requireRegistry(context)
  if ((await readRecord(context.state, model)) !== undefined) throw revertWith(inferenceAbi, 'AlreadyActive', [model])
  context.gas.charge(recordGas(chunkCount))
}

/** `chunks`: contracts that hold the artifact; none where it is off chain. */
async function activateArtifact(context: CallContext, model: Hex, chunks: readonly Hex[], artifact: Uint8Array): Promise<void> {
  const { state, gas, host, limits } = context
  const prices = await readPrices(state, addresses.gasSchedule)
  gas.charge(host.activationGas(artifact.length, prices))
  try {
    const got = host.identify(artifact)
    if (got !== model) throw revertWith(inferenceAbi, 'WrongModelId', [got, model])
    // What is read of the constants follows from the operators: it is known, and paid, before it is done.
    gas.charge(host.gas(loadingWork(host.measure(artifact).work), prices, true))
    const { work, pages, operatorCount } = host.plan(artifact)
    if (pages > limits.maxPages)
      throw new ModelError('memory', 'the chain allows fewer pages', { got: BigInt(pages), wanted: BigInt(limits.maxPages) })
    // The rounding mode is the third byte of every valid artifact.
    await writeModel(state, { id: model, rounding: artifact[2]!, operatorCount, work }, chunks, digestOf(artifact))
  } catch (error) {
    if (error instanceof ModelError) throw invalidModel(error)
    throw error
  }
}

/**
 * Gas that `activateHeld` takes for an artifact, at these prices: what a request has to pay.
 * @throws ModelError
 */
export function heldActivationGas(host: Host, artifact: Uint8Array, prices: readonly bigint[]): bigint {
  const calldataBytes = 4 + 2 * 32
  const entry = callGas + calldataWordGas * wordsOf(calldataBytes) + recordGas(0)
  return entry + host.activationGas(artifact.length, prices) + host.gas(loadingWork(host.measure(artifact).work), prices, true)
}

/** Its root is the model's id: whoever holds it has compared them. */
function heldArtifact({ artifacts }: CallContext, model: Hex): Uint8Array {
  const artifact = artifacts?.get(model)
  if (artifact !== undefined) return artifact
  throw new NodeFault('missing', `this node does not hold the bytes of the model ${model}, which are off chain`)
}

async function runModel(context: CallContext, model: Hex, input: Uint8Array, use: 'run' | 'consume'): Promise<Uint8Array> {
  const record = await requireActive(context, model)
  await requireAccess(context, model, use)
  const wanted = Number(record.work[workSlot.inputBytes]!)
  if (input.length !== wanted) throw revertWith(inferenceAbi, 'WrongInputLength', [input.length, wanted])
  const prices = await readPrices(context.state, addresses.gasSchedule)
  context.gas.charge(context.host.gas(record.work, prices, takeFirstUse(context, model)))
  return context.host.run(model, artifactOf(context, model), input)
}

/** A model that has been activated, retired or not. */
async function requireModel(context: CallContext, model: Hex) {
  const record = await readRecord(context.state, model)
  if (record === undefined) throw revertWith(inferenceAbi, 'UnknownModel', [model])
  return record
}

/** A model that may be run. */
async function requireActive(context: CallContext, model: Hex): Promise<ModelRecord> {
  const record = await requireModel(context, model)
  if (record.status !== 'active') throw revertWith(inferenceAbi, 'RetiredModel', [model])
  return record
}

function requireRegistry({ caller }: CallContext): void {
  if (caller !== addresses.modelRegistry) throw revertWith(inferenceAbi, 'NotRegistry', [caller])
}

/** True the first time in a transaction, as far as the frames that asked were not reverted. */
function takeFirstUse({ state }: CallContext, model: Hex): boolean {
  const slot = hexToBytes(model)
  if (state.getTransient(addresses.inference, slot).some((byte) => byte !== 0)) return false
  state.putTransient(addresses.inference, slot, usedMark)
  return true
}

const usedMark = new Uint8Array(32).fill(1, 31)

/** What it takes to have a model at hand, without running it. */
function loadingWork(work: readonly bigint[]): bigint[] {
  return work.map((units, slot) => (slot === workSlot.loadedBytes || slot === workSlot.pages ? units : 0n))
}

/** All that a call of `run` charges, with calldata as an ABI encoder makes it: selector, model, offset, length, padded input. */
function runGas(record: ModelRecord, gas: bigint): bigint {
  const calldataBytes = 4 + 3 * 32 + 32 * Math.ceil(Number(record.work[workSlot.inputBytes]) / 32)
  return callGas + calldataWordGas * wordsOf(calldataBytes) + gas
}

/** The artifact of an active model: from the code of its chunks in the calling state, or what this node holds. Paid by the price of a first use. */
function artifactOf(context: CallContext, model: Hex): LoadArtifact {
  const { state } = context
  return async () => {
    const chunks = await readChunks(state, model)
    const parts: Uint8Array[] = []
    for (const address of chunks) {
      const part = await readChunk(state, address)
      if (part === undefined) throw new NodeFault('state', `the code of ${address} has lost its part of the active model ${model}`)
      parts.push(part)
    }
    const artifact = chunks.length === 0 ? heldArtifact(context, model) : concat(parts)
    if (digestOf(artifact) !== (await readDigest(state, model)))
      throw new NodeFault('state', `the bytes of the active model ${model} have changed`)
    return artifact
  }
}

function digestOf(artifact: Uint8Array): Hex {
  return `0x${createHash('sha256').update(artifact).digest('hex')}`
}

function describePort(model: Model, { tensor, scale, zeroPoint }: Port) {
  const { type, shape } = model.tensors[tensor]!
  return { tensorType: tensorTypes.indexOf(type), shape, scaleBits: floatBits(scale), zeroPoint }
}
