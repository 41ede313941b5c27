/** Gateways that stall, lie, never end or hold something else: each is named, none is believed, and the next is asked. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { encode, prepare } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { modelId } from '../../runtime/index.ts'
import {
  type ArtifactRef,
  type Blocks,
  createBlockStore,
  createGatewaySource,
  fetchArtifact,
  openMemoryBlocks,
  type StoreError,
  serveGateway,
} from '../../runtime/store/index.ts'
import { writeFile } from '../../runtime/store/unixfs.ts'
import { denseArtifact } from '../precompiles/models.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const artifact = denseArtifact(1536, 1536)
const other = denseArtifact(1536, 1536, 2)
/** Of sources that answer: nothing on loopback takes as long. */
const patientMs = 60_000
/** Of one that stalls: the honest one behind it is waited for as long. */
const hurriedMs = 2_000

async function listen(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An honest gateway that has these artifacts. */
async function honest(...artifacts: Uint8Array[]): Promise<{ blocks: Blocks; refs: ArtifactRef[]; answer: Answer }> {
  const blocks = openMemoryBlocks()
  const store = createBlockStore('honest', blocks)
  const refs: ArtifactRef[] = []
  for (const each of artifacts) refs.push(await store.put(each))
  return { blocks, refs, answer: (request, response) => void serveGateway(blocks, request, response) }
}

/** Of both artifacts, of one, of the other. */
const [good, onlyArtifact, onlyOther] = await Promise.all([honest(artifact, other), honest(artifact), honest(other)])

/** What one bad source is refused with, and that the honest one behind it is then believed. */
async function refusalOf(t: TestContext, bad: Answer, ref?: ArtifactRef, stallMs = patientMs): Promise<StoreError> {
  const [badUrl, goodUrl] = [await listen(t, bad), await listen(t, good.answer)]
  // One cache for both, as a node has it: nothing that the first gave may spoil the second.
  const blocks = openMemoryBlocks()
  const sources = [badUrl, goodUrl].map((url) => createGatewaySource({ url, blocks }))
  const refusals: StoreError[] = []
  const options = { identify: modelId, stallMs, onRefused: (error: StoreError) => void refusals.push(error) }
  const wanted = ref ?? good.refs[0]!
  if (ref === undefined) assert.ok(Buffer.from(artifact).equals(await fetchArtifact(sources, wanted, options)))
  else await assert.rejects(fetchArtifact(sources, wanted, options), (error: StoreError) => error.code === 'exhausted')
  assert.equal(refusals[0]!.source, `gateway ${badUrl}`)
  assert.ok(refusals[0]!.message.includes(badUrl))
  return refusals[0]!
}

const isCar = ({ url = '' }: IncomingMessage) => url.includes('format=car')

test('one that never answers', async (t) => assert.equal((await refusalOf(t, () => {}, undefined, hurriedMs)).code, 'stalled'))

test('one that begins and then says no more', async (t) => {
  const { answer } = onlyArtifact
  const stalling: Answer = (request, response) => {
    const { write } = response
    let bytes = 0
    response.write = ((chunk: Uint8Array, ...rest: []) => {
      bytes += chunk.length
      return bytes > 1_500_000 ? false : Reflect.apply(write, response, [chunk, ...rest])
    }) as typeof write
    answer(request, response)
  }
  assert.equal((await refusalOf(t, stalling, undefined, hurriedMs)).code, 'stalled')
})

test('one that breaks off', async (t) => {
  const broken: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': 5000 }).write(new Uint8Array(100))
    setTimeout(() => response.destroy(), 20)
  }
  assert.equal((await refusalOf(t, broken)).code, 'unreachable')
})

test('one that changes a bit of a block', async (t) => {
  const { answer } = onlyArtifact
  const lying: Answer = (request, response) => {
    const { write } = response
    let bytes = 0
    response.write = ((chunk: Uint8Array, ...rest: []) => {
      bytes += chunk.length
      const changed = bytes > 500_000 ? chunk.with(chunk.length - 1, chunk.at(-1)! ^ 1) : chunk
      return Reflect.apply(write, response, [changed, ...rest])
    }) as typeof write
    answer(request, response)
  }
  assert.equal((await refusalOf(t, lying)).code, 'wrongBlock')
})

test('one that gives other bytes as a single block', async (t) => {
  const lying: Answer = (request, response) => (isCar(request) ? response.writeHead(406).end() : response.end('other bytes'))
  assert.equal((await refusalOf(t, lying)).code, 'wrongBlock')
})

test('one that gives a CAR of something else: its blocks are dropped, and the right ones asked for by name', async (t) => {
  const { blocks, refs } = good
  const [, unasked] = refs
  const asked: string[] = []
  const url = await listen(t, (request, response) => {
    asked.push(request.url!)
    if (isCar(request)) request.url = `/ipfs/${unasked!.cid}?format=car`
    void serveGateway(blocks, request, response)
  })
  const kept = openMemoryBlocks()
  const got = await fetchArtifact([createGatewaySource({ url, blocks: kept })], refs[0]!, { identify: modelId })
  assert.ok(Buffer.from(artifact).equals(got))
  assert.ok(asked.length > 3)
  assert.equal(await kept.has(CID.parse(unasked!.cid)), false)
})

for (const format of ['car', 'raw'])
  test(`one whose ${format} never ends`, async (t) => {
    let sent = 0
    const endless: Answer = (request, response) => {
      if (isCar(request) && format === 'raw') return response.writeHead(406).end()
      response.on('error', () => {})
      const flood = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length
      }
      // The header and the beginning of a block of 3 MB, in a CAR.
      if (isCar(request)) response.write(carHeader(good.refs[0]!.cid))
      const piece = new Uint8Array(65_536)
      response.on('drain', flood)
      return flood()
    }
    assert.equal((await refusalOf(t, endless)).code, 'tooLarge')
    assert.ok(sent < 64 * 1024 * 1024, `took ${sent} bytes`)
  })

