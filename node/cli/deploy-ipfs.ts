/** `infernode deploy --storage ipfs`: the bytes into the node's blocks of IPFS, a request on chain, and the wait until the chain has activated the model. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import type { Hex, PublicClient } from 'viem'
import { hexToBytes, toHex } from 'viem/utils'
import { addresses, heldActivationGas, readPrices } from '../../precompiles/index.ts'
import type { Host } from '../../runtime/host/host.ts'
import { loadFrom, openMemoryBlocks, walkBlocks, writeFile } from '../../runtime/store/index.ts'
import { registryAbi } from '../client/abi.ts'
import { requestModel } from '../client/actions/request-model.ts'
import { InferError } from '../client/errors.ts'
import type { ChainClients } from './clients.ts'

export interface IpfsDeployment {
  id: Hex
  cid: string
  size: number
  /** Number of the request that has activated the model, or will. Absent where the model was published before. */
  request?: number
  /** Whether an earlier deployment had sent the request. */
  wasRequested: boolean
  wasPublished: boolean
  /** Of the request's transaction; what was paid for the activation included. */
  gasUsed: bigint
  /** Number of the block that began with the activation; absent where nobody waited for it. */
  activatedAt?: bigint
}

export interface IpfsDeployOptions {
  artifact: Uint8Array
  host: Host
  metadata: string
  /** Whether to wait until the model is active. */
  wait: boolean
  onUpload: (progress: { done: number; of: number }) => void
  onFetch: (progress: { done: number; of: number }) => void
}

/** As `infer_requests` gives it. */
interface RequestState {
  request: Hex
  model: Hex
  cid: string
  done: number
  size: number
  state: string
  problem?: string
}

/** Prices may rise between the request and the activation. */
const marginPercent = 25n
const pollMs = 100

/** @throws InferError STORAGE_OFF, REFUSED, and those of `requestModel` */
export async function deployToIpfs({ reader, writer }: ChainClients, options: IpfsDeployOptions): Promise<IpfsDeployment> {
  const { artifact, host, metadata, wait, onUpload, onFetch } = options
  const call = <T>(method: string, ...params: unknown[]) => reader.request({ method, params } as never) as Promise<T>
  const id = host.identify(artifact)
  const memory = openMemoryBlocks()
  const root = await writeFile(memory, artifact)
  const cid = root.toString()
  const deployment: IpfsDeployment = { id, cid, size: artifact.length, wasRequested: false, wasPublished: false, gasUsed: 0n }
  const published = await publishedAt(reader, id)
  if (published !== undefined) return { ...deployment, wasPublished: true, activatedAt: published }

  const { gateway } = await call<{ gateway: string | null }>('infer_storage')
  if (gateway === null)
    throw new InferError('STORAGE_OFF', 'the node keeps no blocks of IPFS: start it with --ipfs, or deploy with --storage chain')
  const blocks: { cid: CID; bytes: Uint8Array }[] = []
  for await (const block of walkBlocks(root, loadFrom('memory', memory))) blocks.push(block)
  for (const [index, block] of blocks.entries()) {
    onUpload({ done: index, of: blocks.length })
    await call('infer_putBlock', block.cid.toString(), toHex(block.bytes))
  }
  onUpload({ done: blocks.length, of: blocks.length })

  const earlier = (await call<RequestState[]>('infer_requests')).find(
    (other) => other.model === id && other.cid === cid && other.size === artifact.length && other.state !== 'refused',
  )
  let request = earlier === undefined ? undefined : Number(earlier.request)
  if (request === undefined) {
    const storage = { getStorage: (address: Hex, slot: Uint8Array) => storageAt(reader, address, slot) }
    const gas = heldActivationGas(host, artifact, await readPrices(storage, addresses.gasSchedule))
    const activationGas = gas + (gas * marginPercent) / 100n
    const requested = await requestModel(writer, { id, cid, size: artifact.length, activationGas, metadata })
    request = Number(requested.request)
    deployment.gasUsed = requested.gasUsed
  }
  const sent = { ...deployment, request, wasRequested: earlier !== undefined }
  if (!wait) return sent
  for (;;) {
    const activatedAt = await publishedAt(reader, id)
    if (activatedAt !== undefined) return { ...sent, activatedAt }
    const state = (await call<RequestState[]>('infer_requests')).find((open) => Number(open.request) === request)
    if (state?.state === 'refused') throw new InferError('REFUSED', `the chain does not activate the model ${id}: ${state.problem}`)
    if (state !== undefined) onFetch({ done: state.done, of: state.size })
    await sleep(pollMs)
  }
}

/** Number of the block; undefined where the model has not been published. */
async function publishedAt(reader: PublicClient, id: Hex): Promise<bigint | undefined> {
  const registry = { address: addresses.modelRegistry, abi: registryAbi } as const
  const { status, publishedAt } = await reader.readContract({ ...registry, functionName: 'modelOf', args: [id] })
  return status === 0 ? undefined : publishedAt
}

async function storageAt(reader: PublicClient, address: Hex, slot: Uint8Array): Promise<Uint8Array> {
  return hexToBytes((await reader.getStorageAt({ address, slot: toHex(slot) })) ?? toHex(0, { size: 32 }))
}
