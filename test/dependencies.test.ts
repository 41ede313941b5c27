import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = dirname(import.meta.dirname)
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const versions: Record<string, string> = { ...dependencies, ...devDependencies }

test('every dependency is pinned exactly', () =>
  assert.deepEqual(
    Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  ))

test('docs/dependencies.md says why each dependency is there, and of no other', () => {
  const rows = readFileSync(join(root, 'docs/dependencies.md'), 'utf8').matchAll(/^\| ([^|]+) \|/gm)
  const named = [...rows].flatMap(([, cell = '']) => cell.split(', ')).filter((name) => name !== 'package' && !name.startsWith('---'))
  assert.deepEqual(named.sort(), Object.keys(versions).sort())
})

test('the lock comes without addresses, so that any registry may serve it', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  assert.deepEqual(
    Object.entries<{ resolved?: string }>(packages).filter(([, { resolved }]) => resolved !== undefined),
    [],
  )
})

/** npm leaves out of a lock what the registry it is written with does not have, and `npm ci` then refuses the lock. */
test('the lock has the native packages of every platform', () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  )
  assert.deepEqual(missing, [])
})
