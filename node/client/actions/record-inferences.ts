import { type Address, BaseError, type Hex } from 'viem'
import { call } from 'viem/actions'
import { encodeFunctionData, isHex, toHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import { type AsAccount, type AtBlock, callOptions, type InferClient } from '../client.ts'
import { InferError } from '../errors.ts'
import type { RecordedCall } from '../recording.ts'

export type RecordInferencesParameters = AtBlock &
  AsAccount & {
    id: Hex
    /** Inputs to run, each as runModel takes it. */
    inputs: readonly (Hex | Uint8Array)[]
  }

/**
 * Asks a node what a contract may ask of a model: its description, its gas, and a run of each input. A refusal is an answer too.
 *
 * @throws InferError NOT_INFERNODE; viem's errors where the node does not answer.
 *
 * @example
 * const calls = await client.recordInferences({ id, inputs: [picture] })
 * writeFileSync('test/digits.recording.json', recordingText(calls))
 */
export async function recordInferences(client: InferClient, parameters: RecordInferencesParameters): Promise<RecordedCall[]> {
  const { id, inputs } = parameters
  const abi = inferenceAbi
  const questions = [
    { name: 'describe', callData: encodeFunctionData({ abi, functionName: 'describe', args: [id] }) },
    ...[true, false].map((firstUse) => ({
      name: 'gasOf',
      callData: encodeFunctionData({ abi, functionName: 'gasOf', args: [id, firstUse] }),
    })),
    ...inputs.map((input) => ({
      name: 'run',
      callData: encodeFunctionData({ abi, functionName: 'run', args: [id, isHex(input) ? input : toHex(input)] }),
    })),
  ]
  const options = callOptions(client, parameters)
  const calls: RecordedCall[] = []
  for (const { name, callData } of questions)
    calls.push({ function: name, callData, ...(await callAnswer(client, { to: addresses.inference, data: callData, ...options })) })
  return calls
}

/** What a call returns, or reverts with: each an answer to record. */
export async function callAnswer(
  client: InferClient,
  request: { to: Address; data: Hex } & ReturnType<typeof callOptions>,
): Promise<Pick<RecordedCall, 'isRevert' | 'data'>> {
  try {
    const { data } = await call(client, request as never)
    // Every function that is asked for returns something.
    if (data === undefined) throw new InferError('NOT_INFERNODE', 'the chain has no precompile there; it is not an Infernode chain')
    return { isRevert: false, data }
  } catch (error) {
    const data = error instanceof BaseError ? revertData(error) : undefined
    if (data === undefined) throw error
    return { isRevert: true, data }
  }
}

/** What a JSON-RPC error carries; some nodes put it one level deeper. */
function revertData(error: BaseError): Hex | undefined {
  const found = error.walk((inner) => 'data' in (inner as object)) as { data?: unknown } | null
  const data = isHex(found?.data) ? found.data : (found?.data as { data?: unknown } | undefined)?.data
  return isHex(data) && data.length >= 10 ? data : undefined
}
