import type { Address, Hash, Hex } from 'viem'
import { getTransactionReceipt } from 'viem/actions'
import { decodeErrorResult, decodeFunctionData, decodeFunctionResult, numberToHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import type { InferClient } from '../client.ts'

/** One transaction, or all of one block. */
export type GetInferencesParameters =
  | { transactionHash: Hash; blockNumber?: undefined }
  | { transactionHash?: undefined; blockNumber: bigint }

/** One call of IInference.run or consume within a transaction. */
export interface Inference {
  model: Hex
  /** The contract that called the precompile, or the account that called it directly. */
  caller: Address
  input: Hex
  /** Undefined where the call failed. */
  output: Hex | undefined
  /** Why it failed: the Solidity error, or what the EVM says. */
  error: string | undefined
  /** Whether a frame around it was reverted, so that nothing came of it. */
  isReverted: boolean
  /** Of the precompile's frame. */
  gasUsed: bigint
  transactionHash: Hash
  blockNumber: bigint
}

/**
 * Every inference that contracts made in a transaction or a block, in order. Read from the node's traces: the precompile leaves no event.
 *
 * @throws viem's errors, for one where the node has no debug_traceTransaction.
 *
 * @example
 * const [inference] = await client.getInferences({ transactionHash })
 * console.log(inference.model, inference.output, inference.gasUsed)
 */
export async function getInferences(client: InferClient, parameters: GetInferencesParameters): Promise<Inference[]> {
  const { transactionHash } = parameters
  if (transactionHash === undefined) {
    const { blockNumber } = parameters
    const traces = await request<{ txHash: Hash; result: CallFrame }[]>(client, 'debug_traceBlockByNumber', numberToHex(blockNumber))
    return traces.flatMap(({ txHash, result }) => inferencesOf(result, { transactionHash: txHash, blockNumber }))
  }
  const [frame, { blockNumber }] = await Promise.all([
    request<CallFrame>(client, 'debug_traceTransaction', transactionHash),
    getTransactionReceipt(client, { hash: transactionHash }),
  ])
  return inferencesOf(frame, { transactionHash, blockNumber })
}

/** geth's callTracer. */
interface CallFrame {
  from: Address
  to?: Address
  input: Hex
  output?: Hex
  gasUsed: Hex
  error?: string
  calls?: CallFrame[]
}

type Place = Pick<Inference, 'transactionHash' | 'blockNumber'>

function request<T>(client: InferClient, method: string, subject: Hex): Promise<T> {
  return client.request({ method, params: [subject, { tracer: 'callTracer' }] } as never) as Promise<T>
}

/** Those of one frame of geth's callTracer and the frames below it. */
export function inferencesOf(frame: CallFrame, place: Place, isReverted = false): Inference[] {
  const own = frame.to?.toLowerCase() === addresses.inference ? [inferenceOf(frame, place, isReverted)] : []
  const below = (frame.calls ?? []).flatMap((call) => inferencesOf(call, place, isReverted || frame.error !== undefined))
  return [...own.filter((inference) => inference !== undefined), ...below]
}

/** Undefined where the frame calls another function. */
function inferenceOf({ from, input, output, error, gasUsed }: CallFrame, place: Place, isReverted: boolean): Inference | undefined {
  const run = attempt(() => decodeFunctionData({ abi: inferenceAbi, data: input }))
  if (run?.functionName !== 'run' && run?.functionName !== 'consume') return undefined
  const { functionName } = run
  const result = error === undefined ? decodeFunctionResult({ abi: inferenceAbi, functionName, data: output ?? '0x' }) : undefined
  return {
    model: run.args[0],
    caller: from,
    input: run.args[1],
    output: result,
    error: error === undefined ? undefined : (solidityError(output) ?? error),
    isReverted,
    gasUsed: BigInt(gasUsed),
    ...place,
  }
}

function solidityError(data: Hex = '0x'): string | undefined {
  const revert = attempt(() => decodeErrorResult({ abi: inferenceAbi, data }))
  return revert && `${revert.errorName}(${(revert.args ?? []).map(String).join(', ')})`
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
