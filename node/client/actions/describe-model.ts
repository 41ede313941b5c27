import type { Hex } from 'viem'
import { readContract } from 'viem/actions'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import { bitsFloat, type Rounding, roundings, tensorTypes } from '../../../runtime/model/types.ts'
import { type AtBlock, callOptions, type InferClient } from '../client.ts'
import { inferErrors } from '../errors.ts'
import type { TensorPort } from '../tensors.ts'

export type DescribeModelParameters = AtBlock & { id: Hex }

export interface ModelDescription {
  id: Hex
  rounding: Rounding
  operatorCount: number
  /** Multiply-adds of one run. */
  macs: bigint
  /** Length of the artifact. */
  modelBytes: number
  /** 64 KiB pages of memory that a run takes. */
  pages: number
  inputBytes: number
  outputBytes: number
  inputs: TensorPort[]
  outputs: TensorPort[]
}

/**
 * What an active model is and takes, as a contract would read it.
 *
 * @throws InferError UNKNOWN_MODEL; NOT_INFERNODE.
 *
 * @example
 * const { inputs: [picture] } = await client.describeModel({ id })
 * const input = realsToBytes(pixels, picture)
 */
export async function describeModel(client: InferClient, parameters: DescribeModelParameters): Promise<ModelDescription> {
  const { id } = parameters
  const read = readContract(client, {
    address: addresses.inference,
    abi: inferenceAbi,
    functionName: 'describe',
    args: [id],
    ...callOptions(client, parameters),
  })
  const { rounding, inputs, outputs, ...rest } = await inferErrors('describe', read)
  return { id, rounding: roundings[rounding]!, ...rest, inputs: inputs.map(portOf), outputs: outputs.map(portOf) }
}

interface ChainPort {
  tensorType: number
  shape: readonly number[]
  scaleBits: number
  zeroPoint: number
}

function portOf({ tensorType, shape, scaleBits, zeroPoint }: ChainPort): TensorPort {
  return { type: tensorTypes[tensorType]!, shape, scale: bitsFloat(scaleBits), zeroPoint }
}
