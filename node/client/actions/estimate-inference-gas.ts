import type { Hex } from 'viem'
import { readContract } from 'viem/actions'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import { type AtBlock, callOptions, type InferClient } from '../client.ts'
import { inferErrors } from '../errors.ts'

export type EstimateInferenceGasParameters = AtBlock & {
  id: Hex
  /** Whether the transaction has not used the model before, the default: the first use pays for its bytes and its memory. */
  firstUse?: boolean | undefined
}

/**
 * Gas that the precompile takes for one run. It follows from the model alone, whatever the input: a contract's transaction pays calldata and its own code besides.
 *
 * @throws InferError UNKNOWN_MODEL; NOT_INFERNODE.
 *
 * @example
 * const first = await client.estimateInferenceGas({ id })
 * const again = await client.estimateInferenceGas({ id, firstUse: false })
 */
export async function estimateInferenceGas(client: InferClient, parameters: EstimateInferenceGasParameters): Promise<bigint> {
  const { id, firstUse = true } = parameters
  const gas = readContract(client, {
    address: addresses.inference,
    abi: inferenceAbi,
    functionName: 'gasOf',
    args: [id, firstUse],
    ...callOptions(client, parameters),
  })
  return inferErrors('gasOf', gas)
}
