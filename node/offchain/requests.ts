/** The registry's requests for models off chain, read from the chain's state. */
import { decodeFunctionResult, encodeFunctionData, hexToBytes, toHex } from 'viem/utils'
import { addresses } from '../../precompiles/index.ts'
import type { ArtifactRef } from '../../runtime/store/index.ts'
import { decodeCid } from '../../runtime/store/index.ts'
import type { Chain, Hex, SystemCall } from '../chain/types.ts'
import { modelStatuses, registryAbi, requestStatuses } from '../client/abi.ts'

export interface ModelRequest {
  readonly number: number
  readonly model: Hex
  readonly size: number
  /** Of the CID, as the registry has it. */
  readonly cid: Uint8Array
  readonly gasPaid: bigint
  /** `over`: withdrawn, or its model has been published otherwise. */
  readonly state: 'open' | 'activated' | 'over'
}

type ViewName = 'requestCount' | 'requestOf' | 'modelOf'

/** Undefined where the registry has no answer: a genesis file can leave it out. */
async function view(chain: Chain, functionName: ViewName, args: readonly unknown[]): Promise<unknown> {
  const data = hexToBytes(encodeFunctionData({ abi: registryAbi, functionName, args } as never))
  const { output, error } = await chain.call({ to: addresses.modelRegistry, data }, 'latest')
  if (error !== undefined || output.length === 0) return undefined
  return decodeFunctionResult({ abi: registryAbi, functionName, data: toHex(output) } as never)
}

export async function countRequests(chain: Chain): Promise<number> {
  return Number((await view(chain, 'requestCount', [])) ?? 0n)
}

/** Undefined where no such request has been made. */
export async function readRequest(chain: Chain, number: number): Promise<ModelRequest | undefined> {
  const request = (await view(chain, 'requestOf', [BigInt(number)])) as
    | { model: Hex; size: number; cid: Hex; gasPaid: bigint; status: number }
    | undefined
  if (request === undefined) return undefined
  const { model, size, cid, gasPaid } = request
  const { status } = (await view(chain, 'modelOf', [model])) as { status: number }
  const isOpen = requestStatuses[request.status] === 'open' && modelStatuses[status] === 'unknown'
  const state = isOpen ? 'open' : requestStatuses[request.status] === 'activated' ? 'activated' : 'over'
  return { number, model, size, cid: hexToBytes(cid), gasPaid, state }
}

/** Where to find a request's bytes. @throws StoreError cidInvalid */
export function refOf({ model, cid, size }: Pick<ModelRequest, 'model' | 'cid' | 'size'>): ArtifactRef {
  return { id: model, cid: decodeCid(cid).toString(), size }
}

/** Gas of the registry's own work and of the calldata; a call keeps a 64th of its gas back (EIP-150). */
const overheadGas = 600_000n

export function activationCall({ number, gasPaid }: ModelRequest): SystemCall {
  const data = hexToBytes(encodeFunctionData({ abi: registryAbi, functionName: 'activateRequested', args: [BigInt(number)] }))
  return { to: addresses.modelRegistry, data, gas: gasPaid + gasPaid / 32n + overheadGas }
}

/** Number of the request that a call of the system activates; undefined where it is another call. */
export function activatedRequest(data: Uint8Array): number | undefined {
  const selector = encodeFunctionData({ abi: registryAbi, functionName: 'activateRequested', args: [0n] }).slice(0, 10)
  if (data.length !== 36 || toHex(data.subarray(0, 4)) !== selector) return undefined
  return Number(BigInt(toHex(data.subarray(4))))
}
