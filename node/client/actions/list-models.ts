import type { Address, Hex } from 'viem'
import { getBlockNumber, readContract } from 'viem/actions'
import { addresses } from '../../../precompiles/addresses.ts'
import { type ModelStatus, modelStatuses, registryAbi } from '../abi.ts'
import type { InferClient } from '../client.ts'
import { inferErrors } from '../errors.ts'

export type ListModelsParameters = { blockNumber?: bigint | undefined }

export interface PublishedModel {
  id: Hex
  owner: Address
  status: ModelStatus
  /** Number of the block that published it. */
  publishedAt: bigint
  metadata: string
}

/** Ids asked for in one call. */
const pageLength = 256n

/**
 * All models of the registry in the order in which they were published, read from one block's state.
 *
 * @throws InferError NOT_INFERNODE.
 *
 * @example
 * for (const { id, metadata } of await client.listModels()) console.log(id, metadata)
 */
export async function listModels(client: InferClient, parameters: ListModelsParameters = {}): Promise<PublishedModel[]> {
  const blockNumber = parameters.blockNumber ?? (await getBlockNumber(client, { cacheTime: 0 }))
  const registry = { address: addresses.modelRegistry, abi: registryAbi, blockNumber } as const
  const total = await inferErrors('modelCount', readContract(client, { ...registry, functionName: 'modelCount' }))
  const models: PublishedModel[] = []
  for (let start = 0n; start < total; start += pageLength) {
    const ids = await readContract(client, { ...registry, functionName: 'models', args: [start, pageLength] })
    models.push(
      ...(await Promise.all(
        ids.map(async (id) => {
          const { owner, status, publishedAt, metadata } = await readContract(client, { ...registry, functionName: 'modelOf', args: [id] })
          return { id, owner, status: modelStatuses[status]!, publishedAt, metadata }
        }),
      )),
    )
  }
  return models
}
