/**
 * Models off chain, on one node: fetches what the registry's open requests ask for, checks it as an activation would, and offers it to the chain; brings what the blocks
 * of another producer activate; and finds bytes again that a state has lost.
 */
import type { Block } from '@ethereumjs/block'
import { decodeErrorResult, toHex } from 'viem/utils'
import { addresses, inferenceAbi, systemAddress } from '../../precompiles/index.ts'
import { type ArtifactRef, type Blocks, decodeCid, isBlock, parseCid, StoreError } from '../../runtime/store/index.ts'
import type { Chain, StoredBlock } from '../chain/types.ts'
import { registryAbi } from '../client/abi.ts'
import { NodeError } from '../errors.ts'
import type { RequestProgress, Storage } from '../rpc/storage.ts'
import type { Activations } from './activations.ts'
import type { Library } from './library.ts'
import { activatedRequest, activationCall, countRequests, type ModelRequest, readRequest, refOf } from './requests.ts'

export interface OffChainOptions {
  readonly chain: Chain
  readonly activations: Activations
  readonly library: Library
  /** Where `putBlock` keeps blocks; absent: nowhere. */
  readonly blocks: Blocks | undefined
  readonly gateway: string | undefined
  readonly addresses: readonly string[]
  readonly maxModelBytes: number
  /** Whether this node makes the blocks. */
  readonly isProducer: boolean
  /** Of what goes on, for people. */
  readonly onNote: (note: string) => void
  readonly onFault: (error: unknown) => void
}

