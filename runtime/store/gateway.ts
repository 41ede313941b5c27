/**
 * Artifacts from a trustless HTTP gateway (specs.ipfs.tech/http-gateways/trustless-gateway): a CAR of the whole file first, then single blocks for what did not come with
 * it. Each block is hashed before anything is made of it, and kept, so that a reading that broke off goes on where it stopped.
 */
import { CarBlockIterator } from '@ipld/car/iterator'
import type { CID } from 'multiformats/cid'
import type { ArtifactRef, ArtifactSource, ReadOptions } from './artifact.ts'
import { type Blocks, isBlock, maxBlockBytes, parseCid, readBlock } from './blocks.ts'
import { StoreError } from './errors.ts'
import { linksOf, readFile } from './unixfs.ts'

export interface GatewayOptions {
  /** Of the gateway, without a path: `http://127.0.0.1:8080`. */
  readonly url: string
  /** Where blocks are kept and looked for first. */
  readonly blocks: Blocks
  /** Instead of the platform's own. */
  readonly fetch?: typeof globalThis.fetch
}

export function createGatewaySource({ url, blocks, fetch = globalThis.fetch }: GatewayOptions): ArtifactSource {
  const base = url.replace(/\/+$/, '')
  const name = `gateway ${base}`
  const refuse = (code: StoreError['code'], message: string) => new StoreError(code, message, { source: name })

  const request = async (cid: CID, format: 'car' | 'raw', { signal }: ReadOptions, method = 'GET'): Promise<Response> => {
    const scope = format === 'car' ? '&dag-scope=all' : ''
    const accept = format === 'car' ? 'application/vnd.ipld.car; version=1; order=dfs; dups=n' : 'application/vnd.ipld.raw'
    // A gateway that sends elsewhere is not the one that was named.
    return fetch(`${base}/ipfs/${cid}?format=${format}${scope}`, {
      method,
      headers: { accept },
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
    })
  }
  const keep = async (cid: CID, bytes: Uint8Array): Promise<Uint8Array> => {
    if (!isBlock(cid, bytes)) throw refuse('wrongBlock', `gave bytes for the block ${cid} that are not its own`)
    await blocks.put(cid, bytes)
    return bytes
  }
  const requestBlock = async (cid: CID, options: ReadOptions): Promise<Uint8Array> => {
    const response = await request(cid, 'raw', options)
    if (!response.ok) throw await refusal(response, cid)
    const pieces: Uint8Array[] = []
    for await (const piece of limited(response.body, maxBlockBytes, refuse)) pieces.push(piece)
    return keep(cid, new Uint8Array(Buffer.concat(pieces)))
  }
  const refusal = async (response: Response, cid: CID): Promise<StoreError> => {
    await response.body?.cancel()
    return refuse(response.status === 404 ? 'notFound' : 'unreachable', `answered ${response.status} when asked for ${cid}`)
  }

  /** The blocks of a file from one CAR, in the order in which they come; nothing where the gateway has no CARs. */
  async function* download(root: CID, size: number, options: ReadOptions): AsyncGenerator<CID> {
    const response = await request(root, 'car', options)
    if (response.status === 404) throw await refusal(response, root)
    if (!response.ok || response.body === null) return void (await response.body?.cancel())
    const car = await CarBlockIterator.fromIterable(limited(response.body, mostCarBytes(size), refuse))
    const wanted = new Set([root.toString()])
    for await (const { cid, bytes } of car) {
      // What nobody has asked for is not kept.
      if (!wanted.has(cid.toString())) continue
      await keep(cid, bytes)
      for (const link of linksOf(cid, bytes)) wanted.add(link.toString())
      yield cid
    }
  }

  return {
    name,
    async has({ cid }, options = {}) {
      const response = await request(parseCid(cid), 'raw', options, 'HEAD').catch((cause) => {
        options.signal?.throwIfAborted()
        throw new StoreError('unreachable', (cause as Error).message, { source: name, cause })
      })
      return response.ok
    },
    async *read(ref: ArtifactRef, options: ReadOptions = {}) {
      const root = parseCid(ref.cid)
      const isBegun = await blocks.has(root)
      const car = isBegun ? undefined : download(root, ref.size, options)
      let turn: Promise<unknown> = Promise.resolve()
      const load = async (cid: CID): Promise<Uint8Array> => {
        for (;;) {
          const kept = await readBlock(blocks, cid, name)
          if (kept !== undefined) return kept
          const next = await car?.next()
          if (next === undefined || next.done === true) return requestBlock(cid, options)
        }
      }
      try {
        // One at a time: blocks come from the CAR in the order in which the file is read.
        yield* readFile(root, ref.size, name, (cid) => {
          const loaded = turn.then(() => load(cid))
          turn = loaded.catch(() => {})
          return loaded
        })
      } finally {
        void car?.return(undefined).catch(() => {})
      }
    },
  }
}

/** A file's bytes, an eighth for the inner nodes and CIDs of small chunks, and room for a header. */
const mostCarBytes = (size: number) => size + Math.ceil(size / 8) + 65_536

/** A body that breaks off when it is longer than it can honestly be. */
async function* limited(
  body: ReadableStream<Uint8Array> | null,
  most: number,
  refuse: (code: 'tooLarge', message: string) => StoreError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > most) throw refuse('tooLarge', `sent more than ${most} bytes`)
    yield piece
  }
}
