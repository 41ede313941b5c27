/** A chain that goes on from a block of another: the block itself, and the other's state there, asked for when it is needed and then kept. */

import { bytesToHex, hexToBytes, KECCAK256_NULL } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'
import { NodeError } from '../errors.ts'
import { EMPTY_ROOT } from '../state/trie.ts'
import { type AccountRecord, hexOf, type RemoteState } from '../state/views.ts'
import { type Asker, type Call, createAsker } from './ask.ts'

type Hex = `0x${string}`

/** A block as JSON-RPC gives it. */
export type RemoteBlock = Readonly<Record<string, unknown>> & { readonly number: Hex; readonly hash: Hex; readonly timestamp: Hex }

export interface ForkPoint {
  readonly url: string
  /** Undefined: the latest. */
  readonly blockNumber: bigint | undefined
}

export interface Fork {
  readonly state: RemoteState
  /** Where it is now. */
  point(): { readonly url: string; readonly chainId: number; readonly block: RemoteBlock }
  /** Hash of a block of the other chain, up to the one it goes on from. */
  blockHash(number: bigint): Uint8Array | undefined
  /** Goes to another block, or to another node: what was kept is forgotten. @throws NodeError FORK_UNREACHABLE */
  moveTo(point: ForkPoint): void
  close(): Promise<void>
}

/** @throws NodeError FORK_UNREACHABLE */
export function openFork(first: ForkPoint): Fork {
  const asker = createAsker()
  try {
    let at = locate(asker, first)
    let kept = noneKept()
    const ask = (...calls: Call[]) => asker.ask(at.url, calls)
    const account = (address: string): AccountRecord | undefined => {
      if (kept.accounts.has(address)) return kept.accounts.get(address)
      const params = [`0x${address}`, at.block.number]
      const [balance, nonce, code] = ask(
        { method: 'eth_getBalance', params },
        { method: 'eth_getTransactionCount', params },
        { method: 'eth_getCode', params },
      ) as [Hex, Hex, Hex]
      const record = recordOf(BigInt(balance), BigInt(nonce), hexToBytes(code), kept)
      kept.accounts.set(address, record)
      return record
    }
    return {
      point: () => at,
      state: {
        account,
        code: (codeHash) => kept.codes.get(hexOf(codeHash)),
        slot(address, slot) {
          const name = address + slot
          const known = kept.slots.get(name)
          if (known !== undefined) return known
          const params = [`0x${address}`, `0x${slot}`, at.block.number]
          const value = account(address) === undefined ? NOTHING : significant(ask({ method: 'eth_getStorageAt', params })[0] as Hex)
          kept.slots.set(name, value)
          return value
        },
      },
      blockHash(number) {
        if (number > BigInt(at.block.number)) return undefined
        const known = kept.hashes.get(number)
        if (known !== undefined) return known
        const [block] = ask({ method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] }) as [RemoteBlock | null]
        const hash = block === null ? undefined : hexToBytes(block.hash)
        if (hash !== undefined) kept.hashes.set(number, hash)
        return hash
      },
      moveTo(point) {
        const next = locate(asker, point)
        if (next.chainId !== at.chainId)
          throw new NodeError('FORK_UNREACHABLE', `the node at ${point.url} has chain id ${next.chainId}, wanted ${at.chainId}`)
        at = next
        kept = noneKept()
      },
      close: () => asker.close(),
    }
  } catch (error) {
    void asker.close()
    throw error
  }
}

function locate(asker: Asker, { url, blockNumber }: ForkPoint) {
  const tag = blockNumber === undefined ? 'latest' : `0x${blockNumber.toString(16)}`
  const [chainId, block] = asker.ask(url, [
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getBlockByNumber', params: [tag, false] },
  ]) as [Hex, RemoteBlock | null]
  if (block === null) throw new NodeError('FORK_UNREACHABLE', `the forked node at ${url} has no block ${blockNumber}`)
  return { url, chainId: Number(chainId), block }
}

interface Kept {
  accounts: Map<string, AccountRecord | undefined>
  slots: Map<string, Uint8Array>
  codes: Map<string, Uint8Array>
  hashes: Map<bigint, Uint8Array>
}

const noneKept = (): Kept => ({ accounts: new Map(), slots: new Map(), codes: new Map(), hashes: new Map() })

const NOTHING = new Uint8Array(0)

/** Undefined for an account that has nothing. */
function recordOf(balance: bigint, nonce: bigint, code: Uint8Array, { codes }: Kept): AccountRecord | undefined {
  if (balance === 0n && nonce === 0n && code.length === 0) return undefined
  const codeHash = code.length === 0 ? KECCAK256_NULL : keccak256(code)
  if (code.length > 0) codes.set(bytesToHex(codeHash).slice(2), code)
  return { balance, nonce, codeHash, storageRoot: EMPTY_ROOT }
}

/** Without leading zeros. */
function significant(word: Hex): Uint8Array {
  const bytes = hexToBytes(word)
  const start = bytes.findIndex((byte) => byte !== 0)
  return start < 0 ? NOTHING : bytes.slice(start)
}
