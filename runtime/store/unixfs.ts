/**
 * Files in IPFS: trees of blocks after the UnixFS specification. Written by the profile `unixfs-v1-2025` of IPIP-499 (chunks of 1 MiB, 1024 links, raw leaves), so that
 * the same bytes have the same CID wherever that profile is used; read whatever their layout.
 *
 * A tree comes from strangers: each node says how long its children are, and every one of them must be exactly that long and longer than nothing. So a tree costs no
 * more than a file of its size may, and one of another size is refused at its root.
 */
import { code as dagPbCode, decode, type PBNode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { importBytes } from 'ipfs-unixfs-importer'
import type { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import type { Blocks } from './blocks.ts'
import { StoreError } from './errors.ts'

/** @throws StoreError of the source's own */
export type LoadBlock = (cid: CID) => Promise<Uint8Array>

/** With 1024 links to a node, eight levels hold more than any artifact. */
const maxDepth = 8
/** Bytes of the smallest chunks that are read: smaller ones would let a file have more blocks than bytes are worth. */
const leastChunkBytes = 256
/** Leaves that are asked for ahead of the one that is read. */
const lookahead = 8

/** Writes a file's blocks; its CID. */
export async function writeFile(blocks: Blocks, bytes: Uint8Array): Promise<CID> {
  const { cid } = await importBytes(bytes, blocks, { profile: 'unixfs-v1-2025' })
  return cid
}

interface Branch {
  readonly cid: CID
  readonly size: number
}

/**
 * The content of a file of so many bytes, in order.
 * @throws StoreError notAFile, wrongSize, and those of `load`
 */
export async function* readFile(root: CID, size: number, source: string, load: LoadBlock): AsyncGenerator<Uint8Array> {
  let blocksLeft = 64 + 2 * Math.ceil(size / leastChunkBytes)
  const refuse = (code: 'notAFile' | 'wrongSize', message: string) => new StoreError(code, message, { source })

  async function* walk({ cid, size }: Branch, bytes: Uint8Array, depth: number): AsyncGenerator<Uint8Array> {
    if (--blocksLeft < 0 || depth > maxDepth) throw refuse('notAFile', `${root} has more blocks than a file of its size needs`)
    const { data, branches } = readNode(cid, bytes, refuse)
    const got = branches.reduce((sum, branch) => sum + branch.size, data.length)
    if (got !== size) throw refuse('wrongSize', `${cid} has ${got} bytes of content, wanted ${size}`)
    if (data.length > 0) yield data
    const loads = branches.slice(0, lookahead).map((branch) => begin(load, branch.cid))
    for (const [index, branch] of branches.entries()) {
      const loaded = await loads.shift()!
      const ahead = branches[index + lookahead]
      if (ahead !== undefined) loads.push(begin(load, ahead.cid))
      yield* walk(branch, loaded, depth + 1)
    }
  }

  yield* walk({ cid: root, size }, await load(root), 0)
}

/** Who awaits it handles the rejection; one that is not awaited any more is nobody's. */
function begin(load: LoadBlock, cid: CID): Promise<Uint8Array> {
  const loading = load(cid)
  loading.catch(() => {})
  return loading
}

/** All blocks of a tree, each once, depth first. */
export async function* walkBlocks(root: CID, load: LoadBlock): AsyncGenerator<{ cid: CID; bytes: Uint8Array }> {
  const seen = new Set<string>()
  const waiting = [root]
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    const bytes = await load(cid)
    yield { cid, bytes }
    waiting.push(...linksOf(cid, bytes).reverse())
  }
}

/** The blocks that a block names; none of a raw one, nor of one that is no file. */
export function linksOf(cid: CID, bytes: Uint8Array): CID[] {
  return cid.code === dagPbCode ? decode(bytes).Links.map(({ Hash }) => Hash) : []
}

function readNode(
  cid: CID,
  bytes: Uint8Array,
  refuse: (code: 'notAFile', message: string) => StoreError,
): { data: Uint8Array; branches: Branch[] } {
  if (cid.code === rawCode) return { data: bytes, branches: [] }
  if (cid.code !== dagPbCode) throw refuse('notAFile', `${cid} is a block of another kind than raw or dag-pb`)
  let node: PBNode
  let file: UnixFS
  try {
    node = decode(bytes)
    file = UnixFS.unmarshal(node.Data ?? new Uint8Array())
  } catch (cause) {
    throw refuse('notAFile', `${cid} is no node of UnixFS: ${(cause as Error).message}`)
  }
  if (file.type !== 'file' && file.type !== 'raw') throw refuse('notAFile', `${cid} is a ${file.type}, wanted a file`)
  const sizes = file.blockSizes
  if (sizes.length !== node.Links.length || sizes.some((size) => size < 1n || size > Number.MAX_SAFE_INTEGER))
    throw refuse('notAFile', `${cid} has ${node.Links.length} links and tells the sizes of ${sizes.length}, all of which must be positive`)
  return { data: file.data ?? new Uint8Array(), branches: node.Links.map(({ Hash }, index) => ({ cid: Hash, size: Number(sizes[index]) })) }
}
