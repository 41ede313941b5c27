/** Blocks by their CID, kept in memory or by level. What is read is hashed again: a disk can lie as a peer can. */
import { hash } from 'node:crypto'
import { code as dagPbCode } from '@ipld/dag-pb'
import type { BaseBlockstore } from 'blockstore-core'
import { MemoryBlockstore } from 'blockstore-core/memory'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { StoreError } from './errors.ts'

export type Blocks = Pick<BaseBlockstore, 'has' | 'get' | 'put'>

export interface ClosableBlocks {
  readonly blocks: Blocks
  close(): Promise<void>
}

/** What peers of IPFS exchange at most (Bitswap 1.2.0, "Block Sizes"). */
export const maxBlockBytes = 2 * 1024 * 1024

/** Multicodec table: sha2-256. */
const sha256Code = 0x12
const sha256Bytes = 32

export function openMemoryBlocks(): Blocks {
  return new MemoryBlockstore()
}

/** Opens or creates a level database in a directory. */
export async function openLevelBlocks(directory: string): Promise<ClosableBlocks> {
  const { LevelBlockstore } = await import('blockstore-level')
  const blocks = new LevelBlockstore(directory)
  await blocks.open()
  return { blocks, close: () => blocks.close() }
}

/** @throws StoreError cidInvalid */
export function parseCid(text: string): CID {
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch (cause) {
    throw new StoreError('cidInvalid', `${JSON.stringify(text)} is no CID: ${(cause as Error).message}`, { cause })
  }
  return checkCid(cid)
}

/** As a registry has it. @throws StoreError cidInvalid */
export function decodeCid(bytes: Uint8Array): CID {
  let cid: CID
  try {
    cid = CID.decode(bytes)
  } catch (cause) {
    throw new StoreError('cidInvalid', `${Buffer.from(bytes).toString('hex')} is no CID: ${(cause as Error).message}`, { cause })
  }
  return checkCid(cid)
}

function checkCid(cid: CID): CID {
  const { version, code, multihash } = cid
  const isKnown = version === 1 && (code === rawCode || code === dagPbCode) && multihash.code === sha256Code
  if (isKnown && multihash.digest.length === sha256Bytes) return cid
  throw new StoreError('cidInvalid', `${cid}: wanted a CID of version 1, of raw or dag-pb under sha2-256`)
}

/** Whether these are the bytes that the CID names. */
export function isBlock(cid: CID, bytes: Uint8Array): boolean {
  return bytes.length <= maxBlockBytes && hash('sha256', bytes, 'buffer').equals(cid.multihash.digest)
}

/** Undefined where there is no such block. @throws StoreError wrongBlock */
export async function readBlock(blocks: Blocks, cid: CID, source: string): Promise<Uint8Array | undefined> {
  if (!(await blocks.has(cid))) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of blocks.get(cid)) pieces.push(piece)
  const bytes = pieces.length === 1 ? pieces[0]! : new Uint8Array(Buffer.concat(pieces))
  if (isBlock(cid, bytes)) return bytes
  throw new StoreError('wrongBlock', `the bytes kept for the block ${cid} are not its own`, { source })
}