export interface OffChain extends Storage {
  /** Resolves when the bytes are here that executing the block takes. Rejects with nothing but the signal's reason. */
  prepare(block: Block, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

interface Tracked {
  readonly request: ModelRequest
  readonly stop: AbortController
  state: RequestProgress['state']
  done: number
  problem: string | undefined
}

export function startOffChain(options: OffChainOptions): OffChain {
  const { chain, activations, library, onNote, onFault } = options
  const tracked = new Map<number, Tracked>()
  const closing = new AbortController()
  let seen = 0
  let scanning: Promise<void> = Promise.resolve()

  const refuse = (entry: Tracked, problem: string) => {
    entry.state = 'refused'
    entry.problem = problem
    chain.artifacts.unstage(entry.request.model)
    onNote(`request ${entry.request.number}, model ${entry.request.model}: refused, ${problem}`)
  }
  activations.onRefused = (number) => {
    const entry = tracked.get(number)
    if (entry !== undefined) refuse(entry, 'its activation failed')
  }

  const bring = async (ref: ArtifactRef, signal: AbortSignal, entry?: Tracked): Promise<Uint8Array> => {
    const held = chain.artifacts.get(ref.id)
    if (held !== undefined) return held
    const artifact = await library.acquire(ref, {
      signal: AbortSignal.any([signal, closing.signal]),
      onProgress: ({ done }) => {
        if (entry !== undefined) entry.done = done
      },
      onTrouble: (error) => {
        if (entry !== undefined) entry.problem = error.message
        onNote(error.message)
      },
    })
    onNote(`model ${ref.id}: ${ref.size} bytes are here`)
    return artifact
  }

  /** Fetches, checks and offers one request. */
  const serve = async (entry: Tracked): Promise<void> => {
    const { request, stop } = entry
    const { number, model, size } = request
    if (size > options.maxModelBytes) return refuse(entry, `it has ${size} bytes, the chain takes ${options.maxModelBytes}`)
    let ref: ArtifactRef
    try {
      ref = refOf(request)
    } catch (error) {
      return refuse(entry, (error as StoreError).message)
    }
    const call = activationCall(request)
    if (call.gas > chain.mining.gasLimit)
      return refuse(entry, `its activation may take ${call.gas} gas, a block has ${chain.mining.gasLimit}`)
    entry.state = 'fetching'
    onNote(`request ${number}, model ${model}: fetching ${size} bytes of ${ref.cid}`)
    const artifact = await bring(ref, stop.signal, entry)
    entry.done = size
    entry.problem = undefined
    chain.artifacts.stage(model, artifact)
    const refusal = await refusalOf(chain, call)
    stop.signal.throwIfAborted()
    if (refusal !== undefined) return refuse(entry, refusal)
    entry.state = 'ready'
    if (!options.isProducer) return
    activations.offer(number, call)
    await chain.doSystemWork()
  }

  const track = (request: ModelRequest): void => {
    const entry: Tracked = { request, stop: new AbortController(), state: 'waiting', done: 0, problem: undefined }
    tracked.set(request.number, entry)
    serve(entry).catch((error) => {
      if (!entry.stop.signal.aborted && !closing.signal.aborted) onFault(error)
    })
  }
  const drop = (number: number): void => {
    const entry = tracked.get(number)
    if (entry === undefined) return
    tracked.delete(number)
    entry.stop.abort()
    activations.withdraw(number)
    const { model } = entry.request
    if (![...tracked.values()].some(({ request }) => request.model === model)) chain.artifacts.unstage(model)
  }

  /** Looks at what is new, and at what is tracked and may be over. */
  const scan = async (): Promise<void> => {
    for (const number of [...tracked.keys()]) if ((await readRequest(chain, number))?.state !== 'open') drop(number)
    for (const count = await countRequests(chain); seen < count; seen++) {
      if (closing.signal.aborted) return
      const request = await readRequest(chain, seen)
      if (request?.state === 'open') track(request)
      if (request?.state === 'activated' && !chain.artifacts.has(request.model)) unlessClosing(restore(request))
    }
  }
  /** A state taken over from a file names models whose bytes did not come with it. */
  const restore = async (request: ModelRequest): Promise<void> =>
    chain.artifacts.stage(request.model, await bring(refOf(request), closing.signal))
  const unlessClosing = (work: Promise<void>): void => {
    work.catch((error) => {
      if (!closing.signal.aborted) onFault(error)
    })
  }
  const rescan = (): void => {
    scanning = scanning.then(scan)
    unlessClosing(scanning)
    scanning = scanning.catch(() => {})
  }
  const onBlock = ({ receipts }: StoredBlock): void => {
    if (receipts.some(({ logs }) => logs.some(({ address }) => address === addresses.modelRegistry))) rescan()
  }
  const onRemoved = (): void => {
    for (const number of [...tracked.keys()]) drop(number)
    seen = 0
    rescan()
  }
  chain.events.on('block', onBlock)
  chain.events.on('removed', onRemoved)
  rescan()

  return {
    gateway: options.gateway,
    addresses: options.addresses,
    async putBlock(text, bytes) {
      if (options.blocks === undefined) throw new NodeError('STORAGE_OFF', 'this node keeps no blocks of IPFS: start it with --ipfs')
      try {
        const cid = parseCid(text)
        if (!isBlock(cid, bytes)) throw new StoreError('wrongBlock', `${bytes.length} bytes are not those of the block ${text}`)
        await options.blocks.put(cid, bytes)
      } catch (cause) {
        if (cause instanceof StoreError) throw new NodeError('BLOCK_REFUSED', cause.message, { cause })
        throw cause
      }
    },
    requests: () =>
      Array.from(tracked.values(), ({ request: { number, model, size, cid }, state, done, problem }) => ({
        ...{ number, model, size, done, state, cid: cidText(cid) },
        ...(problem === undefined ? {} : { problem }),
      })),
    async prepare(block, signal) {
      for (const { to, data } of block.transactions) {
        const number = to?.toString() === addresses.modelRegistry ? activatedRequest(data) : undefined
        // The system's transactions stand first; whether this is one of them the execution finds out.
        if (number === undefined) return
        if (number >= (await countRequests(chain))) return
        const request = (await readRequest(chain, number))!
        chain.artifacts.stage(request.model, await bring(refOf(request), signal))
      }
    },
    async close() {
      closing.abort(new NodeError('CHAIN_CLOSED', 'the chain is closed'))
      chain.events.off('block', onBlock)
      chain.events.off('removed', onRemoved)
      for (const { stop } of tracked.values()) stop.abort()
      await scanning
    },
  }
}

/** Why a call of the system would fail on the state at the head; undefined where it would not. */
async function refusalOf(
  chain: Chain,
  { to, data, gas }: { to: `0x${string}`; data: Uint8Array; gas: bigint },
): Promise<string | undefined> {
  const { error, output } = await chain.call({ from: systemAddress, to, data, gas }, 'pending')
  if (error === undefined) return undefined
  if (output.length < 4) return `its activation fails: ${error}. More gas may have to be paid`
  const { errorName, args = [] } = decodeErrorResult({ abi: [...registryAbi, ...inferenceAbi], data: toHex(output) })
  return `its activation reverts with ${errorName}(${args.join(', ')})`
}

/** A CID that is none is shown as it is. */
function cidText(cid: Uint8Array): string {
  try {
    return decodeCid(cid).toString()
  } catch {
    return toHex(cid)
  }
}
