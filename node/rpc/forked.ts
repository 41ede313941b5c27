/** What a forked chain does not have because it lies before the fork is asked of the other node, and answered as that one says. */
import type { Chain } from '../chain/types.ts'
import { NodeError } from '../errors.ts'
import { RpcError } from './errors.ts'

/** Asked again elsewhere where they answer null here. */
const lookUps: ReadonlySet<string> = new Set([
  'eth_getBlockByHash',
  'eth_getBlockByNumber',
  'eth_getBlockReceipts',
  'eth_getBlockTransactionCountByHash',
  'eth_getBlockTransactionCountByNumber',
  'eth_getRawTransactionByHash',
  'eth_getTransactionByBlockHashAndIndex',
  'eth_getTransactionByBlockNumberAndIndex',
  'eth_getTransactionByHash',
  'eth_getTransactionReceipt',
])
/** Asked again where the block that they name is not here. */
const reads: ReadonlySet<string> = new Set([
  'eth_call',
  'eth_estimateGas',
  'eth_getBalance',
  'eth_getCode',
  'eth_getProof',
  'eth_getStorageAt',
  'eth_getTransactionCount',
])

export interface Elsewhere {
  /** Whether another node may know better than this answer. */
  mayKnow(method: string, outcome: { result: unknown } | { error: unknown }): boolean
  /** @throws RpcError the other node's own */
  ask(method: string, params: unknown): Promise<unknown>
}

/** Undefined for a chain of its own. */
export function elsewhereOf(chain: Chain): Elsewhere | undefined {
  if (chain.forkedFrom() === undefined) return undefined
  return {
    mayKnow: (method, outcome) =>
      'result' in outcome
        ? outcome.result === null && lookUps.has(method)
        : reads.has(method) && outcome.error instanceof NodeError && outcome.error.code === 'BLOCK_NOT_FOUND',
    async ask(method, params) {
      const { url, block } = chain.forkedFrom()!
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { result = null, error } = (await response.json()) as { result?: unknown; error?: { message: string; data?: unknown } }
      if (error !== undefined) throw new RpcError('server', `the forked node: ${error.message}`, error.data)
      return isBefore(result, BigInt(block.number)) && namesBlockBefore(params, BigInt(block.number)) ? result : null
    },
  }
}

/** The other chain goes on too: what came after the fork is not of this one. */
function isBefore(result: unknown, fork: bigint): boolean {
  if (typeof result !== 'object' || result === null) return true
  const { blockNumber, number = blockNumber } = result as { number?: unknown; blockNumber?: unknown }
  return typeof number !== 'string' || BigInt(number) <= fork
}

function namesBlockBefore(params: unknown, fork: bigint): boolean {
  const numbers = (Array.isArray(params) ? params : []).filter(
    (each): each is string => typeof each === 'string' && /^0x[0-9a-f]{1,16}$/i.test(each),
  )
  return numbers.every((number) => BigInt(number) <= fork)
}
