import assert from 'node:assert/strict'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { operators } from '../runtime/model/operators.ts'

const root = dirname(import.meta.dirname)

/** Where an operator's name is said again: globs below the repository's root. */
const homes = (name: string) => [
  `assembly/ops/${name}.ts`,
  `runtime/reference/${name}.ts`,
  `test/ops/${name}*.test.ts`,
  `bench/ops/${name}.ts`,
]

const missing = (root: string, names: readonly string[]) =>
  names.flatMap(homes).filter((glob) => globSync(glob, { cwd: root }).length === 0)

for (const { name } of operators)
  test(`${name} has its module code, its reference, its test and its bench`, () => assert.deepEqual(missing(root, [name]), []))

test('operators have different names and codes', () => {
  assert.equal(new Set(operators.map(({ name }) => name)).size, operators.length)
  assert.equal(new Set(operators.map(({ code }) => code)).size, operators.length)
})

test('an operator without a bench is found', () => {
  const tree = mkdtempSync(join(tmpdir(), 'infernode-operators-'))
  try {
    for (const path of ['assembly/ops/add.ts', 'runtime/reference/add.ts', 'test/ops/add.bounds.test.ts']) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), '')
    }
    assert.deepEqual(missing(tree, ['add']), ['bench/ops/add.ts'])
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
})
