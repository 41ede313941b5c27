import type { Hash, Hex } from 'viem'
import { sendTransaction, waitForTransactionReceipt } from 'viem/actions'
import { encodeFunctionData, hexToBytes, isHex, toHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import { type AsAccount, type InferClient, senderOf } from '../client.ts'
import { InferError } from '../errors.ts'
import { getInferences } from './get-inferences.ts'

export type ConsumeModelParameters = AsAccount & {
  id: Hex
  /** As runModel takes it. */
  input: Hex | Uint8Array | Int8Array
  /** Of the transaction; the node's estimate where absent. */
  gas?: bigint | undefined
}

export interface Consumption {
  /** As runModel gives it. */
  output: Uint8Array
  transactionHash: Hash
  /** Of the whole transaction. */
  gasUsed: bigint
}

/**
 * Runs a model in a transaction of its own and counts it against the sender's quota, where the model has one.
 *
 * @throws InferError ACCOUNT_MISSING; REVERTED, with the Solidity error where the node traces transactions.
 *
 * @example
 * const { output } = await client.consumeModel({ id, input: picture })
 */
export async function consumeModel(client: InferClient, { id, input, account, gas }: ConsumeModelParameters): Promise<Consumption> {
  const sender = senderOf(client, account, 'consumeModel')
  const bytes = isHex(input) ? input : toHex(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))
  const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'consume', args: [id, bytes] })
  const request = { account: sender, to: addresses.inference, data, chain: null, ...(gas === undefined ? {} : { gas }) }
  const hash = await sendTransaction(client, request as never)
  const { gasUsed } = await waitForTransactionReceipt(client, { hash })
  const [inference] = await getInferences(client, { transactionHash: hash })
  if (inference?.output === undefined)
    throw new InferError('REVERTED', `consume reverted in transaction ${hash}: ${inference?.error ?? 'it never reached the precompile'}`)
  return { output: hexToBytes(inference.output), transactionHash: hash, gasUsed }
}
