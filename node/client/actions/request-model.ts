import { CID } from 'multiformats/cid'
import type { Hex } from 'viem'
import { simulateContract, waitForTransactionReceipt, writeContract } from 'viem/actions'
import { parseEventLogs, toHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { registryAbi } from '../abi.ts'
import { type AsAccount, type InferClient, senderOf } from '../client.ts'
import { InferError, inferErrors } from '../errors.ts'

export type RequestModelParameters = AsAccount & {
  /** hash_tree_root of the artifact. */
  id: Hex
  /** CID of the artifact as a file in IPFS. */
  cid: string
  /** Bytes of the artifact. */
  size: number
  /** Gas that the activation may take; it is charged now. */
  activationGas: bigint
  /** Free text or a URI to record with the model, for people. */
  metadata?: string | undefined
}

export interface RequestedModel {
  /** Number of the request in the registry. */
  request: bigint
  gasUsed: bigint
}

/** Between two looks for a receipt; a local chain mines at once. */
const receiptPollingMs = 50

/**
 * Asks the chain for a model whose bytes are in IPFS. It can be used once the producer of blocks has fetched the bytes and activated it: `watchModels` tells of it.
 *
 * @throws InferError ACCOUNT_MISSING; NOT_INFERNODE; REFUSED, where the registry does not take the request; REVERTED.
 *
 * @example
 * const { request } = await client.requestModel({ id, cid: 'bafybei…', size: 5_000_000, activationGas: 20_000_000n })
 */
export async function requestModel(client: InferClient, parameters: RequestModelParameters): Promise<RequestedModel> {
  const { id, cid, size, activationGas, metadata = '' } = parameters
  const account = senderOf(client, parameters.account, 'requestModel')
  const args = [id, toHex(CID.parse(cid).bytes), size, activationGas, metadata] as const
  const call = { address: addresses.modelRegistry, abi: registryAbi, functionName: 'request', args, account } as const
  await inferErrors('request', simulateContract(client, call))
  const hash = await inferErrors('request', writeContract(client, { ...call, chain: client.chain ?? null }))
  const { status, gasUsed, logs } = await waitForTransactionReceipt(client, { hash, pollingInterval: receiptPollingMs })
  const [requested] = parseEventLogs({ abi: registryAbi, eventName: 'ModelRequested', logs })
  if (status !== 'success' || requested === undefined) throw new InferError('REVERTED', `request reverted in transaction ${hash}`)
  return { request: requested.args.request, gasUsed }
}
