import type { Hex } from 'viem'
import { readContract } from 'viem/actions'
import { hexToBytes, isHex, toHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import { type AsAccount, type AtBlock, callOptions, type InferClient } from '../client.ts'
import { inferErrors } from '../errors.ts'

export type RunModelParameters = AtBlock &
  AsAccount & {
    id: Hex
    /** All inputs of the model, one after the other: integers as they are, row-major and little-endian. `realsToBytes` makes them from real numbers. */
    input: Hex | Uint8Array | Int8Array
  }

/** All outputs, likewise. `splitTensors` and `elementsOf` take them apart. */
export type RunModelReturnType = Uint8Array

/**
 * Runs a model once, by eth_call: the bytes that a contract would get.
 *
 * @throws InferError UNKNOWN_MODEL; INPUT_LENGTH; NOT_INFERNODE; REFUSED, for one where the account may not run the model.
 *
 * @example
 * const scores = await client.runModel({ id, input: picture })
 * console.log(argmax(new Int8Array(scores)))
 */
export async function runModel(client: InferClient, parameters: RunModelParameters): Promise<RunModelReturnType> {
  const { id, input } = parameters
  const bytes = isHex(input) ? input : toHex(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))
  const output = readContract(client, {
    address: addresses.inference,
    abi: inferenceAbi,
    functionName: 'run',
    args: [id, bytes],
    ...callOptions(client, parameters),
  })
  return hexToBytes(await inferErrors('run', output))
}
