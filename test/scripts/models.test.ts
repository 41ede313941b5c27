/** npm run models, against a server of its own: the public one is out of a test's reach. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fetchModels, type PublicModel, publicModels } from '../../scripts/models.ts'

const bytes = Buffer.from('a model')
const model: PublicModel = {
  file: 'folder/a.tflite',
  repository: 'owner/name',
  commit: 'c0ffee',
  path: 'deep/a.tflite',
  licence: 'MIT',
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
}

let folder: string
const asked: string[] = []
const server = createServer(({ url }, response) => {
  asked.push(url ?? '')
  if (url === '/owner/name/c0ffee/deep/a.tflite') response.end(bytes)
  else response.writeHead(404).end()
})
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'infernode-models-'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

test('brings a model once, and again where it was changed', async () => {
  assert.deepEqual(await fetchModels([model], folder, base(), () => {}), [model.file])
  assert.deepEqual(await fetchModels([model], folder, base(), () => {}), [])
  writeFileSync(join(folder, model.file), 'changed')
  assert.deepEqual(await fetchModels([model], folder, base(), () => {}), [model.file])
  assert.deepEqual(readFileSync(join(folder, model.file)), bytes)
  assert.equal(asked.length, 2)
})

test('writes nothing of another hash, and says what could not be had', async () => {
  const other = { ...model, file: 'other.tflite', sha256: '00'.repeat(32) }
  await assert.rejects(
    fetchModels([other], folder, base(), () => {}),
    /wanted 0000.*nothing was written/,
  )
  assert.equal(existsSync(join(folder, 'other.tflite')), false)
  await assert.rejects(
    fetchModels([{ ...model, file: 'x', path: 'nowhere' }], folder, base(), () => {}),
    /nowhere answered 404/,
  )
})

test('every public model has a commit, a licence and a hash', () => {
  for (const { file, repository, commit, licence, sha256 } of publicModels) {
    assert.match(repository, /^[\w-]+\/[\w.-]+$/, file)
    assert.match(commit, /^[0-9a-f]{40}$/, file)
    assert.match(sha256, /^[0-9a-f]{64}$/, file)
    assert.notEqual(licence, '', file)
  }
})
