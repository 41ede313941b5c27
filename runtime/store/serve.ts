/**
 * The server's side of a trustless gateway: answers `GET /ipfs/CID?format=car` and `format=raw` from blocks that are here, and fetches none for anybody.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CarWriter } from '@ipld/car/writer'
import type { CID } from 'multiformats/cid'
import { loadFrom } from './block-store.ts'
import { type Blocks, parseCid, readBlock } from './blocks.ts'
import { walkBlocks } from './unixfs.ts'

const formats = {
  raw: { type: 'application/vnd.ipld.raw', extension: 'bin' },
  car: { type: 'application/vnd.ipld.car', extension: 'car' },
} as const
type Format = keyof typeof formats

const source = 'this gateway'

/** Answers one request. A CAR breaks off where a block of the file is missing. */
export async function serveGateway(blocks: Blocks, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number, message: string) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'This gateway is for reading: GET and HEAD.')
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway')
  const [, space, text = '', ...rest] = pathname.split('/')
  if (space !== 'ipfs' || text === '' || rest.length > 0) return refuse(404, 'Wanted /ipfs/CID, without a path behind it.')
  const format = formatOf(searchParams.get('format'), request.headers.accept)
  if (format === undefined) return refuse(406, 'This gateway is trustless: ask for format=car or format=raw.')
  let root: CID
  try {
    root = parseCid(text)
  } catch (error) {
    return refuse(400, (error as Error).message)
  }
  const block = await readBlock(blocks, root, source).catch(() => undefined)
  if (block === undefined) return refuse(404, `The block ${root} is not here.`)
  const { type, extension } = formats[format]
  response.writeHead(200, {
    'content-type': format === 'car' ? `${type}; version=1; order=dfs; dups=n` : type,
    'content-disposition': `attachment; filename="${root}.${extension}"`,
    'cache-control': 'public, max-age=29030400, immutable',
    etag: `"${root}.${format}"`,
    'x-content-type-options': 'nosniff',
    ...(format === 'raw' ? { 'content-length': block.length } : {}),
  })
  if (request.method === 'HEAD') response.end()
  else if (format === 'raw') response.end(block)
  // A client that goes away ends its own answer, and nothing else.
  else await pipeline(Readable.from(carOf(blocks, root)), response).catch(() => {})
}

/** The query wins, as the specification has it. */
function formatOf(query: string | null, accept = ''): Format | undefined {
  if (query !== null) return Object.hasOwn(formats, query) ? (query as Format) : undefined
  return (Object.keys(formats) as Format[]).find((format) => accept.includes(formats[format].type))
}

/** CAR of all blocks under a root, each once, depth first. */
async function* carOf(blocks: Blocks, root: CID): AsyncGenerator<Uint8Array> {
  const { writer, out } = CarWriter.create([root])
  const write = async () => {
    try {
      for await (const block of walkBlocks(root, loadFrom(source, blocks))) await writer.put(block)
    } finally {
      await writer.close()
    }
  }
  const written = write()
  // Told below, when all that was written has been read.
  written.catch(() => {})
  yield* out
  await written
}
