/**
 * What every place for artifacts must do, whatever it is made of. An implementation of its own runs the suite with a function that opens an empty one:
 *
 *     sourceSuite('my store', async (t) => ({ source, seed: async (artifact) => ref }))
 *     storeSuite('my store', async (t) => store)
 */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelId } from '../../runtime/index.ts'
import { type ArtifactRef, type ArtifactSource, type ArtifactStore, fetchArtifact, type StoreError } from '../../runtime/store/index.ts'
import { denseArtifact } from '../precompiles/models.ts'

export interface OpenSource {
  source: ArtifactSource
  /** Brings an artifact to where the source finds it. */
  seed(artifact: Uint8Array): Promise<ArtifactRef>
}

/** One block, just under and over the first chunk, several chunks with a short last one. */
const artifacts: Record<string, Uint8Array> = {
  'of one block': denseArtifact(64, 10),
  'of a whole chunk less a byte, and more': denseArtifact(1024, 1023, 2),
  'of several chunks': denseArtifact(1536, 1536, 3),
}
const unknown: ArtifactRef = {
  id: modelId(denseArtifact(8, 4, 99)),
  cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
  size: 1000,
}

export function sourceSuite(name: string, open: (t: TestContext) => Promise<OpenSource>): void {
  for (const [kind, artifact] of Object.entries(artifacts))
    test(`${name}: gives an artifact ${kind} byte for byte, more than once`, async (t) => {
      const { source, seed } = await open(t)
      const ref = await seed(artifact)
      assert.deepEqual([ref.id, ref.size], [modelId(artifact), artifact.length])
      assert.equal(await source.has(ref), true)
      for (let time = 0; time < 2; time++) assert.ok(Buffer.from(artifact).equals(await whole(source, ref)))
    })

  test(`${name}: tells artifacts apart`, async (t) => {
    const { source, seed } = await open(t)
    const [first, second] = [denseArtifact(32, 32, 5), denseArtifact(32, 32, 6)]
    const refs = [await seed(first), await seed(second)]
    assert.notEqual(refs[0]!.id, refs[1]!.id)
    assert.deepEqual(await whole(source, refs[0]!), first)
    assert.deepEqual(await whole(source, refs[1]!), second)
  })

  test(`${name}: says that it does not have what it does not have`, async (t) => {
    const { source } = await open(t)
    assert.equal(await source.has(unknown), false)
    await assert.rejects(whole(source, unknown), isStoreError('notFound', source.name))
  })

  test(`${name}: gives no more and no fewer bytes than a reference says`, async (t) => {
    const { source, seed } = await open(t)
    const ref = await seed(denseArtifact(64, 64, 7))
    for (const size of [ref.size - 1, ref.size + 1, 0])
      await assert.rejects(
        fetchArtifact([source], { ...ref, size }, { identify: modelId }),
        (error: StoreError) => error.code === 'exhausted' && error.message.includes(source.name),
      )
  })

  test(`${name}: tells how far a reading is`, async (t) => {
    const { source, seed } = await open(t)
    const ref = await seed(artifacts['of several chunks']!)
    const told: number[] = []
    await fetchArtifact([source], ref, {
      identify: modelId,
      onProgress: ({ source: from, done, of }) => {
        assert.deepEqual([from, of], [source.name, ref.size])
        told.push(done)
      },
    })
    assert.deepEqual([told[0], told.at(-1)], [0, ref.size])
    assert.ok(
      told.length > 2 && told.every((done, index) => index === 0 || done > told[index - 1]!),
      `progress was told ${told.length} times: ${told}`,
    )
  })

  test(`${name}: a reading ends with its signal`, async (t) => {
    const { source, seed } = await open(t)
    const ref = await seed(artifacts['of several chunks']!)
    const stop = new AbortController()
    const reason = new Error('enough')
    const read = async () => {
      for await (const _ of source.read(ref, { signal: stop.signal })) stop.abort(reason)
    }
    await assert.rejects(read(), reason)
    await assert.rejects(fetchArtifact([source], ref, { identify: modelId, signal: stop.signal }), reason)
  })
}

export function storeSuite(name: string, open: (t: TestContext) => Promise<ArtifactStore>): void {
  sourceSuite(name, async (t) => {
    const store = await open(t)
    return { source: store, seed: (artifact) => store.put(artifact) }
  })

  test(`${name}: the same bytes have the same reference, however often they are put`, async (t) => {
    const store = await open(t)
    const artifact = artifacts['of several chunks']!
    assert.deepEqual(await store.put(artifact), await store.put(artifact))
    assert.equal((await store.put(artifacts['of one block']!)).cid, 'bafkreift63nl33rcw74p4pnjweevcyjm2752jhpiuzmgpxhn7hyupi6dl4')
  })

  test(`${name}: names a CID that is none`, async (t) => {
    const store = await open(t)
    const ref = await store.put(denseArtifact(8, 4))
    for (const cid of ['', 'no CID', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', `${ref.cid.slice(0, -1)}!`]) {
      await assert.rejects(whole(store, { ...ref, cid }), isStoreError('cidInvalid'))
      await assert.rejects(store.has({ ...ref, cid }), isStoreError('cidInvalid'))
    }
  })
}

export async function whole(source: ArtifactSource, ref: ArtifactRef): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of source.read(ref)) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

export const isStoreError =
  (code: StoreError['code'], source?: string) =>
  (error: StoreError): boolean => {
    assert.equal(error.name, 'StoreError', error.stack)
    assert.deepEqual([error.code, ...(source === undefined ? [] : [error.source])], [code, ...(source === undefined ? [] : [source])])
    return true
  }
