import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allMethods, namespaces } from '../../node/rpc/table.ts'
import { version } from '../../node/version.ts'
import { docsPath, withMethodTable } from '../../scripts/docs-rpc.ts'

test('docs/rpc.md lists the methods as they are declared (npm run docs:rpc)', () => {
  const text = readFileSync(docsPath, 'utf8')
  assert.equal(withMethodTable(text), text)
})

test('every method stands in its own namespace, once, and says what it does', () => {
  for (const [namespace, methods] of Object.entries(namespaces)) {
    for (const { name, summary } of methods) {
      assert.equal(name.split('_')[0], namespace)
      assert.match(summary, /^\S.*\.$/, name)
    }
  }
  assert.equal(new Set(allMethods.map(({ name }) => name)).size, allMethods.length)
})

test('the version is the package’s', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.equal(version, manifest.version)
})