test('one that answers with a page', async (t) => {
  const page: Answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>')
  assert.equal((await refusalOf(t, page)).code, 'unreachable')
})

test('one that sends elsewhere', async (t) => {
  const { answer } = onlyArtifact
  const elsewhere = await listen(t, answer)
  const redirecting: Answer = ({ url }, response) => response.writeHead(302, { location: elsewhere + url }).end()
  assert.equal((await refusalOf(t, redirecting)).code, 'unreachable')
})

test('one that does not have it', async (t) => {
  const { answer } = onlyOther
  assert.equal((await refusalOf(t, answer)).code, 'notFound')
})

test('a reference whose CID is another model’s', async (t) => {
  const { refs, answer } = good
  assert.equal((await refusalOf(t, answer, { ...refs[0]!, cid: refs[1]!.cid, size: refs[1]!.size })).code, 'wrongModel')
})

test('a reference whose CID is a file that is no model', async (t) => {
  const { blocks, refs, answer } = onlyArtifact
  const cid = (await writeFile(blocks, new Uint8Array(1000).fill(7))).toString()
  assert.equal((await refusalOf(t, answer, { ...refs[0]!, cid, size: 1000 })).code, 'wrongModel')
})

test('a reference of another size is refused at the root of the file', async (t) => {
  const { refs, answer } = onlyArtifact
  for (const size of [artifact.length - 1, artifact.length + 1, 5]) {
    let blocks = 0
    const counting: Answer = (request, response) => {
      blocks++
      answer(request, response)
    }
    assert.match((await refusalOf(t, counting, { ...refs[0]!, size })).code, /^(wrongSize|tooLarge)$/)
    assert.equal(blocks, 1)
  }
})

/** Trees that no file needs. */
const block = async (blocks: Blocks, file: UnixFS, links: { cid: CID; size: number }[]): Promise<CID> => {
  for (const { size } of links) file.addBlockSize(BigInt(size))
  const bytes = encode(prepare({ Data: file.marshal(), Links: links.map(({ cid }) => ({ Name: '', Tsize: 0, Hash: cid })) }))
  const cid = CID.createV1(0x70, await sha256.digest(bytes))
  await blocks.put(cid, bytes)
  return cid
}
const refusesTree = async (blocks: Blocks, cid: CID, size: number): Promise<string> => {
  const ref = { id: modelId(artifact), cid: cid.toString(), size }
  const refusals: StoreError[] = []
  const sources = [createBlockStore('tree', blocks)]
  await assert.rejects(fetchArtifact(sources, ref, { identify: modelId, onRefused: (error) => void refusals.push(error) }))
  return refusals[0]!.code
}

test('a directory is no file', async () => {
  const blocks = openMemoryBlocks()
  assert.equal(await refusesTree(blocks, await block(blocks, new UnixFS({ type: 'directory' }), []), 100), 'notAFile')
})

test('a tree of empty leaves, or of nodes that hold nothing but one another, is given up', async () => {
  const blocks = openMemoryBlocks()
  const leaf = await block(blocks, new UnixFS({ type: 'file', data: new Uint8Array(1) }), [])
  const empty = await block(blocks, new UnixFS({ type: 'file' }), [])
  const emptyTree = await block(blocks, new UnixFS({ type: 'file' }), [
    { cid: empty, size: 0 },
    { cid: leaf, size: 1 },
  ])
  assert.equal(await refusesTree(blocks, emptyTree, 1), 'notAFile')
  let chain = leaf
  for (let depth = 0; depth < 20; depth++) chain = await block(blocks, new UnixFS({ type: 'file' }), [{ cid: chain, size: 1 }])
  assert.equal(await refusesTree(blocks, chain, 1), 'notAFile')
  // Two links to the level below, twenty times: a million visits, if anybody made them.
  let doubling = leaf
  for (let depth = 0, size = 1; depth < 20; depth++, size *= 2)
    doubling = await block(blocks, new UnixFS({ type: 'file' }), [
      { cid: doubling, size },
      { cid: doubling, size },
    ])
  assert.equal(await refusesTree(blocks, doubling, 2 ** 20), 'notAFile')
})

test('a node that says of a child another size than it has', async () => {
  const blocks = openMemoryBlocks()
  const leaf = await block(blocks, new UnixFS({ type: 'file', data: new Uint8Array(10) }), [])
  for (const size of [9, 11]) {
    const root = await block(blocks, new UnixFS({ type: 'file' }), [{ cid: leaf, size }])
    assert.equal(await refusesTree(blocks, root, size), 'wrongSize')
  }
})

test('without a source the error says so', () =>
  assert.rejects(fetchArtifact([], { id: modelId(artifact), cid: 'bafk', size: 1 }, { identify: modelId }), /no source to ask/))

/** CARv1: a header with the root, and the length of a block of 3 MB that follows. */
function carHeader(cid: string): Uint8Array {
  const root = CID.parse(cid).bytes
  // DAG-CBOR of { roots: [cid], version: 1 }; a link is tag 42 of bytes that begin with 0x00.
  const header = Buffer.concat([
    Buffer.from([0xa2, 0x65, ...Buffer.from('roots'), 0x81, 0xd8, 0x2a, 0x58, root.length + 1, 0x00]),
    root,
    Buffer.from([0x67, ...Buffer.from('version'), 0x01]),
  ])
  return Buffer.concat([Buffer.from([header.length]), header, Buffer.from([0xc0, 0x8d, 0xb7, 0x01]), root])
}
