/**
 * Follows a chain that another node makes: takes its blocks over JSON-RPC, executes each one again, and keeps it only if every root comes out. Nothing else of what the
 * other node says is believed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Block } from '@ethereumjs/block'
import { bytesToHex, hexToBytes } from '@ethereumjs/util'
import type { Chain, Hex } from '../chain/types.ts'
import { NodeError } from '../errors.ts'

export interface FollowOptions {
  readonly chain: Chain
  /** JSON-RPC of the node that makes the blocks. */
  readonly url: string
  /** Resolves when everything is here that executing the block takes. */
  readonly prepare: (block: Block, signal: AbortSignal) => Promise<void>
  /** Of trouble that may pass: the other node does not answer, or a block is refused; it is tried again. */
  readonly onTrouble: (error: Error) => void
}

export interface Follower {
  close(): Promise<void>
}

const pollMs = 200
const longestPauseMs = 10_000
const requestTimeoutMs = 30_000

/** @throws NodeError GENESIS_MISMATCH where the other node has another chain; FOLLOW_FAILED where it does not answer */
export async function followChain({ chain, url, prepare, onTrouble }: FollowOptions): Promise<Follower> {
  const stop = new AbortController()
  const { signal } = stop

  const request = async <T>(method: string, params: readonly unknown[]): Promise<T> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      })
      const { result, error } = (await response.json()) as { result?: T; error?: { message: string } }
      if (result === undefined || result === null) throw new Error(`${method}: ${error?.message ?? 'no result'}`)
      return result
    } catch (cause) {
      signal.throwIfAborted()
      throw new NodeError('FOLLOW_FAILED', `the node at ${url} does not give its blocks: ${(cause as Error).message}`, { cause })
    }
  }
  const hashAt = async (number: bigint): Promise<Hex> =>
    (await request<{ hash: Hex }>('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])).hash
  const headNumber = () => chain.head().block.header.number

  const chainId = Number(await request<Hex>('eth_chainId', []))
  if (chainId !== chain.config.chainId)
    throw new NodeError('GENESIS_MISMATCH', `the chain at ${url} has the id ${chainId}, this one ${chain.config.chainId}`)
  const genesis = (await chain.block(0n))!.hash
  const otherGenesis = await hashAt(0n)
  if (otherGenesis !== genesis)
    throw new NodeError(
      'GENESIS_MISMATCH',
      `the chain at ${url} begins with ${otherGenesis}, this one with ${genesis}: use the same configuration and version`,
    )

  /** Development methods can take blocks away: goes back to where both agree. */
  const rewind = async (): Promise<void> => {
    let common = headNumber()
    const theirs = BigInt(await request<Hex>('eth_blockNumber', []))
    while (common > 0n && (common > theirs || (await hashAt(common)) !== (await chain.block(common))!.hash)) common--
    if (common < headNumber()) await chain.rollback(Number(headNumber() - common))
  }
  /** Takes one block over. False where there is none behind the head. */
  const advance = async (): Promise<boolean> => {
    const theirs = BigInt(await request<Hex>('eth_blockNumber', []))
    const isBehind = theirs > headNumber()
    if (!isBehind) {
      if ((await hashAt(theirs)) !== (await chain.block(theirs))!.hash || theirs < headNumber()) await rewind()
      return false
    }
    const raw = await request<Hex>('debug_getRawBlock', [`0x${(headNumber() + 1n).toString(16)}`])
    const block = chain.decodeBlock(hexToBytes(raw))
    if (bytesToHex(block.header.parentHash) !== chain.head().hash) {
      await rewind()
      return true
    }
    await prepare(block, signal)
    await chain.append(block)
    return true
  }
  const follow = async (): Promise<void> => {
    let pauseMs = pollMs
    while (!signal.aborted) {
      try {
        const isMore = await advance()
        pauseMs = pollMs
        if (isMore) continue
      } catch (error) {
        if (signal.aborted) return
        onTrouble(error as Error)
        pauseMs = Math.min(2 * pauseMs, longestPauseMs)
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
  const following = follow()

  return {
    async close() {
      stop.abort()
      await following
    },
  }
}
